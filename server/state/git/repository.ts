/** Where the repository of a directory is, found without git, which would believe its settings while it looks. */
import { constants } from 'node:fs';
import { lstat, open, readFile, realpath } from 'node:fs/promises';
import { dirname, isAbsolute, join, resolve, sep } from 'node:path';

export interface Repository {
  workTree: string;
  /** Of this working tree: its HEAD and index. */
  gitDir: string;
  /** What all its working trees share: objects and branches. The same as gitDir except in a linked one. */
  commonDir: string;
}

const MAX_SMALL_BYTES = 1024 * 1024;

/**
 * The repository that `directory` lies in, looked for no higher than `within`; undefined when there is none.
 * One whose own files lie outside of `within` is none either: a `.git` file may name anyone's.
 */
export async function findRepository(directory: string, within: string): Promise<Repository | undefined> {
  const top = await realpath(within).catch(() => undefined);
  const start = await realpath(directory).catch(() => undefined);
  if (!top || !start) return undefined;
  for (let at = start; isInside(top, at); at = dirname(at)) {
    const found = await repositoryAt(at, top);
    if (found !== 'none') return found;
    if (at === dirname(at)) break;
  }
  return undefined;
}

/** Where a person's files lie on this shard. */
export interface Premises {
  home: string;
  root: string;
  isUnbounded: boolean;
}

/** That of a person's directory. One that holds a whole home is their settings, and too much to be looked through. */
export async function repositoryOf(directory: string, premises: Premises): Promise<Repository | undefined> {
  const repository = await findRepository(directory, premises.isUnbounded ? '/' : premises.root);
  const home = await realpath(premises.home).catch(() => premises.home);
  return repository && !isInside(repository.workTree, home) ? repository : undefined;
}

async function repositoryAt(workTree: string, top: string): Promise<Repository | 'none' | undefined> {
  const dotGit = join(workTree, '.git');
  const stats = await lstat(dotGit).catch(() => undefined);
  if (!stats) return 'none';
  const named = stats.isDirectory() ? dotGit : /^gitdir: (.*)$/m.exec((await smallText(dotGit)) ?? '')?.[1];
  if (!named) return undefined;
  const gitDir = await realpath(resolve(workTree, named)).catch(() => undefined);
  if (!gitDir || !isInside(top, gitDir) || !(await isThere(join(gitDir, 'HEAD')))) return undefined;
  const common = (await smallText(join(gitDir, 'commondir')))?.trim();
  const commonDir = common
    ? await realpath(isAbsolute(common) ? common : join(gitDir, common)).catch(() => '')
    : gitDir;
  return commonDir && isInside(top, commonDir) ? { workTree, gitDir, commonDir } : undefined;
}

export function isInside(root: string, path: string): boolean {
  return path === root || path.startsWith(root.endsWith(sep) ? root : root + sep);
}

/** The text of a small regular file; undefined for anything else. No link is followed at its end. */
export async function smallText(path: string): Promise<string | undefined> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(
    () => undefined,
  );
  if (!file) return undefined;
  try {
    const stats = await file.stat();
    return stats.isFile() && stats.size <= MAX_SMALL_BYTES ? await file.readFile('utf8') : undefined;
  } catch {
    return undefined;
  } finally {
    await file.close();
  }
}

const isThere = (path: string) =>
  lstat(path).then(
    () => true,
    () => false,
  );

/** Patterns that the person's own settings add to each repository's: what they call ignored is not stored. */
export async function personalExcludes(home: string, settings: readonly [string, string][]): Promise<string> {
  const own = settings.findLast(([key]) => key === 'core.excludesfile')?.[1];
  const named =
    own ?? /^\s*excludesfile\s*=\s*"?([^"\n]*)"?\s*$/im.exec((await smallText(join(home, '.gitconfig'))) ?? '')?.[1];
  const path = named ? named.replace(/^~(?=\/)/, home) : join(home, '.config/git/ignore');
  return isAbsolute(path) ? await readFile(path, 'utf8').catch(() => '') : '';
}
