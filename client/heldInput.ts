/** Typing that waits for the connection: how much there may be, since when, and whether it must be asked for before it is sent. */
import { AppError } from '../protocol/errors.ts';
import { ASK_HELD_AFTER_MS, HELD_INPUT_BYTES } from '../protocol/limits.ts';

export class HeldInput {
  /** Typed without a connection, or behind what is asked for. */
  #typedBytes = 0;
  /** When the oldest of what waits was typed, or stopped going out; ms since the epoch. */
  #since: number | null = null;
  #isAsking = false;

  /** @param mustAsk what waits was typed into an earlier page: the person decides, however young it is */
  constructor(private mustAsk = false) {}

  get isAsking(): boolean {
    return this.#isAsking;
  }

  /** null when nothing is held. */
  get since(): number | null {
    return this.#since;
  }

  /** @throws AppError `input.held_full`; nothing is taken then */
  typed(bytes: number, now: number): void {
    if (this.#typedBytes + bytes > HELD_INPUT_BYTES) {
      throw new AppError('input.held_full', `more than ${HELD_INPUT_BYTES / 1024} KiB were typed without a connection`);
    }
    this.#typedBytes += bytes;
    if (bytes > 0) this.#since ??= now;
  }

  /** Was typed into an earlier page. */
  found(since: number): void {
    this.#since = since;
  }

  /** The connection broke. What was on its way until now is as old as the break. */
  away(waitingBytes: number, now: number): void {
    if (waitingBytes > 0) this.#since ??= now;
    this.#isAsking = false;
  }

  /** The connection is back: true when the person must be asked first. A clock that was set back proves nothing. */
  back(waitingBytes: number, now: number): boolean {
    if (waitingBytes === 0 || this.#since === null) this.settled();
    else {
      const ageMs = now - this.#since;
      this.#isAsking = this.mustAsk || ageMs < 0 || ageMs > ASK_HELD_AFTER_MS;
      if (!this.#isAsking) this.settled();
    }
    return this.#isAsking;
  }

  /** Sent, dropped or lost. */
  settled(): void {
    this.#typedBytes = 0;
    this.#since = null;
    this.#isAsking = false;
    this.mustAsk = false;
  }
}
