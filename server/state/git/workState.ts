/** The state of a working tree: what is staged, changed and new in it, as trees that are written into a shadow. */
import { createHash } from 'node:crypto';
import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { FILE_BYTES, MAX_FILES } from '../limits.ts';
import type { LeftOut } from '../manifest.ts';
import { smallText } from './repository.ts';
import { GitOutputTooLarge } from './runGit.ts';
import type { Shadow } from './shadow.ts';

const STATUS = ['status', '--porcelain=v2', '-z', '--ignore-submodules=all', '--no-renames'];
/** What tells of a merge, a pick or a revert that is going on. */
export const IN_PROGRESS = ['MERGE_HEAD', 'MERGE_MSG', 'MERGE_MODE', 'CHERRY_PICK_HEAD', 'REVERT_HEAD', 'SQUASH_MSG'];

export interface WorkChanges {
  /** Files to be stored as they lie there, or as gone. */
  paths: string[];
  unmerged: Buffer;
  gitFiles: { name: string; text: string }[];
  leftOut: LeftOut[];
  /** Differs when anything has changed, without anything having been read but sizes and times. */
  fingerprint: string;
}

export interface WorkState extends WorkChanges {
  stateId: string;
  head: string;
  headCommit: string | null;
  indexTree: string;
  workTree: string;
}

/** A look: cheap enough to be had every few minutes. @param budgetBytes for all files together */
export async function changesOf(shadow: Shadow, budgetBytes: number): Promise<WorkChanges> {
  const leftOut: LeftOut[] = [];
  const unmerged = await shadow.git(['ls-files', '--unmerged', '-z']);
  const status = await statusOf(shadow, leftOut);
  const listed = pathsIn(status);
  for (const path of listed.filter((one) => one.endsWith('/')))
    leftOut.push({ what: path, why: 'a repository of its own' });
  const { paths, signs } = await bounded(
    shadow,
    listed.filter((one) => !one.endsWith('/')),
    budgetBytes,
    leftOut,
  );
  const gitFiles = await gitFilesOf(shadow);
  await nameOthers(shadow, leftOut);
  const refs = await shadow.text(['for-each-ref', '--format=%(objectname) %(refname)']);
  const hash = createHash('sha256');
  for (const part of [await shadow.head, refs, status, unmerged, JSON.stringify([gitFiles, signs])])
    hash.update(part).update('\0');
  return { paths, unmerged, gitFiles, leftOut, fingerprint: hash.digest('hex') };
}

/** The same with its trees. Only what has changed is read. */
export async function stateOf(shadow: Shadow, budgetBytes: number): Promise<WorkState> {
  const changes = await changesOf(shadow, budgetBytes);
  const merged = await shadow.copyOfIndex('index.merged');
  const pathsOfUnmerged = unique(entriesOf(changes.unmerged).map((entry) => entry.slice(entry.indexOf('\t') + 1)));
  if (pathsOfUnmerged.length > 0)
    await shadow.git(['update-index', '--force-remove', '-z', '--stdin'], { input: list(pathsOfUnmerged) }, merged);
  const indexTree = await shadow.text(['write-tree'], {}, merged);
  await shadow.git(
    ['update-index', '--add', '--remove', '--replace', '-z', '--stdin'],
    { input: list(changes.paths) },
    merged,
  );
  const workTree = await shadow.text(['write-tree'], {}, merged);
  const head = await shadow.head;
  const headCommit = (await shadow.text(['rev-parse', '--verify', '--quiet', 'HEAD^{commit}']).catch(() => '')) || null;
  const branches = await shadow.text(['for-each-ref', '--format=%(objectname) %(refname)', 'refs/heads', 'refs/stash']);
  const hash = createHash('sha256');
  for (const part of [
    head,
    headCommit ?? '',
    indexTree,
    workTree,
    branches,
    changes.unmerged,
    JSON.stringify(changes.gitFiles),
  ])
    hash.update(part).update('\0');
  return { ...changes, stateId: hash.digest('hex'), head, headCommit, indexTree, workTree };
}

