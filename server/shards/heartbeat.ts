/** Asks the database for a sign of life, such as renewing a lease, and thereby knows whether it is there. */
import { LEASE_RENEW_MS } from '../../protocol/limits.ts';
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';

/** While the database is away it is looked for more often, so that health does not lag behind. */
const RETRY_MS = 1_000;
/** A database that is frozen or cut off without a word answers nothing, ever; after this it counts as away. */
const ANSWER_TIMEOUT_MS = 5_000;

export class Heartbeat {
  #isUp = false;
  /** Said of one absence; also of one that was there when we began. */
  #hasSaid = false;
  #cancel: (() => void) | undefined;
  #isClosed = false;

  /** @param onBack called when the database answers again after it did not */
  constructor(
    private readonly beat: () => Promise<void>,
    private readonly onBack: () => void,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  get isDatabaseUp(): boolean {
    return this.#isUp;
  }

  async start(): Promise<void> {
    await this.#beat();
  }

  close(): void {
    this.#isClosed = true;
    this.#cancel?.();
  }

  async #beat(): Promise<void> {
    const wasUp = this.#isUp;
    const startedAt = this.clock.now();
    try {
      await this.#inTime(this.beat());
      this.#isUp = true;
      this.#hasSaid = false;
    } catch (error) {
      this.#isUp = false;
      if (!this.#hasSaid) this.log.error({ err: error }, 'the database is away');
      this.#hasSaid = true;
    }
    if (this.#isClosed) return;
    if (this.#isUp && !wasUp) this.onBack();
    // From beat to beat, however long one takes: a lease must not grow older than a period.
    const elapsedMs = this.clock.now() - startedAt;
    const delayMs = this.#isUp ? Math.max(0, LEASE_RENEW_MS - elapsedMs) : RETRY_MS;
    this.#cancel = this.clock.after(delayMs, () => void this.#beat());
  }

  #inTime(beat: Promise<void>): Promise<void> {
    return new Promise((resolve, reject) => {
      const cancel = this.clock.after(ANSWER_TIMEOUT_MS, () =>
        reject(new Error('the database does not answer in time')),
      );
      beat.then(resolve, reject).finally(cancel);
    });
  }
}
