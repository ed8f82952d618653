/** Recordings of the sessions of this shard: who may have one, and of what. */
import { join } from 'node:path';
import { AppError } from '../../protocol/errors.ts';
import type { Session } from '../../protocol/sessions.ts';
import { mayUse, type Caller } from './access.ts';
import { castOf } from './castOf.ts';
import { KeptLog } from './keptLog.ts';
import type { LiveSession } from './liveSession.ts';
import type { StoredSession } from './sessionStore.ts';

/** Of one person at a time: each reads a file as fast as it is taken. */
const MAX_AT_ONCE = 3;

export interface RecordingsOptions {
  shardId: string;
  registry: { get(id: string): LiveSession | undefined };
  store: { find(id: string): Promise<StoredSession | undefined> };
  /** Where the pty hosts of this shard keep the logs of sessions. */
  directory: string;
}

export interface Recording {
  name: string;
  lines: AsyncGenerator<string>;
  /** To be called once when it is over, read or not. */
  release: () => void;
}

type Recorded = Pick<Session, 'id' | 'name' | 'incarnation' | 'cols' | 'rows' | 'createdAt'>;

export class Recordings {
  /** How many are being read, by person. */
  readonly #running = new Map<string, number>();

  constructor(private readonly options: RecordingsOptions) {}

  /**
   * What the present incarnation has printed until now; also of one that has exited, or was lost with its host.
   * @throws AppError `session.not_found`, `session.wrong_shard`, `recording.not_kept`, `recording.too_many`
   */
  async of(caller: Caller, id: string): Promise<Recording> {
    const session = await this.#session(caller, id);
    if ((this.#running.get(caller.email) ?? 0) >= MAX_AT_ONCE)
      throw new AppError('recording.too_many', `at most ${MAX_AT_ONCE} recordings are read at once`);
    this.#count(caller.email, 1);
    try {
      const log = await KeptLog.open(join(this.options.directory, id, String(session.incarnation)));
      const { name, cols, rows } = session;
      const lines = castOf(log, { name, cols, rows, createdAt: Date.parse(session.createdAt) });
      return { name, lines, release: () => this.#count(caller.email, -1) };
    } catch (error) {
      this.#count(caller.email, -1);
      throw error;
    }
  }

  async #session(caller: Caller, id: string): Promise<Recorded> {
    const live = this.options.registry.get(id);
    if (live) {
      if (!mayUse(caller, live)) throw notFound();
      return live;
    }
    const stored = await this.options.store.find(id);
    if (!mayUse(caller, stored)) throw notFound();
    if (stored.state === 'hibernated')
      throw new AppError('recording.not_kept', 'of a session that was put away only the last screen is kept');
    const { shardId, incarnation } = stored;
    if (shardId === this.options.shardId) return stored;
    throw new AppError('session.wrong_shard', `this session lives on ${shardId}`, {
      details: { shardId, incarnation: String(incarnation) },
    });
  }

  #count(email: string, by: 1 | -1): void {
    const count = (this.#running.get(email) ?? 0) + by;
    if (count > 0) this.#running.set(email, count);
    else this.#running.delete(email);
  }
}

function notFound(): AppError {
  return new AppError('session.not_found', 'there is no such session');
}
