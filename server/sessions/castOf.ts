/** A kept log as the lines of a recording, read as it is asked for. */
import { setImmediate as turn } from 'node:timers/promises';
import { CommandScanner } from '../../protocol/commandScan.ts';
import { eventLine, headerLine } from '../../protocol/recordings.ts';
import type { KeptLog } from './keptLog.ts';
import { bytesToSkip } from './rebuildStart.ts';
import { stretchesOf, type Stretch } from './stretches.ts';

/** Read and told at once; small, so that live output never waits long for a turn. */
const PIECE_BYTES = 16 * 1024;
/** Lines are gathered to this much, because a quiet session has hundreds of thousands of tiny ones. */
const BATCH_CHARS = 32 * 1024;

export interface RecordedSession {
  name: string;
  cols: number;
  rows: number;
  /** When it began, in ms since the epoch; used where the log has no times. */
  createdAt: number;
}

/** Whoever takes no more of it gets no more read; ended early, it lets the files go. */
export async function* castOf(log: KeptLog, session: RecordedSession): AsyncGenerator<string> {
  let batch = '';
  try {
    for await (const line of linesOf(log, session)) {
      batch += line;
      if (batch.length < BATCH_CHARS) continue;
      yield batch;
      batch = '';
      await turn();
    }
    if (batch !== '') yield batch;
  } finally {
    await log.close();
  }
}

async function* linesOf(log: KeptLog, { name, cols, rows, createdAt }: RecordedSession): AsyncGenerator<string> {
  const { start, end } = log;
  const teller = new Teller();
  let next = start;
  /** What comes next may begin within a sequence or a character. */
  let isCut = start > 0;
  for await (const stretch of stretchesOf(log.marks(), { start, end }, { at: createdAt, cols, rows })) {
    if (!teller.isBegun) yield teller.begin(stretch, name, start);
    else if (stretch.size) yield teller.resized(stretch);
    while (next < stretch.to) {
      const piece = await log.read(next, Math.min(PIECE_BYTES, stretch.to - next));
      if (!piece) break;
      if (piece.offset > next) {
        // Deleted while it was read. The piece is asked for again by the stretch that it belongs to.
        yield teller.gone(piece.offset - next, stretch);
        [next, isCut] = [piece.offset, true];
        continue;
      }
      yield* teller.output(piece.bytes.subarray(isCut ? bytesToSkip(piece.bytes) : 0), next, stretch);
      [next, isCut] = [next + piece.bytes.length, false];
    }
  }
}

/** Turns what was read into events: times, characters that lie across pieces, commands. */
class Teller {
  isBegun = false;
  #startedAt = 0;
  #decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  #commands = new CommandScanner();

  begin({ at, size }: Stretch, title: string, skippedBytes: number): string {
    this.isBegun = true;
    this.#startedAt = at;
    const note = skippedBytes > 0 ? eventLine(0, 'm', goneText(skippedBytes)) : '';
    return headerLine({ ...size!, startedAt: at, title, skippedBytes }) + note;
  }

  resized({ at, size }: Stretch): string {
    return eventLine(at - this.#startedAt, 'r', `${size!.cols}x${size!.rows}`);
  }

  gone(bytes: number, { at }: Stretch): string {
    this.#decoder = new TextDecoder('utf-8', { ignoreBOM: true });
    this.#commands = new CommandScanner();
    return eventLine(at - this.#startedAt, 'm', goneText(bytes));
  }

  *output(bytes: Uint8Array, offset: number, stretch: Stretch): Generator<string> {
    const text = this.#decoder.decode(bytes, { stream: true });
    const at = timeIn(stretch, offset) - this.#startedAt;
    let from = 0;
    for (const { index, text: command } of this.#commands.scan(text)) {
      if (index > from) yield eventLine(at, 'o', text.slice(from, index));
      yield eventLine(at, 'm', command);
      from = index;
    }
    if (from < text.length) yield eventLine(at, 'o', text.slice(from));
  }
}

/** Spread evenly, which is as good a guess as any within a quarter of a second. */
function timeIn({ from, to, at, until }: Stretch, offset: number): number {
  return Math.round(at + ((until - at) * (offset - from)) / Math.max(1, to - from));
}

function goneText(bytes: number): string {
  return `${bytes.toLocaleString('en')} bytes are no longer kept`;
}
