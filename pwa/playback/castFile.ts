/** Reads a recording: asciicast v2 and v3 (https://docs.asciinema.org/manual/asciicast/v3/), from a shard or from a file. Pure. */
import { AppError } from '../../protocol/errors.ts';
import { MAX_COLS, MAX_ROWS } from '../../protocol/limits.ts';
import type { CastCode } from '../../protocol/recordings.ts';

export interface CastEvent {
  /** ms since the recording began; never less than that of the event before. */
  at: number;
  code: CastCode;
  data: string;
}

export interface Recording {
  title: string;
  cols: number;
  rows: number;
  /** ms since the epoch; null when it does not say. */
  startedAt: number | null;
  /** Output before its beginning that was no longer kept. */
  skippedBytes: number;
  /** It ends within a line. */
  isCut: boolean;
  events: CastEvent[];
}

/** 64 MiB of output are at most six times as much as text; such a log of nothing but escapes nobody has. */
export const MAX_CAST_BYTES = 256 * 1024 * 1024;
const MAX_LINE_CHARS = 32 * 1024 * 1024;
const MAX_EVENTS = 4_000_000;
const DEFAULT_TITLE = 'Recording';

type Header = Omit<Recording, 'events' | 'isCut'>;

/** @throws AppError `recording.invalid`, `input.too_large`; and what the stream fails with */
export async function readCast(
  stream: ReadableStream<Uint8Array>,
  onRead: (bytes: number) => void = () => {},
): Promise<Recording> {
  const parser = new CastParser();
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const reader = stream.getReader();
  let bytes = 0;
  try {
    for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
      bytes += piece.value.length;
      if (bytes > MAX_CAST_BYTES)
        throw new AppError('input.too_large', 'This recording is too long to be played here.');
      parser.push(decodeWith(decoder, piece.value));
      onRead(bytes);
    }
    return parser.end();
  } finally {
    reader.cancel().catch(() => {}); // of what is read to its end nothing is left to cancel
  }
}

function decodeWith(decoder: TextDecoder, bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes, { stream: true });
  } catch {
    throw new AppError('recording.invalid', 'This file is no recording: it is not text.');
  }
}

export class CastParser {
  #rest = '';
  #line = 0;
  #header: Header | null = null;
  #isRelative = false;
  #events: CastEvent[] = [];
  #now = 0;

  push(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop()!;
    for (const line of lines) this.#take(line);
    if (this.#rest.length > MAX_LINE_CHARS) throw this.#invalid('is too long');
  }

  end(): Recording {
    let isCut = false;
    try {
      this.#take(this.#rest);
    } catch (error) {
      // Whoever wrote it was stopped; what came before is good.
      if (!this.#header) throw error;
      isCut = true;
    }
    if (!this.#header) throw new AppError('recording.invalid', 'This file is no recording: it is empty.');
    return { ...this.#header, events: this.#events, isCut };
  }

  #take(line: string): void {
    this.#line++;
    if (line.trim() === '' || (this.#isRelative && line.startsWith('#'))) return;
    const value = this.#parse(line);
    if (this.#header) this.#event(value);
    else this.#begin(value);
  }

  #parse(line: string): unknown {
    try {
      return JSON.parse(line);
    } catch {
      throw this.#invalid('is not JSON');
    }
  }

  #begin(value: unknown): void {
    const header = (typeof value === 'object' && value ? value : {}) as Record<string, unknown>;
    const { version, timestamp, title, holdfast } = header;
    if (version !== 2 && version !== 3) throw this.#invalid('does not begin an asciicast of version 2 or 3');
    this.#isRelative = version === 3;
    const term = (header.term ?? {}) as Record<string, unknown>;
    const [cols, rows] = this.#isRelative ? [term.cols, term.rows] : [header.width, header.height];
    const skipped = (holdfast as { skippedBytes?: unknown } | undefined)?.skippedBytes;
    this.#header = {
      ...this.#size(cols, rows),
      title: typeof title === 'string' && title !== '' ? title.slice(0, 200) : DEFAULT_TITLE,
      startedAt: typeof timestamp === 'number' && Math.abs(timestamp) < 8e12 ? timestamp * 1000 : null,
      skippedBytes: typeof skipped === 'number' && skipped > 0 ? skipped : 0,
    };
  }

  #event(value: unknown): void {
    const [time, code, data] = (Array.isArray(value) ? value : []) as unknown[];
    if (typeof time !== 'number' || !Number.isFinite(time) || typeof code !== 'string')
      throw this.#invalid('is no event');
    this.#now = Math.max(this.#now, this.#isRelative ? this.#now + time * 1000 : time * 1000);
    if (code !== 'o' && code !== 'r' && code !== 'm') return; // input, exit and what later versions add
    if (typeof data !== 'string') throw this.#invalid('is no event');
    if (code === 'r') this.#resize(data);
    if (this.#events.length >= MAX_EVENTS) throw new AppError('input.too_large', 'This recording has too many events.');
    this.#events.push({ at: this.#now, code, data });
  }

  #resize(data: string): void {
    const [, cols, rows] = /^(\d{1,5})x(\d{1,5})$/.exec(data) ?? [];
    this.#size(Number(cols), Number(rows));
  }

  #size(cols: unknown, rows: unknown): { cols: number; rows: number } {
    const isGood = (n: unknown, max: number) => Number.isInteger(n) && Number(n) >= 1 && Number(n) <= max;
    if (!isGood(cols, MAX_COLS) || !isGood(rows, MAX_ROWS)) throw this.#invalid('has no size that a terminal can have');
    return { cols: Number(cols), rows: Number(rows) };
  }

  #invalid(what: string): AppError {
    return new AppError('recording.invalid', `This file is no recording: line ${this.#line} ${what}.`);
  }
}

/** Of an event `r`, which was checked when it was read. */
export function sizeOf({ data }: CastEvent): { cols: number; rows: number } {
  const [cols, rows] = data.split('x').map(Number);
  return { cols: cols!, rows: rows! };
}
