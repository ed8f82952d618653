/** Follows the logs in a folder, also those that appear later and those that are put aside and begun anew. */
import { closeSync, fstatSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { StringDecoder } from 'node:string_decoder';

const CHUNK_BYTES = 64 * 1024;

export type OnLine = (line: string, source: string) => void;

/** Sources are the files' names without `.log`. */
export class FollowedFolder {
  readonly #files = new Map<string, FollowedFile>();

  /** What stands in the files already is passed over when `isFromEnd`; files that appear later are read whole. */
  constructor(
    readonly directory: string,
    readonly onLine: OnLine,
    isFromEnd = false,
  ) {
    if (isFromEnd) for (const file of this.#found()) file.skip();
  }

  /** Reads what was written since the last time. */
  read(): void {
    for (const file of this.#found()) file.read();
  }

  close(): void {
    for (const file of this.#files.values()) file.close();
    this.#files.clear();
  }

  #found(): FollowedFile[] {
    for (const name of logNames(this.directory)) {
      const source = name.replace(/\.log$/, '');
      if (!this.#files.has(source))
        this.#files.set(source, new FollowedFile(join(this.directory, name), (line) => this.onLine(line, source)));
    }
    return [...this.#files.values()];
  }
}

function logNames(directory: string): string[] {
  try {
    return readdirSync(directory)
      .filter((name) => name.endsWith('.log'))
      .sort();
  } catch {
    return []; // no instance ever ran there
  }
}

class FollowedFile {
  #fd: number | undefined;
  #position = 0;
  #rest = '';
  #decoder = new StringDecoder('utf8');

  constructor(
    readonly path: string,
    readonly onLine: (line: string) => void,
  ) {}

  skip(): void {
    if (this.#open()) this.#position = fstatSync(this.#fd!).size;
  }

  read(): void {
    if (!this.#open()) return;
    this.#readRest();
    if (!this.#isReplaced()) return;
    this.close();
    if (this.#open()) this.#readRest();
  }

  close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
    this.#position = 0;
    this.#rest = '';
    this.#decoder = new StringDecoder('utf8');
  }

  #open(): boolean {
    try {
      this.#fd ??= openSync(this.path, 'r');
      return true;
    } catch {
      return false; // between being put aside and being begun anew
    }
  }

  /** The open one is read to its end first, so that nothing is missed over a change. */
  #isReplaced(): boolean {
    try {
      return statSync(this.path).ino !== fstatSync(this.#fd!).ino;
    } catch {
      return false;
    }
  }

  #readRest(): void {
    const chunk = Buffer.alloc(CHUNK_BYTES);
    if (fstatSync(this.#fd!).size < this.#position) this.#position = 0; // emptied in place
    for (;;) {
      const count = readSync(this.#fd!, chunk, 0, chunk.length, this.#position);
      if (count === 0) return;
      this.#position += count;
      const lines = (this.#rest + this.#decoder.write(chunk.subarray(0, count))).split('\n');
      this.#rest = lines.pop()!;
      for (const line of lines) if (line !== '') this.onLine(line);
    }
  }
}
