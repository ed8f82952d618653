/** Bounds how often one address may fail to sign in. Secrets here cannot be guessed; what this saves is the database. */
import type { Clock } from '../base/clock.ts';

const WINDOW_MS = 60_000;
export const MAX_FAILURES_PER_MINUTE = 60;
/** Above this many addresses the oldest is forgotten: memory is bounded, whoever comes. */
const MAX_ADDRESSES = 10_000;

export class AttemptLimit {
  /** In order of their first failure, because entries are never moved. */
  #failures = new Map<string, { since: number; count: number }>();

  constructor(private readonly clock: Clock) {}

  isExceeded(address: string): boolean {
    return (this.#current(address)?.count ?? 0) >= MAX_FAILURES_PER_MINUTE;
  }

  failed(address: string): void {
    const current = this.#current(address);
    if (current) return void current.count++;
    this.#failures.delete(address);
    this.#failures.set(address, { since: this.clock.now(), count: 1 });
    if (this.#failures.size > MAX_ADDRESSES) this.#failures.delete(this.#failures.keys().next().value!);
  }

  #current(address: string): { since: number; count: number } | undefined {
    const entry = this.#failures.get(address);
    return entry && this.clock.now() - entry.since < WINDOW_MS ? entry : undefined;
  }
}
