/** Takes the calls that shards ask for, at the bell and, because a bell may not be heard, from time to time. */
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { Call, PushStore } from './pushStore.ts';

/** How late a call is made when no bell is heard. */
export const LOOK_MS = 10_000;

export class CallTaker {
  #isLooking = false;
  #isRung = false;
  #isClosed = false;
  #cancel: () => void;

  /** @param make must not reject */
  constructor(
    private readonly store: Pick<PushStore, 'takeCalls'>,
    private readonly make: (call: Call) => void,
    clock: Clock,
    private readonly log: Log,
  ) {
    this.#cancel = clock.every(LOOK_MS, () => void this.look());
  }

  close(): void {
    this.#isClosed = true;
    this.#cancel();
  }

  async look(): Promise<void> {
    this.#isRung = true;
    if (this.#isLooking) return;
    this.#isLooking = true;
    while (this.#isRung && !this.#isClosed) {
      this.#isRung = false;
      await this.#take();
    }
    this.#isLooking = false;
  }

  async #take(): Promise<void> {
    try {
      const calls = await this.store.takeCalls();
      calls.forEach(this.make);
      this.#isRung ||= calls.length > 0; // there may be more
    } catch (error) {
      this.log.debug({ err: error }, 'no calls could be taken');
    }
  }
}
