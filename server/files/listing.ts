/** What lies in a directory, as it is shown to its person. */
import { opendir, lstat, realpath, stat } from 'node:fs/promises';
import { MAX_LISTED, type FileEntry, type FileList } from '../../protocol/files.ts';
import { isInside } from '../state/git/repository.ts';
import { fileError } from './fileErrors.ts';
import { openDirectory, type OpenDirectory, type Place } from './places.ts';

/** Looked at together: enough to keep the disk busy, few enough to leave the others their turn. */
const BATCH = 64;

/** @param maxListed for tests */
export async function listDirectory(place: Place, path: string, maxListed = MAX_LISTED): Promise<FileList> {
  const directory = await openDirectory(place, path);
  try {
    const { names, isCut } = await namesIn(directory, maxListed);
    const { workspace, cwd } = place;
    const root = workspace.isUnbounded ? '/' : await realpath(workspace.root);
    const entries: FileEntry[] = [];
    for (let at = 0; at < names.length; at += BATCH)
      entries.push(...(await Promise.all(names.slice(at, at + BATCH).map((name) => look(directory, name, root)))));
    return { path: directory.path, root, cwd, entries, isCut };
  } finally {
    await directory.close();
  }
}

async function namesIn(directory: OpenDirectory, maxListed: number): Promise<{ names: string[]; isCut: boolean }> {
  const names: string[] = [];
  const listing = await opendir(directory.here).catch((error: unknown) => {
    throw fileError(error, `directory ${directory.path}`);
  });
  for await (const { name } of listing) {
    if (names.length === maxListed) return { names, isCut: true };
    names.push(name);
  }
  return { names, isCut: false };
}

/** Of a link that leads out of `root` nothing is told, not even whether there is something at its end. */
async function look(directory: OpenDirectory, name: string, root: string): Promise<FileEntry> {
  const at = directory.entry(name);
  const own = await lstat(at).catch(() => undefined);
  const isLink = own?.isSymbolicLink() ?? false;
  const target = isLink ? await realpath(at).catch(() => undefined) : at;
  const stats = !isLink
    ? own
    : target && isInside(root, target)
      ? await stat(target).catch(() => undefined)
      : undefined;
  const kind = stats?.isFile() ? 'file' : stats?.isDirectory() ? 'directory' : 'other';
  return {
    name,
    kind,
    isLink,
    sizeBytes: stats?.isFile() ? stats.size : null,
    modifiedAt: (stats ?? own)?.mtime.toISOString() ?? null,
  };
}
