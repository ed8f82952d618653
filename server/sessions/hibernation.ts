/**
 * Puts sessions of this shard away: stored first, then given up in the row, then ended, and then to be woken. A session is never
 * ended that is not stored, unless that was asked for; and a row that says put away is carried out, whoever died meanwhile.
 */
import { AppError } from '../../protocol/errors.ts';
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { Kept } from '../state/sessionStates.ts';
import { leftOutWords } from '../state/words.ts';
import type { Checkpointer } from './checkpointer.ts';
import type { LiveSession } from './liveSession.ts';
import type { ScreenSaver } from './screenSaver.ts';
import type { SessionRegistry } from './sessionRegistry.ts';
import type { SessionStore } from './sessionStore.ts';
import type { Turns } from './turns.ts';

/** Whoever asked waits, and a gateway that hears nothing gives up after a minute. */
const STATE_LIMIT_MS = 35_000;
const SCREEN_LIMIT_MS = 5_000;
/** What changed while the program ended is little, and who wants it away at any rate does not wait for a store that hangs. */
const SHORT_STATE_LIMIT_MS = 8_000;

export interface HibernationParts {
  registry: Pick<SessionRegistry, 'get' | 'surrender' | 'stays' | 'isEnding' | 'heldIds'>;
  store: Pick<SessionStore, 'hibernate' | 'hibernated' | 'stays' | 'finishHibernations' | 'ownership'>;
  screens: Pick<ScreenSaver, 'keep' | 'ended'>;
  /** Rejects when the pty host does not answer, or has a newer backend: one that was frozen goes on where it stopped. */
  confirm: () => Promise<void>;
  /** Absent: nothing is kept for other shards. */
  checkpointer: Pick<Checkpointer, 'keep' | 'ended'> | undefined;
  /** Shared with whoever closes sessions. */
  turns: Turns;
  onChanged: (email: string) => void;
  clock: Clock;
  log: Log;
}

export class Hibernation {
  /** What is being put away; whoever asks meanwhile waits for the same. */
  #underWay = new Map<string, Promise<void>>();
  /** The database did not say whether it took it, and whoever asked was told that it failed. */
  #doubtful = new Set<string>();

  constructor(private readonly parts: HibernationParts) {}

  /**
   * Resolves when the session is put away.
   * @throws AppError `session.not_running`, `ptyhost.unavailable`, and unless `evenIfNotStored` `state.incomplete`, `state.unavailable`, `screen.unavailable`
   */
  async putAway(session: LiveSession, evenIfNotStored: boolean): Promise<void> {
    const before = this.#underWay.get(session.id);
    if (before) {
      await before.catch(() => undefined);
      return session.state === 'hibernated' ? undefined : this.putAway(session, evenIfNotStored);
    }
    await this.#note(session.id, this.#putAway(session, evenIfNotStored));
  }

