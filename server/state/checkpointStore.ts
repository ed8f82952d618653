/** Checkpoints in the state store: written part after part, valid when the head is there, replaced only by a whole one. */
import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { AppError } from '../../protocol/errors.ts';
import { PART_BYTES } from './limits.ts';
import { Manifest } from './manifest.ts';
import { sealPart, unsealPart } from './partSeal.ts';
import type { StateStore } from './stateStore.ts';

/** Many small files: compressing well would cost more than it saves. */
const COMPRESSION = { level: 3 };

export interface SessionLife {
  sessionId: string;
  incarnation: number;
}

/** A file that was gathered for a checkpoint, or that came out of one. */
export interface Gathered {
  name: string;
  path: string;
  sizeBytes: number;
}

export type Draft = Omit<Manifest, 'version' | 'checkpointId' | 'parts' | 'files'>;

export class CheckpointStore {
  /** @param key from `checkpointKey` */
  constructor(
    private readonly store: StateStore,
    private readonly key: Buffer,
  ) {}

  /** The one before it goes when this one is whole. @throws AppError `state.unavailable` */
  async save(life: SessionLife, draft: Draft, files: readonly Gathered[]): Promise<Manifest> {
    const checkpointId = randomUUID();
    const before = await this.store.list(folderOf(life));
    let parts = 0;
    await pipeline(contents(files), createGzip(COMPRESSION), async (compressed: AsyncIterable<Buffer>) => {
      for await (const part of cut(compressed, PART_BYTES)) {
        const name = `${checkpointId}.${parts++}`;
        await this.store.put(`${folderOf(life)}/${name}`, sealPart(this.key, part, { ...life, name }));
      }
    });
    const manifest: Manifest = {
      ...draft,
      version: 1,
      checkpointId,
      parts,
      files: files.map(({ name, sizeBytes }) => ({ name, sizeBytes })),
    };
    const head = sealPart(this.key, Buffer.from(JSON.stringify(manifest)), { ...life, name: 'head' });
    await this.store.put(headOf(life), head);
    for (const key of before) if (key !== headOf(life)) await this.store.delete(key);
    return manifest;
  }

  /**
   * The newest one up to this incarnation. What was stored for a younger one is another life's.
   * @throws AppError `state.unavailable`, `state.unreadable`
   */
  async find({ sessionId, incarnation }: SessionLife): Promise<{ life: SessionLife; manifest: Manifest } | undefined> {
    const lives = await this.#lives(sessionId);
    const newest = Math.max(...lives.filter((one) => one <= incarnation));
    if (!Number.isFinite(newest)) return undefined;
    const life = { sessionId, incarnation: newest };
    const sealed = await this.store.get(headOf(life));
    const head = sealed && unsealPart(this.key, sealed, { ...life, name: 'head' });
    const manifest = head && Manifest.safeParse(JSON.parse(head.toString()));
    if (!manifest?.success) throw unreadable(sessionId);
    return { life, manifest: manifest.data };
  }

  /** Writes the files of a checkpoint into a folder of ours. @throws AppError `state.unavailable`, `state.unreadable` */
  async read(life: SessionLife, manifest: Manifest, folder: string): Promise<Map<string, Gathered>> {
    const found = new Map<string, Gathered>();
    const sizes = manifest.files.map((file) => ({ ...file, path: join(folder, file.name) }));
    try {
      await pipeline(this.#parts(life, manifest), createGunzip(), (bytes: AsyncIterable<Buffer>) =>
        split(bytes, sizes),
      );
    } catch (error) {
      if (error instanceof AppError) throw error;
      throw unreadable(life.sessionId, error);
    }
    for (const file of sizes) found.set(file.name, file);
    return found;
  }

  /** Checkpoints of lives before the last one: what could not be restored then may be looked for by hand until now. */
  async forgetBefore({ sessionId, incarnation }: SessionLife): Promise<void> {
    for (const one of await this.#lives(sessionId))
      if (one < incarnation) await this.store.clear(folderOf({ sessionId, incarnation: one }));
  }

  forget(sessionId: string): Promise<void> {
    return this.store.clear(`sessions/${sessionId}`);
  }

  /** Incarnations that have a whole checkpoint. */
  async #lives(sessionId: string): Promise<number[]> {
    const keys = await this.store.list(`sessions/${sessionId}`);
    return keys.flatMap((key) => /\/(\d+)\/head$/.exec(key)?.slice(1).map(Number) ?? []);
  }

  async *#parts(life: SessionLife, { checkpointId, parts }: Manifest): AsyncGenerator<Buffer> {
    for (let i = 0; i < parts; i++) {
      const name = `${checkpointId}.${i}`;
      const sealed = await this.store.get(`${folderOf(life)}/${name}`);
      const part = sealed && unsealPart(this.key, sealed, { ...life, name });
      if (!part) throw unreadable(life.sessionId);
      yield part;
    }
  }
}

const folderOf = ({ sessionId, incarnation }: SessionLife) => `sessions/${sessionId}/${incarnation}`;
const headOf = (life: SessionLife) => `${folderOf(life)}/head`;

function unreadable(sessionId: string, cause?: unknown): AppError {
  return new AppError('state.unreadable', `what was stored of session ${sessionId} cannot be read`, { cause });
}

async function* contents(files: readonly Gathered[]): AsyncGenerator<Buffer> {
  for (const { path, sizeBytes } of files) {
    if (sizeBytes === 0) continue;
    let left = sizeBytes;
    for await (const chunk of createReadStream(path, { end: sizeBytes - 1 }) as AsyncIterable<Buffer>) {
      left -= chunk.length;
      yield chunk;
    }
    if (left !== 0) throw new Error(`${path} became shorter while it was read`);
  }
}

/** The same bytes in pieces of `size`, the last one shorter. */
async function* cut(source: AsyncIterable<Buffer>, size: number): AsyncGenerator<Buffer> {
  let held: Buffer[] = [];
  let heldBytes = 0;
  for await (const chunk of source) {
    held.push(chunk);
    heldBytes += chunk.length;
    while (heldBytes >= size) {
      const all = Buffer.concat(held);
      yield all.subarray(0, size);
      held = [all.subarray(size)];
      heldBytes -= size;
    }
  }
  if (heldBytes > 0) yield Buffer.concat(held);
}

/** Takes the bytes apart again. @throws when there are fewer or more than the sizes say */
async function split(source: AsyncIterable<Buffer>, files: readonly Gathered[]): Promise<void> {
  const waiting = [...files];
  let file: FileHandle | undefined;
  let left = 0;
  const next = async () => {
    await file?.close();
    const spec = waiting.shift();
    file = spec && (await open(spec.path, 'wx', 0o600));
    left = spec?.sizeBytes ?? 0;
    return spec !== undefined;
  };
  try {
    await next();
    for await (const chunk of source) {
      let rest = chunk;
      while (rest.length > 0) {
        while (left === 0) if (!(await next())) throw new Error('more bytes than files');
        const piece = rest.subarray(0, left);
        await file!.write(piece);
        left -= piece.length;
        rest = rest.subarray(piece.length);
      }
    }
    while (left === 0 && file) await next(); // files of no bytes at the end
    if (left > 0) throw new Error('fewer bytes than files');
  } finally {
    await file?.close();
  }
}
