/**
 * Compares the sessions that run here with their rows, whenever the lease was renewed: what was revived or closed elsewhere while
 * we could not be heard is ended here, what was only given up is taken back. The rows are the truth; none is changed for the others.
 */
import { AppError } from '../../protocol/errors.ts';
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { Hibernation } from './hibernation.ts';
import type { LiveSession } from './liveSession.ts';
import { verdictOn } from './ownership.ts';
import type { SessionRegistry } from './sessionRegistry.ts';
import type { SessionSaver } from './sessionSaver.ts';
import type { Ownership, SessionStore } from './sessionStore.ts';

/** A session that is younger is not missed: whoever opened it may still be about to write, or to take back, its row. */
const YOUNG_MS = 60_000;

export interface OwnershipCheckParts {
  shardId: string;
  store: Pick<SessionStore, 'ownership'>;
  registry: Pick<SessionRegistry, 'get' | 'ids' | 'surrender'>;
  saver: Pick<SessionSaver, 'changed'>;
  hibernation: Pick<Hibernation, 'resolve'>;
  clock: Clock;
  log: Log;
}

export class OwnershipCheck {
  /** Had no row at the last check; what has none again is ended. */
  #missing = new Set<string>();
  #isRunning = false;

  constructor(private readonly parts: OwnershipCheckParts) {}

  /** Never rejects: without an answer of the database everything goes on. */
  async run(): Promise<void> {
    if (this.#isRunning) return;
    this.#isRunning = true;
    try {
      const { registry, store } = this.parts;
      const ids = registry.ids;
      const rows = new Map((await store.ownership(ids)).map((row) => [row.id, row]));
      const missing = new Set<string>();
      for (const id of ids) {
        const session = registry.get(id);
        if (session && !rows.has(id)) missing.add(id);
        if (session) this.#act(session, rows.get(id));
      }
      this.#missing = missing;
    } catch (error) {
      this.parts.log.debug({ err: error }, 'who owns the sessions could not be asked');
    } finally {
      this.#isRunning = false;
    }
  }

  #act(session: LiveSession, row: Ownership | undefined): void {
    const { shardId, saver, hibernation, log } = this.parts;
    const verdict = verdictOn({ shardId, incarnation: session.incarnation }, row);
    if (verdict === 'take_back') {
      log.info({ session: session.id }, 'a session that was given up runs here still');
      saver.changed(session);
    } else if (verdict === 'put_away') {
      log.info({ session: session.id }, 'a session is put away here, which somebody began');
      hibernation.resolve(session).catch((error: unknown) => {
        log.warn({ err: error, session: session.id }, 'it is not put away yet');
      });
    } else if (verdict === 'superseded') {
      const details = { shardId: row!.shardId, incarnation: String(row!.incarnation) };
      this.#surrender(
        session,
        new AppError('session.wrong_shard', `this session goes on at ${row!.shardId}`, { details }),
      );
    } else if (verdict === 'missing' && this.#isGone(session)) {
      this.#surrender(session, new AppError('session.not_found', 'this session was closed'));
    }
  }

  #isGone({ id, createdAt }: LiveSession): boolean {
    return this.#missing.has(id) && this.parts.clock.now() - Date.parse(createdAt) > YOUNG_MS;
  }

  #surrender(session: LiveSession, reason: AppError): void {
    const { registry, log } = this.parts;
    log.warn(
      { session: session.id, incarnation: session.incarnation, code: reason.code },
      'a session is no longer ours',
    );
    registry.surrender(session, reason).catch((error: unknown) => {
      log.error({ err: error, session: session.id }, 'its program could not be ended yet');
    });
  }
}
