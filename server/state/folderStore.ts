/** The state store as a folder of a disk that all shards see, or that is theirs alone where there is one machine. */
import { randomUUID } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { checkKey, unavailable, type StateStore } from './stateStore.ts';

/** No key ends like this: what is being written, or was when the machine went down. */
const UNFINISHED = '.unfinished~';

export function folderStore(folder: string): StateStore {
  const name = `folder ${folder}`;
  const pathOf = (key: string) => join(folder, checkKey(key));
  const told = async <T>(work: Promise<T>, ifMissing: T): Promise<T> => {
    try {
      return await work;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return ifMissing;
      throw unavailable(name, 'cannot be used', error);
    }
  };
  return {
    name,
    async put(key, bytes) {
      const path = pathOf(key);
      try {
        await write(path, bytes);
      } catch (error) {
        throw unavailable(name, 'cannot be written to', error);
      }
    },
    get: (key) => told<Buffer | undefined>(readFile(pathOf(key)), undefined),
    delete: (key) => told(rm(pathOf(key), { force: true }), undefined),
    async list(within) {
      const entries = await told(readdir(pathOf(within), { recursive: true, withFileTypes: true }), []);
      return entries
        .filter((entry) => entry.isFile() && !entry.name.endsWith(UNFINISHED))
        .map((entry) => relative(folder, join(entry.parentPath, entry.name)).replaceAll(sep, '/'));
    },
    clear: (within) => told(rm(pathOf(within), { recursive: true, force: true, maxRetries: 3 }), undefined),
  };
}

async function write(path: string, bytes: Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const unfinished = `${path}.${randomUUID()}${UNFINISHED}`;
  try {
    const file = await open(unfinished, 'wx', 0o600);
    try {
      await file.writeFile(bytes);
      await file.sync(); // renamed before it is on the disk it could be empty after a power cut
    } finally {
      await file.close();
    }
    await rename(unfinished, path);
  } catch (error) {
    await rm(unfinished, { force: true }).catch(() => undefined);
    throw error;
  }
}
