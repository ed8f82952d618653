/** What a drop or a paste holds: files to be uploaded, or something for others. */

/** Of one drop. More is better packed into one file. */
export const MAX_FILES = 50;

export interface GivenFiles {
  files: File[];
  /** Folders cannot be taken. */
  hasFolders: boolean;
}

export function hasFiles(data: DataTransfer | null): boolean {
  return data?.types.includes('Files') ?? false;
}

export function droppedFiles(data: DataTransfer): GivenFiles {
  const items = [...data.items].filter(({ kind }) => kind === 'file');
  const folders = items.filter((item) => item.webkitGetAsEntry()?.isDirectory);
  const files = items.filter((item) => !folders.includes(item)).flatMap((item) => item.getAsFile() ?? []);
  return { files, hasFolders: folders.length > 0 };
}

/** Cells of a table are text, and come with a picture of themselves; null when the paste is the terminal's. */
export function pastedFiles(data: DataTransfer | null, now: Date): GivenFiles | null {
  if (!data || data.files.length === 0) return null;
  if (data.types.includes('text/plain') && data.types.includes('text/html')) return null;
  return { files: [...data.files].map((file) => named(file, now)), hasFolders: false };
}

/** Ctrl+Shift+V is to paste text alone: the browser leaves everything else out of the event. */
export function isEmptyPaste(data: DataTransfer | null): boolean {
  return !data || data.types.length === 0;
}

/** Asked of the browser itself; null where there is none, or the page may not read it. */
export async function clipboardPicture(now: Date): Promise<GivenFiles | null> {
  const items = (await navigator.clipboard?.read?.().catch(() => null)) ?? [];
  const item = items.find(({ types }) => types.includes('image/png'));
  if (!item) return null;
  const picture = new File([await item.getType('image/png')], 'image.png', { type: 'image/png' });
  return { files: [named(picture, now)], hasFolders: false };
}

/** Browsers call every picture of the clipboard `image.png`. */
function named(file: File, now: Date): File {
  const ending = /^image\.(\w+)$/.exec(file.name)?.[1];
  return ending ? new File([file], `pasted-${stamp(now)}.${ending}`, { type: file.type }) : file;
}

/** `20261125-093005`, by the clock on the wall. */
function stamp(now: Date): string {
  const two = (value: number) => String(value).padStart(2, '0');
  const day = [now.getFullYear(), two(now.getMonth() + 1), two(now.getDate())].join('');
  return `${day}-${[now.getHours(), now.getMinutes(), now.getSeconds()].map(two).join('')}`;
}
