/**
 * Opens what a person names in their workspace. What was opened is what is judged: its real place is asked of the system after
 * the fact, so that no program of theirs can put a link in the way between the look and the use.
 */
import { constants } from 'node:fs';
import { lstat, open, readlink, realpath, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { AppError } from '../../protocol/errors.ts';
import { existingDirectory, type Workspace } from '../projects/workspace.ts';
import { isInside } from '../state/git/repository.ts';
import { fileError } from './fileErrors.ts';

/** Where a session is: its owner's workspace, and the directory that relative paths begin at. */
export interface Place {
  workspace: Workspace;
  cwd: string;
}

const CODES = { outside: 'file.outside', missing: 'file.not_found' } as const;
/** Linux names what a descriptor has open; there, paths through it cannot be led astray. */
const HAS_DESCRIPTOR_PATHS = process.platform === 'linux';
const { O_RDONLY, O_DIRECTORY, O_NOFOLLOW, O_NONBLOCK } = constants;

export class OpenDirectory {
  constructor(
    readonly path: string,
    private readonly handle: FileHandle,
  ) {}

  /** The directory itself, for calls that want a path. */
  get here(): string {
    return HAS_DESCRIPTOR_PATHS ? `/proc/self/fd/${this.handle.fd}` : this.path;
  }

  entry(name: string): string {
    return join(this.here, name);
  }

  close(): Promise<void> {
    return this.handle.close();
  }
}

/** @throws AppError `file.outside`, `file.not_found`, `file.not_permitted` */
export async function openDirectory({ workspace, cwd }: Place, path: string): Promise<OpenDirectory> {
  const wanted = existingDirectory(workspace, cwd, path, CODES);
  return openAt(wanted, wanted, workspace);
}

/** One in a directory that is open; a link is refused. */
export function openSubdirectory(parent: OpenDirectory, name: string, workspace: Workspace): Promise<OpenDirectory> {
  return openAt(parent.entry(name), join(parent.path, name), workspace);
}

/** A regular file that the person may read. @throws AppError as `openDirectory` */
export async function openFile(place: Place, path: string): Promise<{ handle: FileHandle; sizeBytes: number }> {
  const directory = await openDirectory(place, dirname(path));
  try {
    const name = basename(path);
    const at = directory.entry(name);
    // A pipe that nobody writes to would be waited for.
    const handle = await open(at, O_RDONLY | O_NONBLOCK).catch((error: unknown) => {
      throw fileError(error, `file ${name}`);
    });
    try {
      await assertInside(handle, at, place.workspace, name);
      const stats = await handle.stat();
      if (!stats.isFile()) throw new AppError('file.not_found', `${name} is not a file`);
      return { handle, sizeBytes: stats.size };
    } catch (error) {
      await handle.close();
      throw error;
    }
  } finally {
    await directory.close();
  }
}

async function openAt(at: string, path: string, workspace: Workspace): Promise<OpenDirectory> {
  const handle = await open(at, O_RDONLY | O_DIRECTORY | O_NOFOLLOW).catch((error: unknown) => {
    throw fileError(error, `directory ${basename(path)}`);
  });
  try {
    await assertInside(handle, at, workspace, basename(path));
    return new OpenDirectory(path, handle);
  } catch (error) {
    await handle.close();
    throw error;
  }
}

async function assertInside(handle: FileHandle, at: string, workspace: Workspace, name: string): Promise<void> {
  if (workspace.isUnbounded) return;
  const real = HAS_DESCRIPTOR_PATHS ? await readlink(`/proc/self/fd/${handle.fd}`) : await placeOfSame(handle, at);
  if (real !== undefined && isInside(await realpath(workspace.root), real)) return;
  throw new AppError(CODES.outside, `${name} lies outside your workspace`);
}

/** Where the path leads now, if that is still what was opened. */
async function placeOfSame(handle: FileHandle, at: string): Promise<string | undefined> {
  const real = await realpath(at);
  const [opened, there] = await Promise.all([handle.stat(), lstat(real)]);
  return opened.ino === there.ino && opened.dev === there.dev ? real : undefined;
}
