/** What was changed in a repository since its last commit, read as decision 0019 says: without its settings, and without a trace in it. */
import { randomUUID } from 'node:crypto';
import { lstat, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../../protocol/errors.ts';
import { MAX_CHANGED_FILES, MAX_DIFF_BYTES, type Changes, type FileDiff } from '../../protocol/files.ts';
import { repositoryOf } from '../state/git/repository.ts';
import { GitError, GitOutputTooLarge } from '../state/git/runGit.ts';
import { Shadow } from '../state/git/shadow.ts';
import { entriesOf, list } from '../state/git/workState.ts';
import { changedFiles, readDifferences, readStatus, type Status } from './changeList.ts';
import type { Place } from './places.ts';

const STATUS = ['status', '--porcelain=v2', '-z', '--ignore-submodules=all', '--no-renames', '--untracked-files=all'];
/** Nothing that attributes name is run, and what is larger than anyone reads counts as binary. */
const DIFF = ['-c', 'core.bigFileThreshold=16m', '--literal-pathspecs', 'diff', '--no-ext-diff', '--no-textconv'];
const HOW = ['--no-color', '--find-renames', '--ignore-submodules=all'];
/** Of what git does not know yet, so many files of at most this size are read to count their lines. */
const MAX_COUNTED = 500;
const MAX_COUNTED_BYTES = 1024 * 1024;
const IS_BINARY = /^Binary files .* differ$/m;

export class ChangeReader {
  /** @param scratch a folder of ours; what is left in it by an earlier life is removed by `clean` */
  constructor(private readonly scratch: string) {}

  async clean(): Promise<void> {
    await rm(this.scratch, { recursive: true, force: true });
  }

  /** @throws AppError `changes.unreadable` */
  list(place: Place, signal: AbortSignal): Promise<Changes> {
    const none = { repository: null, files: [], isCut: false };
    return this.#read<Changes>(place, none, async (shadow) => {
      const status = readStatus(entriesOf(await shadow.git(STATUS, { signal })));
      await count(shadow, status, signal);
      const args = [...DIFF, '--raw', '--numstat', '-z', ...HOW, await baseOf(shadow), '--'];
      const files = changedFiles(status, readDifferences(entriesOf(await shadow.git(args, { signal }))));
      return {
        repository: { workTree: shadow.repository.workTree, branch: branchIn(await shadow.head) },
        files: files.slice(0, MAX_CHANGED_FILES),
        isCut: files.length > MAX_CHANGED_FILES,
      };
    });
  }

  /** @throws AppError `changes.unreadable` */
  diff(place: Place, wanted: { path: string; from?: string | undefined }, signal: AbortSignal): Promise<FileDiff> {
    const same = { kind: 'same', diff: '', isCut: false } as const;
    return this.#read<FileDiff>(place, same, async (shadow) => {
      const paths = [wanted.path, ...(wanted.from === undefined ? [] : [wanted.from])];
      const untracked = entriesOf(
        await shadow.git(['--literal-pathspecs', ...STATUS, '--', wanted.path], { signal }),
      ).filter((entry) => entry.startsWith('? '));
      await enterNew(
        shadow,
        untracked.map((entry) => entry.slice(2)),
        signal,
      );
      try {
        return shown(await shadow.git([...DIFF, ...HOW, await baseOf(shadow), '--', ...paths], { signal }));
      } catch (error) {
        if (error instanceof GitOutputTooLarge) return { ...same, kind: 'tooLarge' };
        throw error;
      }
    });
  }

  async #read<T>({ cwd, workspace }: Place, none: T, work: (shadow: Shadow) => Promise<T>): Promise<T> {
    const folder = join(this.scratch, randomUUID());
    try {
      const repository = await repositoryOf(cwd, workspace);
      if (!repository) return none;
      await mkdir(this.scratch, { recursive: true, mode: 0o700 });
      return await work(await Shadow.of(repository, workspace.home, folder));
    } catch (error) {
      throw unreadable(error);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }
}

/** Makes git count the lines of what it does not know yet: the small ones, the rest is named only. */
async function count(shadow: Shadow, { untracked }: Status, signal: AbortSignal): Promise<void> {
  const top = Buffer.from(`${shadow.repository.workTree}/`);
  const small: string[] = [];
  for (const path of untracked.slice(0, MAX_COUNTED)) {
    const stats = await lstat(Buffer.concat([top, Buffer.from(path, 'latin1')])).catch(() => undefined);
    if (stats && !stats.isDirectory() && stats.size <= MAX_COUNTED_BYTES) small.push(path);
  }
  await enterNew(shadow, small, signal);
}

/** Enters files in our copy of the index as to be added, without reading them. */
async function enterNew(shadow: Shadow, paths: readonly string[], signal: AbortSignal): Promise<void> {
  const files = paths.filter((path) => !path.endsWith('/'));
  if (files.length === 0) return;
  const args = ['--literal-pathspecs', 'add', '--intent-to-add', '--pathspec-from-file=-', '--pathspec-file-nul'];
  await shadow.git(args, { input: list(files), signal });
}

/** Before the first commit everything is new. */
async function baseOf(shadow: Shadow): Promise<string> {
  const commit = await shadow.text(['rev-parse', '--verify', '--quiet', 'HEAD^{commit}']).catch(() => '');
  return commit || (await shadow.text(['hash-object', '-t', 'tree', '--stdin']));
}

function branchIn(head: string): string {
  return /^ref: refs\/heads\/(.+)$/.exec(head)?.[1] ?? head.slice(0, 10);
}

function shown(output: Buffer): FileDiff {
  if (output.length === 0) return { kind: 'same', diff: '', isCut: false };
  const isCut = output.length > MAX_DIFF_BYTES;
  const end = isCut ? output.lastIndexOf('\n', MAX_DIFF_BYTES - 1) + 1 : output.length;
  const diff = output.subarray(0, end || MAX_DIFF_BYTES).toString('utf8');
  const isBinary = !diff.includes('\n@@ ') && IS_BINARY.test(diff);
  return isBinary ? { kind: 'binary', diff: '', isCut: false } : { kind: 'text', diff, isCut };
}

/** What git itself says may name folders of ours, and is for the log. */
function unreadable(error: unknown): unknown {
  const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
  if (isMissing) return new AppError('changes.unreadable', 'there is no git on this shard', { cause: error });
  if (error instanceof GitOutputTooLarge)
    return new AppError('changes.unreadable', 'more was changed than can be shown', { cause: error });
  if (!(error instanceof GitError)) return error;
  const reason = error.message.startsWith('git ') ? 'git could not read it' : error.message;
  return new AppError('changes.unreadable', `the repository cannot be shown: ${reason}`, { cause: error });
}
