/**
 * A secret that is good for a while, such as our service principal's OAuth token: fetched once for all who ask at the same
 * time, and again ahead of its end.
 */
import type { Clock } from '../base/clock.ts';

export interface Expiring {
  value: string;
  /** ms since the epoch */
  expiresAt: number;
}

/** A value is replaced when this is left of its life, or half of it where that is shorter; unless told otherwise. */
const AHEAD_MS = 20 * 60_000;
/** After a failed attempt to replace a value that is still good, it is used on for this long before the next attempt. */
const RETRY_MS = 10_000;

export class TokenSource {
  #held: { token: Expiring; refreshAt: number } | undefined;
  #fetching: Promise<Expiring> | undefined;
  /** What was refused: a fetch that began before the refusal may bring it once more. */
  #rejected: string | undefined;

  /** @param fetchToken rejects with what the person at the other end should read */
  constructor(
    private readonly fetchToken: () => Promise<Expiring>,
    private readonly clock: Clock,
    private readonly aheadMs = AHEAD_MS,
  ) {}

  /** A value that is good for now. Rejects only when there is none and none can be had. */
  async get(): Promise<string> {
    const held = this.#held;
    const now = this.clock.now();
    if (held && now < held.refreshAt) return held.token.value;
    try {
      return (await this.#refresh()).value;
    } catch (error) {
      if (!held || this.#held !== held || now >= held.token.expiresAt) throw error;
      held.refreshAt = Math.min(now + RETRY_MS, held.token.expiresAt);
      return held.token.value;
    }
  }

  /** The other side refused this value: it is given out no more. Another one, fetched meanwhile, stays. */
  reject(value: string): void {
    this.#rejected = value;
    if (this.#held?.token.value === value) this.#held = undefined;
  }

  #refresh(): Promise<Expiring> {
    this.#fetching ??= this.#fetch().finally(() => (this.#fetching = undefined));
    return this.#fetching;
  }

  async #fetch(): Promise<Expiring> {
    const startedAt = this.clock.now();
    let token = await this.fetchToken();
    if (token.value === this.#rejected) token = await this.fetchToken();
    const lifeMs = token.expiresAt - startedAt;
    this.#held = { token, refreshAt: token.expiresAt - Math.min(this.aheadMs, lifeMs / 2) };
    return token;
  }
}
