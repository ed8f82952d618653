/**
 * Writes to a pty's master in order, a piece at a time, and says when a piece is through.
 * The descriptor is non-blocking and shared with the reader; libuv's own stream would spin on EAGAIN there and freeze the host.
 */
import { writeSync } from 'node:fs';

/** How long to wait when the program does not read. The kernel tells no one when there is room again. */
const RETRY_MS = 5;

interface Piece {
  bytes: Uint8Array;
  onWritten: () => void;
}

export class MasterWriter {
  #queue: Piece[] = [];
  #queuedBytes = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly fd: number,
    private readonly write: (fd: number, bytes: Uint8Array) => number = writeSync,
  ) {}

  get queuedBytes(): number {
    return this.#queuedBytes;
  }

  push(bytes: Uint8Array, onWritten: () => void): void {
    this.#queue.push({ bytes, onWritten });
    this.#queuedBytes += bytes.length;
    if (!this.#timer) this.#drain();
  }

  /** Drops what is queued; nothing is called back. */
  close(): void {
    clearTimeout(this.#timer);
    this.#queue = [];
    this.#queuedBytes = 0;
  }

  #drain(): void {
    this.#timer = undefined;
    for (let piece = this.#queue[0]; piece; piece = this.#queue[0]) {
      if (!this.#writeSome(piece)) return;
      if (piece.bytes.length > 0) continue;
      this.#queue.shift();
      piece.onWritten();
    }
  }

  /** False when the pty takes no more for now, or never will. */
  #writeSome(piece: Piece): boolean {
    if (piece.bytes.length === 0) return true;
    try {
      const count = this.write(this.fd, piece.bytes);
      piece.bytes = piece.bytes.subarray(count);
      this.#queuedBytes -= count;
      return true;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EAGAIN' || code === 'EINTR') this.#timer = setTimeout(() => this.#drain(), RETRY_MS);
      else this.close(); // EIO or EBADF: the program is gone, and its exit is reported elsewhere
      return false;
    }
  }
}
