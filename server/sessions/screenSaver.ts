/**
 * Stores the screens of sessions that changed: a few a second, in turn, so that many never become a burst. What the database does
 * not take is not kept: the next turn stores what is there then.
 */
import { TRANSCRIPT_BYTES } from '../../protocol/limits.ts';
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { LiveSession } from './liveSession.ts';
import type { ScreenStore } from './screenStore.ts';

/** The screen of a session is stored at most this often… */
const PERIOD_MS = 30_000;
/** …and after its last viewer has gone this soon: a network that comes and goes must not store it each time. */
const SOON_MS = 5_000;
/** That a session is lost is said after this long at the latest. */
const LOST_LIMIT_MS = 2_000;
const TICK_MS = 1_000;
/** Of 75 sessions that all change, each gets its turn within PERIOD_MS. */
const PER_TICK = 4;
/** Stored with every screen, so that the lines are there up to it: some screens full of text. */
const RECENT_BYTES = 16 * 1024;

/** What is drawn, as ScreenFeeder gives it. */
export interface Screens {
  visible(sessionId: string): Promise<{ offset: number; cols: number; rows: number; text: string }>;
  transcript(sessionId: string, maxBytes: number): Promise<string>;
}

interface Stored {
  incarnation: number;
  /** The session's output when it was stored; -1 when that failed. */
  end: number;
  /** The same for the whole transcript. */
  fullEnd: number;
  /** Of the last try, by the clock. */
  at: number;
  /** The next one is to be whole: the first, and when the last viewer has gone. */
  isFull: boolean;
}

export class ScreenSaver {
  #stored = new Map<string, Stored>();
  #isWorking = false;
  #turn: Promise<void> = Promise.resolve();
  #isClosed = false;
  #cancel: () => void;

  constructor(
    private readonly sessions: () => Iterable<LiveSession>,
    private readonly screens: Screens,
    private readonly store: Pick<ScreenStore, 'save' | 'delete'>,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {
    this.#cancel = clock.every(TICK_MS, () => void this.tick());
  }

  /** Nobody looks at it any more: what the next one sees is stored soon, and whole. */
  unwatched(session: LiveSession): void {
    const known = this.#of(session);
    if (known && known.fullEnd !== session.feed.end) known.isFull = true;
  }

  /** The program has ended: its screen is of no use to a revival. */
  ended(session: LiveSession): void {
    this.#stored.delete(session.id);
    // A row that stays because the database is away goes with its session.
    this.store.delete(session.id).catch((error: unknown) => this.log.debug({ err: error }, 'a screen was not deleted'));
  }

  /**
   * The pty host is dead, but its screen is not: the last that it printed is stored before the screen goes as well.
   * Resolves when that is done or cannot be, and soon.
   */
  lost(session: LiveSession): Promise<void> {
    if (session.state !== 'lost') return Promise.resolve(); // it had ended before
    const stored = this.#draw(session, true)
      .then((drawn) => this.store.save(drawn))
      .catch((error: unknown) => this.log.warn({ err: error, session: session.id }, 'its last screen was not stored'));
    return this.#within(LOST_LIMIT_MS, stored);
  }

  /** Stores it whole, now, for whoever is to know that it is stored; nothing older is written over it afterwards. */
  async keep(session: LiveSession): Promise<void> {
    await this.#turn;
    await this.store.save(await this.#draw(session, true));
  }

  /** One turn: the sessions that wait longest. For the timer. */
  async tick(): Promise<void> {
    if (this.#isWorking || this.#isClosed) return;
    this.#isWorking = true;
    this.#turn = this.#takeTurn();
    await this.#turn;
    this.#isWorking = false;
  }

  async #takeTurn(): Promise<void> {
    try {
      for (const session of this.#due().slice(0, PER_TICK)) await this.#save(session);
    } catch (error) {
      this.log.debug({ err: error }, 'a screen could not be stored; tried again in its next turn');
    }
  }

  /**
   * Stores everything that changed, whole and side by side, and then no more.
   * @returns the ids of what was not stored in `limitMs`
   */
  async finish(limitMs: number): Promise<string[]> {
    this.close();
    const waiting = new Set<string>();
    const all = [...this.sessions()]
      .filter((session) => this.#isChanged(session))
      .map(async (session) => {
        waiting.add(session.id);
        await this.#draw(session, true)
          .then((drawn) => this.store.save(drawn))
          .then(() => waiting.delete(session.id))
          .catch((error: unknown) => this.log.debug({ err: error, session: session.id }, 'a screen was not stored'));
      });
    await this.#within(limitMs, Promise.all(all));
    return [...waiting];
  }

  close(): void {
    this.#isClosed = true;
    this.#cancel();
  }

  /** Those whose turn has come, the one that waits longest first. */
  #due(): LiveSession[] {
    const live = [...this.sessions()];
    const ids = new Set(live.map(({ id }) => id));
    for (const id of this.#stored.keys()) if (!ids.has(id)) this.#stored.delete(id);
    const now = this.clock.now();
    const isDue = (session: LiveSession) => {
      const known = this.#of(session);
      return this.#isChanged(session) && (!known || now - known.at >= (known.isFull ? SOON_MS : PERIOD_MS));
    };
    const since = (session: LiveSession) => this.#of(session)?.at ?? 0;
    return live.filter(isDue).sort((a, b) => since(a) - since(b));
  }

  #isChanged(session: LiveSession): boolean {
    const known = this.#of(session);
    return session.state === 'running' && (!known || known.isFull || known.end !== session.feed.end);
  }

  #of(session: LiveSession): Stored | undefined {
    const known = this.#stored.get(session.id);
    return known?.incarnation === session.incarnation ? known : undefined;
  }

  async #save(session: LiveSession): Promise<void> {
    const { incarnation } = session;
    const { isFull, fullEnd } = this.#of(session) ?? { isFull: true, fullEnd: -1 };
    const { end } = session.feed;
    // Noted before the try: what fails waits for its next turn like any other.
    const stored: Stored = { incarnation, end: -1, fullEnd, at: this.clock.now(), isFull };
    this.#stored.set(session.id, stored);
    await this.store.save(await this.#draw(session, isFull));
    Object.assign(stored, { end, isFull: false, ...(isFull ? { fullEnd: end } : {}) });
  }

  async #draw({ id: sessionId, incarnation }: LiveSession, isFull: boolean) {
    // Asked for at once: they are of one moment, and before whatever is told to the screens next.
    const [{ text: screen, ...at }, recent, transcript] = await Promise.all([
      this.screens.visible(sessionId),
      this.screens.transcript(sessionId, RECENT_BYTES),
      isFull ? this.screens.transcript(sessionId, TRANSCRIPT_BYTES) : undefined,
    ]);
    return { sessionId, incarnation, ...at, screen, recent, transcript };
  }

  #within(limitMs: number, work: Promise<unknown>): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.clock.after(limitMs, resolve);
      void work.finally(() => {
        cancel();
        resolve();
      });
    });
  }
}
