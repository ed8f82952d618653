/**
 * The log of one session, read from beside the pty host that writes it: the host is not asked, so a reading of 64 MiB costs
 * the sessions in it nothing. Only finished bytes are seen, because the host appends whole writes.
 */
import { open, readdir, stat, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../../protocol/errors.ts';
import { MARKS_FILE, SEGMENT_NAME, segmentName, startOf, type Mark } from '../ptyhost/logProtocol.ts';

export class KeptLog {
  #file: { start: number; handle: FileHandle; bytes: number } | undefined;

  private constructor(
    private readonly directory: string,
    private starts: number[],
    /** What is appended later is not read. */
    readonly end: number,
  ) {}

  /** @throws AppError `recording.not_kept` */
  static async open(directory: string): Promise<KeptLog> {
    try {
      const starts = await startsIn(directory);
      const last = starts.at(-1) ?? 0;
      const bytes = starts.length === 0 ? 0 : (await stat(join(directory, segmentName(last)))).size;
      return new KeptLog(directory, starts, last + bytes);
    } catch (error) {
      if (isMissing(error))
        throw new AppError('recording.not_kept', 'nothing of what this session printed is kept here');
      throw error;
    }
  }

  /** Offset of the oldest byte kept. */
  get start(): number {
    return this.starts[0] ?? this.end;
  }

  /**
   * At most `maxBytes` from `offset` on, and where they begin: later than `offset` when what was there has been deleted
   * meanwhile, because the session goes on and only so much is kept. Undefined at the end.
   */
  async read(offset: number, maxBytes: number): Promise<{ offset: number; bytes: Buffer } | undefined> {
    const file = offset < this.end ? await this.#segmentOf(offset) : undefined;
    if (!file) return undefined;
    const from = Math.max(offset, file.start);
    const wanted = Math.min(maxBytes, file.start + file.bytes - from);
    const { bytesRead, buffer } = await file.handle.read(Buffer.allocUnsafe(wanted), 0, wanted, from - file.start);
    return bytesRead === 0 ? undefined : { offset: from, bytes: buffer.subarray(0, bytesRead) };
  }

  /** As they were written: none, if none could be. */
  async *marks(): AsyncGenerator<Mark> {
    const file = await open(join(this.directory, MARKS_FILE)).catch(() => undefined);
    if (!file) return;
    try {
      for await (const line of file.readLines({ autoClose: false })) {
        const mark = parseMark(line);
        if (mark) yield mark;
      }
    } finally {
      await file.close();
    }
  }

  async close(): Promise<void> {
    await this.#file?.handle.close();
    this.#file = undefined;
  }

  /** The segment that has `offset`, or the next one kept; what is open stays readable when it is deleted. */
  async #segmentOf(offset: number) {
    const isIn = (file: { start: number; bytes: number }) => offset >= file.start && offset < file.start + file.bytes;
    if (this.#file && isIn(this.#file)) return this.#file;
    await this.close();
    for (;;) {
      const start = this.starts.findLast((one) => one <= offset) ?? this.starts[0];
      if (start === undefined) return undefined;
      try {
        const handle = await open(join(this.directory, segmentName(start)));
        const bytes = (this.starts.find((one) => one > start) ?? this.end) - start;
        return (this.#file = { start, handle, bytes });
      } catch (error) {
        if (!isMissing(error)) throw error;
        this.starts = this.starts.filter((one) => one > start);
      }
    }
  }
}

async function startsIn(directory: string): Promise<number[]> {
  const names = (await readdir(directory)).filter((name) => SEGMENT_NAME.test(name));
  return names.map(startOf).sort((a, b) => a - b);
}

function parseMark(line: string): Mark | undefined {
  if (!line.endsWith('}')) return undefined; // not written to its end
  try {
    return JSON.parse(line) as Mark;
  } catch {
    return undefined;
  }
}

function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT';
}
