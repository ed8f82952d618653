/** Sessions in PostgreSQL: what all shards know of each other's. */
import type { Knex } from 'knex';
import type { SessionRow } from '../../db/tables.ts';
import { AppError } from '../../protocol/errors.ts';
import { MAX_SESSIONS_PER_PERSON } from '../../protocol/limits.ts';
import type { Session } from '../../protocol/sessions.ts';
import type { LiveSession } from './liveSession.ts';

export interface StoredSession extends Session {
  ownerEmail: string;
}

export type NewSession = Omit<SessionRow, 'shard_id' | 'exit_code' | 'exit_signal' | 'ended_at' | 'state'>;

export class SessionStore {
  constructor(
    private readonly knex: Knex,
    private readonly shardId: string,
  ) {}

  /** Over all shards, newest last (index on owner_email). */
  async list(ownerEmail: string): Promise<StoredSession[]> {
    const rows = await this.knex('sessions').where({ owner_email: ownerEmail }).orderBy('created_at');
    return rows.map(toSession);
  }

  async find(id: string): Promise<StoredSession | undefined> {
    const row = await this.knex('sessions').where({ id }).first();
    return row && toSession(row);
  }

  /**
   * The row before the pty: a session that nobody can find must not run.
   * One person's creations wait for each other (an advisory lock), so that the limit holds over all shards.
   * @throws AppError `session.too_many`
   */
  async create(session: NewSession): Promise<void> {
    await this.knex.transaction(async (transaction) => {
      await transaction.raw('select pg_advisory_xact_lock(hashtext(?))', [session.owner_email]);
      const [row] = await transaction('sessions').where({ owner_email: session.owner_email }).count({ count: '*' });
      if (Number(row?.count ?? 0) >= MAX_SESSIONS_PER_PERSON) {
        throw new AppError('session.too_many', `you have ${MAX_SESSIONS_PER_PERSON} sessions; close one first`);
      }
      await transaction('sessions').insert({
        ...session,
        command: json(session.command),
        shard_id: this.shardId,
        state: 'starting',
      });
    });
  }

  /** Writes what a live session is now; a row that is gone stays gone. The name is not written: it is the person's. */
  async save(session: LiveSession, hostGeneration: string): Promise<void> {
    await this.knex('sessions')
      .where({ id: session.id, shard_id: this.shardId })
      .update({
        state: session.state,
        cols: session.cols,
        rows: session.rows,
        exit_code: session.exit?.code ?? null,
        exit_signal: session.exit?.signal ?? null,
        ended_at: session.endedAt ? new Date(session.endedAt) : null,
        host_generation: hostGeneration,
      });
  }

  async rename(ownerEmail: string, id: string, name: string): Promise<StoredSession | undefined> {
    const [row] = await this.knex('sessions').where({ id, owner_email: ownerEmail }).update({ name }).returning('*');
    return row && toSession(row);
  }

  async delete(id: string): Promise<void> {
    await this.knex('sessions').where({ id }).delete();
  }

  /** This shard's rows that should have a pty here and have none: their host is dead (index on shard_id, state). */
  async markLost(liveIds: string[]): Promise<number> {
    return this.knex('sessions')
      .where({ shard_id: this.shardId })
      .whereIn('state', ['starting', 'running'])
      .whereNotIn('id', liveIds)
      .update({ state: 'lost', ended_at: new Date() });
  }
}

function toSession(row: SessionRow): StoredSession {
  return {
    id: row.id,
    ownerEmail: row.owner_email,
    projectId: row.project_id,
    shardId: row.shard_id,
    incarnation: row.incarnation,
    name: row.name,
    state: row.state,
    command: row.command,
    cwd: row.cwd,
    cols: row.cols,
    rows: row.rows,
    exitCode: row.exit_code,
    exitSignal: row.exit_signal,
    createdAt: row.created_at.toISOString(),
    endedAt: row.ended_at?.toISOString() ?? null,
  };
}

function json(value: string[]): string[] {
  return JSON.stringify(value) as unknown as string[];
}