/** Entries of NUL-separated output. */
export const entriesOf = (output: Buffer): string[] => output.toString('latin1').split('\0').filter(Boolean);
/** Names need not be UTF-8: bytes stay bytes. */
export const list = (entries: readonly string[]): Buffer =>
  Buffer.from(entries.map((one) => `${one}\0`).join(''), 'latin1');
const unique = (all: readonly string[]) => [...new Set(all)];

async function statusOf(shadow: Shadow, leftOut: LeftOut[]): Promise<Buffer> {
  try {
    return await shadow.git([...STATUS, '--untracked-files=all']);
  } catch (error) {
    if (!(error instanceof GitOutputTooLarge)) throw error;
    leftOut.push({ what: 'untracked files', why: 'there are too many' });
    return shadow.git([...STATUS, '--untracked-files=no']);
  }
}

/** Paths whose file is not what the index has, in git-status(1)'s porcelain format 2. */
function pathsIn(status: Buffer): string[] {
  return entriesOf(status).flatMap((entry) => {
    if (entry.startsWith('? ')) return [entry.slice(2)];
    const fields = entry.split(' ');
    if (fields[0] === 'u') return [fields.slice(10).join(' ')];
    return fields[0] === '1' && fields[1]![1] !== '.' ? [fields.slice(8).join(' ')] : [];
  });
}

/** The small ones first, as long as they fit. */
async function bounded(shadow: Shadow, listed: readonly string[], budgetBytes: number, leftOut: LeftOut[]) {
  const looked = await Promise.all(
    listed.slice(0, MAX_FILES).map(async (path) => {
      const absolute = Buffer.concat([Buffer.from(`${shadow.repository.workTree}/`), Buffer.from(path, 'latin1')]);
      const stats = await lstat(absolute).catch(() => undefined);
      const isStorable = !stats || stats.isFile() || stats.isSymbolicLink();
      return { path, size: stats?.isFile() ? stats.size : 0, time: stats?.mtimeMs ?? 0, isStorable };
    }),
  );
  if (listed.length > MAX_FILES)
    leftOut.push({ what: `${listed.length - MAX_FILES} files`, why: 'there are too many' });
  let left = budgetBytes;
  const why = ({ size, isStorable }: (typeof looked)[number]) => {
    if (!isStorable) return 'not a file';
    if (size > FILE_BYTES) return 'too large';
    if (size > left) return 'no room left';
    left -= size;
    return undefined;
  };
  const paths: string[] = [];
  for (const one of looked.toSorted((a, b) => a.size - b.size)) {
    const reason = why(one);
    if (reason) leftOut.push({ what: Buffer.from(one.path, 'latin1').toString(), why: reason });
    else paths.push(one.path);
  }
  return { paths, signs: looked.map(({ path, size, time }) => [path, size, time]) };
}

async function gitFilesOf({ repository }: Shadow): Promise<WorkChanges['gitFiles']> {
  const found: WorkChanges['gitFiles'] = [];
  for (const name of IN_PROGRESS) {
    const text = await smallText(join(repository.gitDir, name));
    if (text !== undefined) found.push({ name, text });
  }
  const stashes = await smallText(join(repository.commonDir, 'logs/refs/stash'));
  if (stashes) found.push({ name: 'logs/refs/stash', text: stashes });
  return found;
}

async function nameOthers({ repository }: Shadow, leftOut: LeftOut[]): Promise<void> {
  for (const name of ['rebase-merge', 'rebase-apply']) {
    if (await lstat(join(repository.gitDir, name)).catch(() => undefined))
      leftOut.push({ what: 'a rebase in progress', why: 'its files are stored, its steps are not' });
  }
  const modules = (await smallText(join(repository.workTree, '.gitmodules'))) ?? '';
  for (const [, path] of modules.matchAll(/^\s*path\s*=\s*(.+?)\s*$/gm))
    leftOut.push({ what: path!, why: 'a submodule' });
}
