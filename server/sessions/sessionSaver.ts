/** Writes changed sessions to the database, and keeps them until it takes them: a database that is away loses nothing. */
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { LiveSession } from './liveSession.ts';

const RETRY_MS = 1_000;
/** Whoever closes a session waits no longer than this for its row to be gone. */
const ROW_WAIT_MS = 2_000;

export class SessionSaver {
  /** What is to be written: the session as it is, or that it is gone. One entry a session, so the queue is bounded by their number. */
  #dirty = new Map<string, LiveSession | 'removed'>();
  #saving: Promise<void> | undefined;
  #cancelRetry: (() => void) | undefined;
  #isClosed = false;

  constructor(
    private readonly store: { save(session: LiveSession): Promise<void>; delete(id: string): Promise<void> },
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  changed(session: LiveSession): void {
    if (this.#dirty.get(session.id) !== 'removed') this.#dirty.set(session.id, session);
    void this.#run();
  }

  /**
   * Resolves when its row is gone, so that a list that is asked for next does not have it. Never rejects: a database that does
   * not take it is told until it does, and is waited for no longer than ROW_WAIT_MS.
   */
  removed(id: string): Promise<void> {
    this.#dirty.set(id, 'removed');
    return new Promise((resolve) => {
      const cancel = this.clock.after(ROW_WAIT_MS, resolve);
      void this.#run().then(() => {
        cancel();
        resolve();
      });
    });
  }

  close(): void {
    this.#isClosed = true;
    this.#cancelRetry?.();
  }

  /** Resolves when the queue is empty or the database did not take something. */
  #run(): Promise<void> {
    if (this.#isClosed || this.#dirty.size === 0) return Promise.resolve();
    // What is added while it runs is still come to: a Map is walked to its end, wherever that is by then.
    return (this.#saving ??= this.#saveAll());
  }

  async #saveAll(): Promise<void> {
    try {
      for (const [id, session] of this.#dirty) {
        this.#dirty.delete(id);
        try {
          await (session === 'removed' ? this.store.delete(id) : this.store.save(session));
        } catch (error) {
          if (!this.#dirty.has(id)) this.#dirty.set(id, session);
          throw error;
        }
      }
    } catch (error) {
      this.log.warn({ err: error, waiting: this.#dirty.size }, 'sessions could not be saved; trying again');
      if (!this.#isClosed) this.#cancelRetry = this.clock.after(RETRY_MS, () => void this.#run());
    } finally {
      this.#saving = undefined;
    }
  }
}
