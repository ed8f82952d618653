/** Files in words: sizes, times, the way to a folder, and the order in which they are shown. */
import type { FileEntry } from '../../protocol/files.ts';

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'];

/** `812 B`, `3.4 MB`: three figures at most. */
export function sizeText(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${unit > 0 && value < 9.95 ? value.toFixed(1) : Math.round(value)} ${UNITS[unit]!}`;
}

const times = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });

export function timeText(at: string | null): string {
  return at === null ? '' : times.format(new Date(at));
}

export interface Crumb {
  name: string;
  path: string;
}

/** From the folder that nobody goes above down to this one. */
export function crumbsOf(path: string, root: string): Crumb[] {
  const inside = path === root ? '' : path.slice(root === '/' ? 1 : root.length + 1);
  const crumbs: Crumb[] = [{ name: root === '/' ? '/' : root.slice(root.lastIndexOf('/') + 1), path: root }];
  for (const name of inside.split('/').filter(Boolean)) crumbs.push({ name, path: joined(crumbs.at(-1)!.path, name) });
  return crumbs;
}

export function joined(directory: string, name: string): string {
  return directory.endsWith('/') ? directory + name : `${directory}/${name}`;
}

const byName = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' });

/** Folders first; what begins with a dot only on demand. */
export function shownEntries(entries: readonly FileEntry[], withHidden: boolean): FileEntry[] {
  const rank = ({ kind }: FileEntry) => (kind === 'directory' ? 0 : 1);
  return entries
    .filter(({ name }) => withHidden || !name.startsWith('.'))
    .sort((a, b) => rank(a) - rank(b) || byName.compare(a.name, b.name) || (a.name < b.name ? -1 : 1));
}
