/** Takes in one file: under a name of ours while it comes, under its own when all of it is there, and nothing of it otherwise. */
import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat, writeFile, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { AppError } from '../../protocol/errors.ts';
import { MAX_UPLOAD_BYTES, UPLOAD_FOLDER, type Uploaded } from '../../protocol/files.ts';
import { fileError } from './fileErrors.ts';
import { numbered, safeName } from './names.ts';
import { openDirectory, openSubdirectory, type OpenDirectory, type Place } from './places.ts';

const PART = /^\.holdfast-[0-9a-f-]{36}\.part$/;
/** A part that nothing was written to for so long was left by a process that was killed. */
const LEFTOVER_MS = 60 * 60 * 1000;
const MAX_NUMBER = 1_000;
const NEW_FILE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;

export interface Upload {
  name: string;
  /** Absent: the folder for uploads of this place. */
  directory: string | undefined;
  /** What it says to be; undefined when it does not say. */
  length: number | undefined;
}

/** @throws AppError those of `openDirectory`, `file.too_large`, `file.upload_cut`, `file.disk_full` */
export async function receive(
  place: Place,
  upload: Upload,
  source: Readable,
  maxBytes = MAX_UPLOAD_BYTES,
): Promise<Uploaded> {
  if ((upload.length ?? 0) > maxBytes) throw tooLarge(maxBytes);
  const directory =
    upload.directory === undefined ? await uploadFolder(place) : await openDirectory(place, upload.directory);
  try {
    await clearLeftovers(directory);
    return await receiveInto(directory, upload, source, maxBytes);
  } catch (error) {
    throw fileError(error, `directory ${directory.path}`);
  } finally {
    await directory.close();
  }
}

async function receiveInto(directory: OpenDirectory, upload: Upload, source: Readable, maxBytes: number) {
  const part = directory.entry(`.holdfast-${randomUUID()}.part`);
  const file = await open(part, NEW_FILE, 0o644);
  try {
    const sizeBytes = await writeAll(source, file, maxBytes);
    // A request that breaks off between two chunks may look like one that has ended.
    if (upload.length !== undefined && sizeBytes !== upload.length) throw cut();
    const name = await settle(directory, part, safeName(upload.name));
    return { path: join(directory.path, name), name, sizeBytes };
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  } finally {
    await file.close();
  }
}

/** The source is left open: whoever sends is to be told why not more of it is wanted. */
async function writeAll(source: Readable, file: FileHandle, maxBytes: number): Promise<number> {
  const chunks = source.iterator({ destroyOnReturn: false }) as AsyncIterableIterator<Buffer>;
  let sizeBytes = 0;
  for (;;) {
    const next = await chunks.next().catch((error: unknown) => {
      throw cut(error);
    });
    if (next.done) return sizeBytes;
    sizeBytes += next.value.length;
    if (sizeBytes > maxBytes) throw tooLarge(maxBytes);
    await file.writeFile(next.value);
  }
}

/** Gives it its name, or the next that is free. The name is taken first, so that nothing is ever replaced. */
async function settle(directory: OpenDirectory, part: string, wanted: string): Promise<string> {
  for (let number = 1; number <= MAX_NUMBER; number++) {
    const name = number === 1 ? wanted : numbered(wanted, number);
    const taken = await open(directory.entry(name), NEW_FILE, 0o644).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'EEXIST') return undefined;
      throw error;
    });
    if (!taken) continue;
    await taken.close();
    await rename(part, directory.entry(name)).catch(async (error: unknown) => {
      await rm(directory.entry(name), { force: true });
      throw error;
    });
    return name;
  }
  throw new AppError('input.invalid', `there are too many files called ${wanted}`);
}

/** Below the session's directory, where an agent may read; ignored by git through itself, so that no file of the person's is touched. */
async function uploadFolder(place: Place): Promise<OpenDirectory> {
  const parent = await openDirectory(place, '.');
  try {
    await mkdir(parent.entry(UPLOAD_FOLDER), { mode: 0o755 }).catch(unless('EEXIST'));
    const folder = await openSubdirectory(parent, UPLOAD_FOLDER, place.workspace);
    await writeFile(folder.entry('.gitignore'), '*\n', { flag: 'wx' }).catch(unless('EEXIST'));
    return folder;
  } catch (error) {
    throw fileError(error, `folder for uploads in ${parent.path}`);
  } finally {
    await parent.close();
  }
}

async function clearLeftovers(directory: OpenDirectory): Promise<void> {
  for (const name of (await readdir(directory.here)).filter((one) => PART.test(one))) {
    const stats = await stat(directory.entry(name)).catch(() => undefined);
    if (stats && Date.now() - stats.mtimeMs > LEFTOVER_MS) await rm(directory.entry(name), { force: true });
  }
}

function unless(code: string): (error: NodeJS.ErrnoException) => void {
  return (error) => {
    if (error.code !== code) throw error;
  };
}

function cut(cause?: unknown): AppError {
  return new AppError('file.upload_cut', 'not all of the file came; nothing of it was kept', { cause });
}

function tooLarge(maxBytes: number): AppError {
  return new AppError('file.too_large', `a file may have ${Math.floor(maxBytes / 1024 / 1024)} MB at most`);
}
