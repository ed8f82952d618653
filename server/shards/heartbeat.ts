/** Says in the database that this shard is alive, and thereby knows whether the database is. */
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';

const PERIOD_MS = 10_000;
/** While the database is away it is looked for more often, so that health does not lag behind. */
const RETRY_MS = 1_000;
/** A database that is frozen or cut off without a word answers nothing, ever; after this it counts as away. */
const ANSWER_TIMEOUT_MS = 5_000;

export class Heartbeat {
  #isUp = false;
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
    try {
      await this.#inTime(this.beat());
      this.#isUp = true;
    } catch (error) {
      this.#isUp = false;
      if (wasUp) this.log.error({ err: error }, 'the database is away');
    }
    if (this.#isClosed) return;
    if (this.#isUp && !wasUp) this.onBack();
    this.#cancel = this.clock.after(this.#isUp ? PERIOD_MS : RETRY_MS, () => void this.#beat());
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
