/** Reads what `git status` and `git diff` say about a working tree. Names need not be UTF-8: here they are latin1, a character for a byte. */
import type { ChangedFile, ChangeState } from '../../protocol/files.ts';

const LETTERS: Record<string, ChangeState> = {
  A: 'added',
  C: 'added',
  D: 'deleted',
  M: 'modified',
  R: 'renamed',
  T: 'type',
  U: 'conflict',
};

export interface Status {
  /** By path: the two letters of git-status(1)'s porcelain format 2. */
  tracked: Map<string, string>;
  conflicts: Set<string>;
  /** A path that ends in a slash is a repository of its own. */
  untracked: string[];
}

/** @param entries of `git status --porcelain=v2 -z --no-renames` */
export function readStatus(entries: readonly string[]): Status {
  const status: Status = { tracked: new Map(), conflicts: new Set(), untracked: [] };
  for (const entry of entries) {
    const fields = entry.split(' ');
    if (fields[0] === '?') status.untracked.push(entry.slice(2));
    else if (fields[0] === 'u') status.conflicts.add(fields.slice(10).join(' '));
    else if (fields[0] === '1') status.tracked.set(fields.slice(8).join(' '), fields[1]!);
  }
  return status;
}

interface Counted {
  added: number | null;
  deleted: number | null;
}

export interface Difference extends Counted {
  path: string;
  from: string | null;
  letter: string;
}

/** @param entries of `git diff --raw --numstat -z`: all raw ones first, each with one path or two, then the counts in the same form */
export function readDifferences(entries: readonly string[]): Difference[] {
  const differences = new Map<string, Difference>();
  for (let at = 0; at < entries.length;) {
    const head = entries[at++]!;
    if (head.startsWith(':')) {
      const letter = head.split(' ')[4]![0]!;
      const from = letter === 'R' || letter === 'C' ? entries[at++]! : null;
      const path = entries[at++]!;
      differences.set(path, { path, from, letter, added: null, deleted: null });
      continue;
    }
    const [added, deleted, ...rest] = head.split('\t');
    const named = rest.join('\t');
    const path = named === '' ? entries[at + 1]! : named;
    if (named === '') at += 2;
    const known = differences.get(path);
    if (known) Object.assign(known, { added: count(added), deleted: count(deleted) } satisfies Counted);
  }
  return [...differences.values()];
}

/** One line for each file that is not as the last commit has it, by path. */
export function changedFiles(status: Status, differences: readonly Difference[]): ChangedFile[] {
  const known = new Map(differences.map((one) => [one.path, one]));
  const gone = new Set(differences.flatMap(({ letter, from }) => (letter === 'R' && from !== null ? [from] : [])));
  const uncounted = [...status.untracked, ...status.conflicts].filter((path) => !known.has(path));
  const untracked = new Set(status.untracked);
  const lines = [
    ...differences,
    ...uncounted.map((path) => ({ path, from: null, letter: 'A', added: null, deleted: null })),
  ];
  return lines
    .filter(({ path, letter }) => !(letter === 'D' && gone.has(path)))
    .map(({ path, from, letter, added, deleted }) => ({
      path: text(path),
      from: from === null ? null : text(from),
      state: stateOf(path, letter, status, untracked),
      staged: stagedOf(status.tracked.get(path)),
      added,
      deleted,
    }))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

function stateOf(path: string, letter: string, { conflicts }: Status, untracked: ReadonlySet<string>): ChangeState {
  if (conflicts.has(path)) return 'conflict';
  if (letter === 'R') return 'renamed';
  return untracked.has(path) ? 'untracked' : (LETTERS[letter] ?? 'modified');
}

/** @param letters of the index against the commit, and of the file against the index; a dot is no difference */
function stagedOf(letters: string | undefined): ChangedFile['staged'] {
  if (letters === undefined || letters[0] === '.') return 'none';
  return letters[1] === '.' ? 'all' : 'some';
}

/** A dash is for what has no lines. */
function count(text: string | undefined): number | null {
  return text === undefined || text === '-' ? null : Number(text);
}

/** latin1, byte by byte, as the UTF-8 that it mostly is. */
export function text(path: string): string {
  return Buffer.from(path, 'latin1').toString('utf8');
}
