/** Writes changed sessions to the database, and keeps them until it takes them: a database that is away loses nothing. */
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { LiveSession } from './liveSession.ts';

const RETRY_MS = 1_000;

export class SessionSaver {
  /** What is to be written: the session as it is, or that it is gone. One entry a session, so the queue is bounded by their number. */
  #dirty = new Map<string, LiveSession | 'removed'>();
  #isSaving = false;
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

  removed(id: string): void {
    this.#dirty.set(id, 'removed');
    void this.#run();
  }

  close(): void {
    this.#isClosed = true;
    this.#cancelRetry?.();
  }

  async #run(): Promise<void> {
    if (this.#isSaving || this.#isClosed) return;
    this.#isSaving = true;
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
      this.#isSaving = false;
    }
  }
}
