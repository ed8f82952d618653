/** Input of one attachment on its way to the pty: numbered when first sent, kept whole until it was written. */
import { HELD_INPUT_BYTES, INPUT_FRAME_BYTES, INPUT_WINDOW_BYTES } from '../protocol/limits.ts';
import { cutPoint, isInPasteAfter, PASTE_END } from './cutPoint.ts';

export interface InputFrame {
  seq: number;
  bytes: Uint8Array;
}

/** A queue as it can be put away and taken up by the next page: it goes on with the same numbers. */
export interface KeptQueue {
  lastSeq: number;
  writtenSeq: number;
  isInPaste: boolean;
  sent: InputFrame[];
  waiting: Uint8Array;
}

const NOTHING = new Uint8Array(0);

export class InputQueue {
  /** Sent, not known to be written. */
  #sent: InputFrame[] = [];
  #sentBytes = 0;
  /** Not sent; without numbers, so that it can be dropped without leaving a gap. */
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  #lastSeq = 0;
  #writtenSeq = 0;
  /** What was sent so far ends within a bracketed paste: the program waits for its end. */
  #isInPaste = false;

  constructor(kept?: KeptQueue) {
    if (!kept) return;
    this.#sent = [...kept.sent];
    this.#sentBytes = kept.sent.reduce((sum, { bytes }) => sum + bytes.length, 0);
    this.#lastSeq = kept.lastSeq;
    this.#writtenSeq = kept.writtenSeq;
    this.#isInPaste = kept.isInPaste;
    if (kept.waiting.length > 0) this.#waiting.push(kept.waiting);
    this.#waitingBytes = kept.waiting.length;
  }

  get pendingBytes(): number {
    return this.#sentBytes + this.#waitingBytes;
  }

  /** Never sent. */
  get waitingBytes(): number {
    return this.#waitingBytes;
  }

  get lastSeq(): number {
    return this.#lastSeq;
  }

  add(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes.length;
  }

  /** The next frame to send, as far as the window allows. */
  next(): InputFrame | undefined {
    if (this.#waitingBytes === 0 || this.#sentBytes >= INPUT_WINDOW_BYTES) return undefined;
    return this.#number(this.#takeWaiting());
  }

  /** Everything up to `seq` was written to the pty. */
  written(seq: number): void {
    this.#writtenSeq = Math.max(this.#writtenSeq, Math.min(seq, this.#lastSeq));
    while (this.#sent[0] && this.#sent[0].seq <= seq) this.#sentBytes -= this.#sent.shift()!.bytes.length;
  }

  /** Whether the pty host knows less than it once said: it has forgotten us, or is another. */
  isForgottenBy(writtenSeq: number): boolean {
    return writtenSeq < this.#writtenSeq;
  }

  /** After a reconnection: what must be sent again, in order; the pty host drops what it has already. */
  unwritten(): readonly InputFrame[] {
    return this.#sent;
  }

  /**
   * Forgets what was never sent. When a bracketed paste was sent in part, its end is all that stays: without it a program
   * would take everything that follows for pasted text.
   * @returns how many bytes were dropped, and the frame that must be sent now, if any
   */
  dropWaiting(): { droppedBytes: number; end: InputFrame | undefined } {
    const droppedBytes = this.#waitingBytes;
    this.#waiting = [];
    this.#waitingBytes = 0;
    return { droppedBytes, end: this.#isInPaste && droppedBytes > 0 ? this.#number(PASTE_END) : undefined };
  }

  /** Nobody will read it any more: everything is forgotten, the numbers too. @returns how many bytes were not known to be written */
  reset(): number {
    const droppedBytes = this.#waitingBytes;
    this.#waiting = [];
    this.#waitingBytes = 0;
    return droppedBytes + this.restart();
  }

  /**
   * The pty host has forgotten what it wrote: what was sent cannot be sent again without the danger of doubling it, and is
   * given up. What was not sent stays, and is numbered anew. @returns how many bytes were not known to be written
   */
  restart(): number {
    const lostBytes = this.#sentBytes;
    this.#sent = [];
    this.#sentBytes = 0;
    this.#lastSeq = 0;
    this.#writtenSeq = 0;
    this.#isInPaste = false;
    return lostBytes;
  }

  /** A copy of what waits, from its beginning, of at most `maxBytes`. */
  peekWaiting(maxBytes: number): Uint8Array {
    const copy = new Uint8Array(Math.min(maxBytes, this.#waitingBytes));
    let filled = 0;
    for (const piece of this.#waiting) {
      const part = piece.subarray(0, copy.length - filled);
      copy.set(part, filled);
      filled += part.length;
      if (filled === copy.length) break;
    }
    return copy;
  }

  /**
   * What a reload must not lose, or undefined when there is nothing. Storage is small: what was never sent of a large paste
   * is left out, and of a bracketed one the end put in its place.
   */
  keep(): KeptQueue | undefined {
    if (this.pendingBytes === 0) return undefined;
    const kept = { lastSeq: this.#lastSeq, writtenSeq: this.#writtenSeq, isInPaste: this.#isInPaste };
    const isTooMuch = this.#waitingBytes > HELD_INPUT_BYTES;
    if (isTooMuch && this.#isInPaste) {
      const end = { seq: this.#lastSeq + 1, bytes: PASTE_END };
      return {
        lastSeq: end.seq,
        writtenSeq: kept.writtenSeq,
        isInPaste: false,
        sent: [...this.#sent, end],
        waiting: NOTHING,
      };
    }
    return { ...kept, sent: [...this.#sent], waiting: isTooMuch ? NOTHING : this.peekWaiting(HELD_INPUT_BYTES) };
  }

  #number(bytes: Uint8Array): InputFrame {
    const frame = { seq: ++this.#lastSeq, bytes };
    this.#sent.push(frame);
    this.#sentBytes += bytes.length;
    this.#isInPaste = isInPasteAfter(this.#isInPaste, bytes);
    return frame;
  }

  #takeWaiting(): Uint8Array {
    // A sequence that begins near the end of a frame is looked at whole.
    const frame = this.peekWaiting(2 * INPUT_FRAME_BYTES);
    const bytes = frame.slice(0, cutPoint(frame, INPUT_FRAME_BYTES));
    for (let rest = bytes.length; rest > 0;) {
      const first = this.#waiting[0]!;
      if (first.length <= rest) this.#waiting.shift();
      else this.#waiting[0] = first.subarray(rest);
      rest -= Math.min(rest, first.length);
    }
    this.#waitingBytes -= bytes.length;
    return bytes;
  }
}
