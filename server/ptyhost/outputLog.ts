/**
 * The output of one incarnation on disk, addressed by byte offset since it began: raw bytes in segments named by their
 * first offset, and beside them a file of marks (sizes and times at offsets). The page cache is the ring; nothing is held here.
 */
import {
  appendFileSync,
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { AppError } from '../../protocol/errors.ts';
import type { SizeMark } from './hostProtocol.ts';
import { MARKS_FILE, SEGMENT_NAME, segmentName, startOf, TIME_MARK_MS, type Mark } from './logProtocol.ts';

/** Pruning works in whole segments, so at most this much more than the capacity is kept. */
const SEGMENT_BYTES = 4 * 1024 * 1024;

export class OutputLog {
  #segments: { start: number; path: string }[] = [];
  #fd: number | undefined;
  #end = 0;
  #lastTimeMark = 0;
  #hasMarked = false;

  /** @param directory made if missing; what an earlier host left in it is taken up again, for reading */
  constructor(
    readonly directory: string,
    readonly capacityBytes: number,
    private readonly segmentBytes = SEGMENT_BYTES,
  ) {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    for (const name of readdirSync(directory).sort()) {
      if (SEGMENT_NAME.test(name)) this.#segments.push({ start: startOf(name), path: join(directory, name) });
    }
    const last = this.#segments.at(-1);
    if (last) this.#end = last.start + statSync(last.path).size;
  }

  /** Offset of the oldest byte kept. Not a safe place to start drawing: it may lie inside an escape sequence. */
  get start(): number {
    return this.#segments[0]?.start ?? this.#end;
  }

  get end(): number {
    return this.#end;
  }

  /**
   * Appends all of `bytes`, or throws with the first part appended (a full disk): call again with `bytes.subarray(end - before)`.
   * @param at ms since the epoch
   */
  append(bytes: Buffer, at: number): void {
    if (at - this.#lastTimeMark >= TIME_MARK_MS) {
      this.#mark({ offset: this.#end, at });
      this.#lastTimeMark = at;
    }
    for (let written = 0; written < bytes.length;) {
      const count = writeSync(this.#segment(), bytes, written);
      written += count;
      this.#end += count;
    }
    this.#prune();
  }

  markSize(cols: number, rows: number, at: number): void {
    this.#mark({ offset: this.#end, at, cols, rows });
  }

  /** At most `maxBytes` from `from` on; empty at the end. Throws `session.log_pruned` when they are gone. */
  read(from: number, maxBytes: number): Buffer {
    if (from < this.start || from > this.#end) {
      throw new AppError('session.log_pruned', `offset ${from} is outside ${this.start}..${this.#end}`);
    }
    const segment = this.#segments.findLast(({ start }) => start <= from);
    if (!segment || from === this.#end) return Buffer.alloc(0);
    const buffer = Buffer.allocUnsafe(Math.min(maxBytes, this.#end - from));
    const fd = openSync(segment.path, 'r');
    try {
      const count = readSync(fd, buffer, 0, buffer.length, from - segment.start);
      return buffer.subarray(0, count);
    } finally {
      closeSync(fd);
    }
  }

  /** Every size the pty had, oldest first. */
  sizes(): SizeMark[] {
    return this.#marks().flatMap(({ offset, cols, rows }) => (cols && rows ? [{ offset, cols, rows }] : []));
  }

  close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
  }

  delete(): void {
    this.close();
    rmSync(this.directory, { recursive: true, force: true });
  }

  #segment(): number {
    const last = this.#segments.at(-1);
    if (this.#fd !== undefined && last && this.#end - last.start < this.segmentBytes) return this.#fd;
    this.close();
    const path = join(this.directory, segmentName(this.#end));
    this.#fd = openSync(path, 'a', 0o600);
    if (last?.start !== this.#end) this.#segments.push({ start: this.#end, path });
    return this.#fd;
  }

  #prune(): void {
    while (this.#segments.length > 1 && this.#end - this.#segments[1]!.start >= this.capacityBytes) {
      rmSync(this.#segments.shift()!.path, { force: true });
    }
  }

  /** A mark that cannot be written is left out: it costs playback a time, never a byte. */
  #mark(mark: Mark): void {
    try {
      // An earlier host may have died in the middle of a line.
      const line = `${this.#hasMarked ? '' : '\n'}${JSON.stringify(mark)}\n`;
      appendFileSync(join(this.directory, MARKS_FILE), line, { mode: 0o600 });
      this.#hasMarked = true;
    } catch {
      // the disk is full; append() will say so where it matters
    }
  }

  #marks(): Mark[] {
    try {
      const lines = readFileSync(join(this.directory, MARKS_FILE), 'utf8').split('\n');
      return lines.filter((line) => line.endsWith('}')).map((line) => JSON.parse(line) as Mark);
    } catch {
      return [];
    }
  }
}