  /** A row says that a session is put away which runs here: a backend died amid it, or its word to the database was lost. */
  async resolve(session: LiveSession): Promise<void> {
    const { id } = session;
    if (this.#underWay.has(id)) return;
    const { store, turns, registry } = this.parts;
    if (this.#doubtful.has(id) && session.state === 'running') return store.stays(session);
    const finish = async () => (registry.get(id) === session ? this.#finish(session, undefined) : undefined);
    await this.#note(id, turns.take(id, finish));
  }

  /** Those whose program had ended, or went with its host, before that could be written. */
  async finishOthers(): Promise<void> {
    const { store, registry, onChanged } = this.parts;
    const owners = await store.finishHibernations([...registry.heldIds, ...this.#underWay.keys()]);
    for (const email of new Set(owners)) onChanged(email);
  }

  #note(id: string, work: Promise<void>): Promise<void> {
    const noted = work.finally(() => this.#underWay.delete(id));
    this.#underWay.set(id, noted);
    return noted;
  }

  /** A program has ended by itself: what is stored of it goes, unless its row says that a backend was putting it away, and died. */
  async ended(session: LiveSession): Promise<void> {
    const { store, screens, checkpointer } = this.parts;
    const [row] = await store.ownership([session.id]);
    if (row?.state === 'hibernated' && row.incarnation === session.incarnation) return;
    screens.ended(session);
    await checkpointer?.ended(session.id);
  }

  async #putAway(session: LiveSession, evenIfNotStored: boolean): Promise<void> {
    const { log, turns } = this.parts;
    requireRunning(session);
    const limitMs = evenIfNotStored ? SHORT_STATE_LIMIT_MS : STATE_LIMIT_MS;
    const kept = await this.#keep(session, limitMs).catch((error: unknown) => {
      if (!evenIfNotStored) throw error;
      log.warn({ err: error, session: session.id }, 'a session is put away, although not all of it is stored');
      return undefined;
    });
    await turns.take(session.id, async () => {
      await this.parts.confirm();
      await this.#giveUp(session);
      await this.#finish(session, kept);
    });
    log.info({ user: session.ownerEmail, session: session.id }, 'session put away');
  }

  /** Stores what the session needs to go on elsewhere, and its screen, while it still runs. */
  async #keep(session: LiveSession, limitMs: number): Promise<Kept | undefined> {
    const { checkpointer, screens } = this.parts;
    const [state, screen] = await Promise.allSettled([
      checkpointer && this.#within(limitMs, checkpointer.keep(session), storeTooSlow),
      this.#within(SCREEN_LIMIT_MS, screens.keep(session), screenTooSlow),
    ]);
    if (state.status === 'rejected') throw state.reason;
    if (screen.status === 'rejected') throw screen.reason;
    const kept = state.value;
    if (kept && kept.leftOut.length > 0) throw incomplete(`not all of it was stored: ${leftOutWords(kept.leftOut)}`);
    if (!checkpointer && session.conversation)
      throw incomplete('its conversation is kept on the disk of its shard alone, and can be taken up only there');
    return kept;
  }

  /** From here on it is put away: its row says so. */
  async #giveUp(session: LiveSession): Promise<void> {
    const { registry, store } = this.parts;
    if (registry.get(session.id) !== session) throw notRunning();
    requireRunning(session);
    this.#doubtful.delete(session.id);
    session.state = 'hibernated'; // before the row: what is saved from here on must not write it over
    try {
      if (await store.hibernate(session)) return;
    } catch (error) {
      this.#doubtful.add(session.id);
      registry.stays(session);
      throw error;
    }
    registry.stays(session);
    throw notRunning();
  }

  async #finish(session: LiveSession, kept: Kept | undefined): Promise<void> {
    const { registry, store, log, onChanged } = this.parts;
    session.state = 'hibernated';
    await registry.surrender(session, new AppError('session.hibernated', 'this session was put away'));
    onChanged(session.ownerEmail);
    if (registry.isEnding(session.id)) return; // a host that does not answer: `finishOthers` when it does
    // What the program wrote while it ended; its files are here still.
    await this.#keepLast(session, kept);
    await store.hibernated(session).catch((error: unknown) => {
      log.warn({ err: error, session: session.id }, 'that a session can be woken is written later');
    });
    onChanged(session.ownerEmail);
  }

  async #keepLast(session: LiveSession, known: Kept | undefined): Promise<void> {
    const { checkpointer, log } = this.parts;
    const kept = checkpointer?.keep(session, known);
    await (kept && this.#within(SHORT_STATE_LIMIT_MS, kept, storeTooSlow))?.catch((error: unknown) => {
      log.warn({ err: error, session: session.id }, 'what a session did at its end was not stored');
    });
  }

  #within<T>(limitMs: number, work: Promise<T>, late: () => AppError): Promise<T> {
    return new Promise((resolve, reject) => {
      const cancel = this.parts.clock.after(limitMs, () => reject(late()));
      work.then(resolve, reject).finally(cancel);
    });
  }
}

function requireRunning({ state }: LiveSession): void {
  if (state !== 'running') throw notRunning();
}

function notRunning(): AppError {
  return new AppError('session.not_running', 'nothing runs in this session that could be put away');
}

function incomplete(sentence: string): AppError {
  return new AppError('state.incomplete', sentence);
}

const storeTooSlow = () => new AppError('state.unavailable', 'what it needs to go on could not be stored in time');
const screenTooSlow = () => new AppError('screen.unavailable', 'its screen could not be stored in time');
