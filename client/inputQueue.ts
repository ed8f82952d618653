/** Input of one attachment on its way to the pty: numbered when first sent, kept whole until it was written. */
import { AppError } from '../protocol/errors.ts';
import { HELD_INPUT_BYTES, INPUT_FRAME_BYTES, INPUT_WINDOW_BYTES } from '../protocol/limits.ts';

export interface InputFrame {
  seq: number;
  bytes: Uint8Array;
}

export class InputQueue {
  /** Sent, not known to be written. */
  #sent: InputFrame[] = [];
  #sentBytes = 0;
  /** Not sent; without numbers, so that it can be dropped without leaving a gap. */
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  #lastSeq = 0;

  get pendingBytes(): number {
    return this.#sentBytes + this.#waitingBytes;
  }

  get heldBytes(): number {
    return this.#waitingBytes;
  }

  /** @throws AppError `input.held_full` when `isOffline` and it does not fit; nothing is taken then */
  add(bytes: Uint8Array, isOffline: boolean): void {
    if (isOffline && this.#waitingBytes + bytes.length > HELD_INPUT_BYTES) {
      throw new AppError('input.held_full', `more than ${HELD_INPUT_BYTES / 1024} KiB were typed without a connection`);
    }
    if (bytes.length === 0) return;
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes.length;
  }

  /** The next frame to send, as far as the window allows. */
  next(): InputFrame | undefined {
    if (this.#waitingBytes === 0 || this.#sentBytes >= INPUT_WINDOW_BYTES) return undefined;
    const bytes = this.#takeWaiting(INPUT_FRAME_BYTES);
    const frame = { seq: ++this.#lastSeq, bytes };
    this.#sent.push(frame);
    this.#sentBytes += bytes.length;
    return frame;
  }

  /** Everything up to `seq` was written to the pty. */
  written(seq: number): void {
    while (this.#sent[0] && this.#sent[0].seq <= seq) this.#sentBytes -= this.#sent.shift()!.bytes.length;
  }

  /** After a reconnection: what must be sent again, in order; the pty host drops what it has already. */
  unwritten(): readonly InputFrame[] {
    return this.#sent;
  }

  /** Forgets what was never sent; returns how many bytes. */
  dropWaiting(): number {
    const dropped = this.#waitingBytes;
    this.#waiting = [];
    this.#waitingBytes = 0;
    return dropped;
  }

  /** Nobody will read it any more. */
  clear(): void {
    this.dropWaiting();
    this.#sent = [];
    this.#sentBytes = 0;
  }

  #takeWaiting(maxBytes: number): Uint8Array {
    const frame = new Uint8Array(Math.min(maxBytes, this.#waitingBytes));
    let filled = 0;
    while (filled < frame.length) {
      const first = this.#waiting[0]!;
      const part = first.subarray(0, frame.length - filled);
      frame.set(part, filled);
      filled += part.length;
      if (part.length === first.length) this.#waiting.shift();
      else this.#waiting[0] = first.subarray(part.length);
    }
    this.#waitingBytes -= filled;
    return frame;
  }
}
