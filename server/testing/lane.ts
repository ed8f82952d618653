/** One direction of a connection through the fault proxy: bytes wait here until the network would deliver them. */
import type { Clock } from '../base/clock.ts';
import type { Random } from './random.ts';

export interface LaneFaults {
  /** Nothing passes, neither bytes nor an end. What is taken meanwhile waits, as TCP would send it again. */
  isBlackholed: boolean;
  /** Null: as fast as it comes. */
  bytesPerSecond: number | null;
  /** How long each piece is under way, in ms… */
  delayMs: number;
  /** …and up to this much more, by chance. Order is kept: TCP never hands over what came too early. */
  jitterMs: number;
}

export const NO_FAULTS: LaneFaults = { isBlackholed: false, bytesPerSecond: null, delayMs: 0, jitterMs: 0 };

/** How a direction ends: in order after the last byte, or at once and with what is under way lost. */
export type LaneEnd = 'fin' | 'rst';

export interface LaneEvents {
  /** Deliver; false when no more can be taken until `drained`. */
  onBytes(bytes: Buffer): boolean;
  onEnd(end: LaneEnd): void;
  /** The lane is full: take nothing more from the sender; or again. */
  onFull(isFull: boolean): void;
}

/** As much as a network holds: above it the sender is not read, and its own kernel buffers fill. */
export const LANE_CAPACITY_BYTES = 256 * 1024;
/** A throttled stream passes in pieces of at most this share of a second, so that it trickles instead of bursting. */
const PIECES_PER_SECOND = 50;

interface Piece {
  bytes: Buffer;
  takenAt: number;
  /** In [0, 1): its share of the jitter. */
  chance: number;
}

export class Lane {
  #faults: LaneFaults = NO_FAULTS;
  #pieces: Piece[] = [];
  #waitingBytes = 0;
  #end: LaneEnd | undefined;
  #isEnded = false;
  #isFull = false;
  #isSinkFull = false;
  /** When the throttle lets the next piece pass. */
  #freeAt = 0;
  #cancelTimer: (() => void) | undefined;

  constructor(
    private readonly events: LaneEvents,
    private readonly clock: Clock,
    private readonly random: Random,
  ) {}

  get waitingBytes(): number {
    return this.#waitingBytes;
  }

  set(faults: LaneFaults): void {
    this.#faults = faults;
    this.#freeAt = 0;
    this.#deliver();
  }

  take(bytes: Buffer): void {
    if (this.#end) return;
    this.#pieces.push({ bytes, takenAt: this.clock.now(), chance: this.random() });
    this.#waitingBytes += bytes.length;
    this.#deliver();
  }

  /** The sender ended. */
  end(end: LaneEnd): void {
    if (this.#end === 'rst') return;
    this.#end = end;
    this.#deliver();
  }

  /** The receiver takes more. */
  drained(): void {
    this.#isSinkFull = false;
    this.#deliver();
  }

  /** Forgets what waits; nothing is delivered any more. */
  dispose(): void {
    this.#isEnded = true;
    this.#pieces = [];
    this.#waitingBytes = 0;
    this.#cancelTimer?.();
  }

  #deliver(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    if (this.#isEnded) return;
    if (!this.#faults.isBlackholed) this.#pass();
    this.#tellFull();
  }

  #pass(): void {
    if (this.#end === 'rst') return this.#finish('rst');
    for (let next = this.#pieces[0]; next && !this.#isSinkFull; next = this.#pieces[0]) {
      const waitMs = this.#dueAt(next) - this.clock.now();
      if (waitMs > 0) {
        this.#cancelTimer = this.clock.after(waitMs, () => this.#deliver());
        return;
      }
      this.#send(this.#cut(next));
      if (this.#isEnded) return;
    }
    if (this.#end && this.#pieces.length === 0) this.#finish(this.#end);
  }

  #dueAt({ takenAt, chance }: Piece): number {
    const { delayMs, jitterMs } = this.#faults;
    return Math.max(takenAt + delayMs + chance * jitterMs, this.#freeAt);
  }

  /** The piece, or as much of it as the throttle lets through at once; the rest stays first in line. */
  #cut(piece: Piece): Buffer {
    const { bytesPerSecond } = this.#faults;
    const most = bytesPerSecond === null ? Infinity : Math.max(1, Math.floor(bytesPerSecond / PIECES_PER_SECOND));
    const bytes = piece.bytes.subarray(0, Math.min(most, piece.bytes.length));
    if (bytes.length === piece.bytes.length) this.#pieces.shift();
    else piece.bytes = piece.bytes.subarray(bytes.length);
    if (bytesPerSecond !== null) this.#freeAt = this.clock.now() + (bytes.length * 1000) / bytesPerSecond;
    return bytes;
  }

  #send(bytes: Buffer): void {
    this.#waitingBytes -= bytes.length;
    this.#isSinkFull = !this.events.onBytes(bytes);
  }

  #finish(end: LaneEnd): void {
    this.dispose();
    this.events.onEnd(end);
  }

  #tellFull(): void {
    const isFull = this.#waitingBytes >= LANE_CAPACITY_BYTES;
    if (isFull === this.#isFull || this.#isEnded) return;
    this.#isFull = isFull;
    this.events.onFull(isFull);
  }
}
