/** Marks sessions lost whose shard has been silent for long, so that lists and limits do not count them as running for ever. */
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { SessionStore } from './sessionStore.ts';

/**
 * Longer than the time between two answers of the database in good days: after a gap nobody can say that the others
 * could renew their leases meanwhile. It may be an outage, or a machine that slept.
 */
const MAX_GAP_MS = 30_000;

export interface OrphanSweepOptions {
  /** Sessions of a shard that was silent for longer are lost. */
  timeoutMs: number;
  intervalMs: number;
  /** The lists of these people changed. */
  onMarked: (emails: string[]) => void;
}

export class OrphanSweep {
  /** The database has answered since then, without a gap; null after a failure. */
  #upSince: number | null = null;
  #lastAnswerAt = 0;
  #cancel: () => void;

  constructor(
    private readonly store: Pick<SessionStore, 'sweepOrphans'>,
    private readonly options: OrphanSweepOptions,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {
    this.#cancel = clock.every(options.intervalMs, () => void this.run());
  }

  /** The database answered; called at every renewal of the lease. */
  databaseAnswered(): void {
    const now = this.clock.now();
    if (this.#upSince === null || now - this.#lastAnswerAt > MAX_GAP_MS) this.#upSince = now;
    this.#lastAnswerAt = now;
  }

  databaseFailed(): void {
    this.#upSince = null;
  }

  /** Only when this backend itself saw the database up for the whole timeout: else the silence may have been the database's. */
  async run(): Promise<void> {
    const now = this.clock.now();
    const isUp = this.#upSince !== null && now - this.#lastAnswerAt <= MAX_GAP_MS;
    if (!isUp || now - this.#upSince! < this.options.timeoutMs) return;
    try {
      const emails = await this.store.sweepOrphans(this.options.timeoutMs);
      if (emails.length === 0) return;
      this.log.warn({ count: emails.length }, 'sessions of silent shards were marked lost');
      this.options.onMarked([...new Set(emails)]);
    } catch (error) {
      this.log.debug({ err: error }, 'the sweep failed; the next one tries again');
    }
  }

  close(): void {
    this.#cancel();
  }
}
