/** How long to wait before starting again what died. */

const FIRST_MS = 250;
const MAX_MS = 10_000;
/** Who lived this long starts afresh: its next end is a new trouble. */
const GOOD_LIFE_MS = 30_000;

export class Backoff {
  #nextMs = FIRST_MS;

  /** The wait in ms after a life of `livedMs`; doubles with every short life. */
  after(livedMs: number): number {
    if (livedMs >= GOOD_LIFE_MS) this.#nextMs = FIRST_MS;
    const waitMs = this.#nextMs;
    this.#nextMs = Math.min(waitMs * 2, MAX_MS);
    return waitMs;
  }
}
