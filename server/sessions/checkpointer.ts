/**
 * Stores what sessions need to go on elsewhere: every few minutes when it changed, soon after the last viewer has gone, and at the
 * end. A few at a time and never two of one session. A store that is away costs a line in the log and nothing else.
 */
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { Kept } from '../state/sessionStates.ts';
import type { LiveSession } from './liveSession.ts';

/** A session is looked at this often… */
const PERIOD_MS = 120_000;
/** …and this soon after its last viewer has gone: a network that comes and goes must not do it each time. */
const SOON_MS = 5_000;
const TICK_MS = 1_000;
/** Reading repositories and sealing costs a core for a moment; terminals go before. */
const AT_ONCE = 2;
/** At the end there is no time for turns, and nobody types any more. */
const AT_ONCE_AT_THE_END = 4;

/** What is stored; see SessionStates. */
export interface Checkpoints {
  /** Returns what to give as `known` the next time: while nothing has changed, nothing is stored. */
  checkpoint(session: LiveSession, known: Kept | undefined): Promise<Kept>;
  forget(sessionId: string): Promise<void>;
}

interface Watched {
  incarnation: number;
  known: Kept | undefined;
  /** When it is looked at next, by the clock. */
  dueAt: number;
  /** The output that was seen last, and when it changed: who was used last comes first at the end. */
  end: number;
  usedAt: number;
}

export class Checkpointer {
  #watched = new Map<string, Watched>();
  /** What is being done for a session; the next thing for it waits. */
  #working = new Map<string, Promise<void>>();
  #isAway = false;
  #isClosed = false;
  #cancel: () => void;

  constructor(
    private readonly sessions: () => Iterable<LiveSession>,
    private readonly checkpoints: Checkpoints,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {
    this.#cancel = clock.every(TICK_MS, () => this.tick());
  }

  /** Nobody looks at it any more. */
  unwatched(session: LiveSession): void {
    const watched = this.#watch(session);
    watched.dueAt = Math.min(watched.dueAt, this.clock.now() + SOON_MS);
  }

  /** Its pty host is dead, but its files are here: the last of them are stored now. */
  lost(session: LiveSession): void {
    if (session.state !== 'lost' || this.#isClosed) return;
    const watched = this.#watch(session); // now: the next turn forgets who does not run
    const working = this.#working.get(session.id) ?? Promise.resolve();
    void working.then(() => this.#store(session, watched));
  }

  /**
   * Stores it now, for whoever is to know that it is stored.
   * @param known what this gave the last time, when the session runs no more
   * @throws AppError `state.unavailable`
   */
  async keep(session: LiveSession, known?: Kept): Promise<Kept> {
    while (this.#working.has(session.id)) await this.#working.get(session.id);
    const watched = this.#watch(session);
    watched.known ??= known;
    const kept = this.checkpoints.checkpoint(session, watched.known);
    await this.#track(session, watched, kept);
    return kept;
  }

  /** It was closed or its program has ended: there is nothing to be resumed. */
  async ended(sessionId: string): Promise<void> {
    this.#watched.delete(sessionId);
    await this.#working.get(sessionId);
    await this.checkpoints.forget(sessionId).catch((error: unknown) => {
      this.log.warn({ err: error, session: sessionId }, 'a checkpoint that nobody needs was not deleted');
    });
  }

  /** One turn: those that are due, the longest waiting first. For the timer. */
  tick(): void {
    if (this.#isClosed) return;
    const now = this.clock.now();
    const running = this.#running();
    for (const session of running) this.#note(session);
    const ids = new Set(running.map(({ id }) => id));
    for (const id of this.#watched.keys()) if (!ids.has(id)) this.#watched.delete(id);
    const due = running
      .filter((session) => this.#watch(session).dueAt <= now && !this.#working.has(session.id))
      .sort((a, b) => this.#watch(a).dueAt - this.#watch(b).dueAt);
    for (const session of due) {
      if (this.#working.size >= AT_ONCE) return;
      void this.#store(session);
    }
  }

  /**
   * Stores everything that changed, what was used last first, and then no more.
   * @returns the ids of what was not stored in `limitMs`
   */
  async finish(limitMs: number): Promise<string[]> {
    this.close();
    const waiting = this.#running();
    for (const session of waiting) this.#note(session);
    waiting.sort((a, b) => this.#watch(b).usedAt - this.#watch(a).usedAt);
    const unstored = new Set(waiting.map(({ id }) => id));
    let isOver = false;
    const one = async () => {
      for (let next = waiting.shift(); next && !isOver; next = waiting.shift()) {
        await this.#working.get(next.id);
        if (await this.#store(next)) unstored.delete(next.id);
      }
    };
    await new Promise<void>((resolve) => {
      const cancel = this.clock.after(limitMs, resolve);
      void Promise.all(Array.from({ length: AT_ONCE_AT_THE_END }, one)).then(() => {
        cancel();
        resolve();
      });
    });
    isOver = true;
    return [...unstored];
  }

  close(): void {
    this.#isClosed = true;
    this.#cancel();
  }

  #running(): LiveSession[] {
    return [...this.sessions()].filter(({ state }) => state === 'running');
  }

  #watch(session: LiveSession): Watched {
    const { id, incarnation } = session;
    const known = this.#watched.get(id);
    if (known?.incarnation === incarnation) return known;
    const now = this.clock.now();
    const watched = { incarnation, known: undefined, dueAt: now + PERIOD_MS, end: -1, usedAt: now };
    this.#watched.set(id, watched);
    return watched;
  }

  #note(session: LiveSession): void {
    const watched = this.#watch(session);
    if (watched.end !== session.feed.end) Object.assign(watched, { end: session.feed.end, usedAt: this.clock.now() });
  }

  /** False when it could not be done. Never rejects. */
  #store(session: LiveSession, watched = this.#watch(session)): Promise<boolean> {
    return this.#track(session, watched, this.checkpoints.checkpoint(session, watched.known));
  }

  #track(session: LiveSession, watched: Watched, kept: Promise<Kept>): Promise<boolean> {
    watched.dueAt = Infinity; // until this is done, or somebody leaves meanwhile
    const stored = kept.then(
      (known) => this.#succeeded(watched, known),
      (error: unknown) => this.#failed(session, error),
    );
    const done = stored.then(() => {
      watched.dueAt = Math.min(watched.dueAt, this.clock.now() + PERIOD_MS);
      if (this.#working.get(session.id) === done) this.#working.delete(session.id);
    });
    this.#working.set(session.id, done);
    return stored;
  }

  #succeeded(watched: Watched, known: Kept): boolean {
    watched.known = known;
    if (this.#isAway) this.log.info('checkpoints are stored again');
    this.#isAway = false;
    return true;
  }

  /** Said once, and not for each of 75 sessions every few minutes. */
  #failed({ id }: LiveSession, error: unknown): boolean {
    const level = this.#isAway ? 'debug' : 'warn';
    this.#isAway = true;
    this.log[level]({ err: error, session: id }, 'a checkpoint was not stored; tried again in its next turn');
    return false;
  }
}
