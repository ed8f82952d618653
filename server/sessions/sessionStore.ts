/** Sessions in PostgreSQL: what all shards know of each other's. */
import type { Knex } from 'knex';
import type { SessionRow } from '../../db/tables.ts';
import { AppError } from '../../protocol/errors.ts';
import { MAX_SESSIONS_PER_PERSON, SHARD_LOST_MS } from '../../protocol/limits.ts';
import type { Session, SessionState } from '../../protocol/sessions.ts';
import type { LiveSession } from './liveSession.ts';

export interface StoredSession extends Session {
  ownerEmail: string;
  /** Of an agent; null for any other program. */
  conversationId: string | null;
}

/** Who has a session by its row: what an owner compares its own with. */
export interface Ownership {
  id: string;
  shardId: string;
  incarnation: number;
  state: SessionState;
}

/** The next incarnation of a session, here. */
export interface Revival {
  sessionId: string;
  ownerEmail: string;
  /** The one that is to be followed. */
  incarnation: number;
  conversationId: string | null;
  cols: number;
  rows: number;
}

/** One life of a session. */
export interface Life {
  id: string;
  incarnation: number;
}

export type NewSession = Omit<
  SessionRow,
  'shard_id' | 'exit_code' | 'exit_signal' | 'ended_at' | 'state' | 'hibernated_incarnation'
>;

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
   * One person's creations wait for each other (an advisory lock), so that the limit holds over all shards, and of several at once
   * each finds the names of those before it.
   * @param isNameOurs not a person's choice: where it is taken, a number tells this one apart
   * @returns the name it has
   * @throws AppError `session.too_many`
   */
  async create(session: NewSession, isNameOurs = false): Promise<string> {
    return this.knex.transaction(async (transaction) => {
      await transaction.raw('select pg_advisory_xact_lock(hashtext(?))', [session.owner_email]);
      const taken = await transaction('sessions').where({ owner_email: session.owner_email }).pluck('name');
      if (taken.length >= MAX_SESSIONS_PER_PERSON) {
        throw new AppError('session.too_many', `you have ${MAX_SESSIONS_PER_PERSON} sessions; close one first`);
      }
      const name = isNameOurs ? freeName(session.name, taken) : session.name;
      await transaction('sessions').insert({
        ...session,
        name,
        command: json(session.command),
        shard_id: this.shardId,
        state: 'starting',
      });
      return name;
    });
  }

  /**
   * Writes what a live session is now; a row that is gone stays gone, and one of another life of the session is left alone. So is
   * one that was put away: that is undone by a wake, or by `stays`, and never by what was on its way here before.
   * The name is not written: it is the person's.
   */
  async save(session: LiveSession, hostGeneration: string): Promise<void> {
    const { state } = session;
    if (state === 'hibernated') return; // written by those who put it away
    await this.#life(session)
      .whereRaw(`not ${HIBERNATED}`)
      .update({
        state,
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

  /** Deletes a session whose shard is silent; it ends what it has when it comes back. False while the shard lives. */
  async deleteOrphan(id: string): Promise<boolean> {
    return (await this.knex('sessions').where({ id }).whereRaw(`not exists (${LEASE})`, [SHARD_LOST_MS]).delete()) > 0;
  }

  /** This shard's rows that should have a pty here and have none: their host is dead (index on shard_id, state). */
  async markLost(liveIds: string[]): Promise<number> {
    return this.knex('sessions')
      .where({ shard_id: this.shardId })
      .whereIn('state', ['starting', 'running'])
      .whereNotIn('id', liveIds)
      .update({ state: 'lost', ended_at: new Date() });
  }

  /**
   * Makes this shard the owner of the next incarnation of a session that was lost or put away: of many who try at once, one does.
   * In one statement, and by the database's clock: the row is lost, or its shard has no lease that is younger than SHARD_LOST_MS.
   * False when the session is not in that state (any more).
   */
  async revive({ sessionId, ownerEmail, incarnation, ...plan }: Revival, hostGeneration: string): Promise<boolean> {
    const count = await this.#revivable({ sessionId, ownerEmail, incarnation }).update({
      incarnation: incarnation + 1,
      shard_id: this.shardId,
      host_generation: hostGeneration,
      state: 'starting',
      conversation_id: plan.conversationId,
      cols: plan.cols,
      rows: plan.rows,
      ended_at: null,
    });
    return count === 1;
  }

  /** Whether `revive` would do it now: asked before anything is fetched for it. */
  async isRevivable(life: Pick<Revival, 'sessionId' | 'ownerEmail' | 'incarnation'>): Promise<boolean> {
    return (await this.#revivable(life).first('id')) !== undefined;
  }

  #revivable({ sessionId, ownerEmail, incarnation }: Pick<Revival, 'sessionId' | 'ownerEmail' | 'incarnation'>) {
    return this.knex('sessions')
      .where({ id: sessionId, owner_email: ownerEmail, incarnation })
      .whereRaw(
        `((state = 'lost' and not (${HIBERNATED} and ended_at is null))
          or (state in ('starting', 'running', 'lost') and not exists (${LEASE})))`,
        [SHARD_LOST_MS],
      );
  }

  /** The row of a session of this shard, while it is in this life. */
  #life({ id, incarnation }: Life) {
    return this.knex('sessions').where({ id, shard_id: this.shardId, incarnation });
  }

  /** A revival whose program did not start: lost, or put away, again. Its number stays used, so that no two lives share one. */
  async reviveFailed(id: string, incarnation: number, wasHibernated: boolean): Promise<void> {
    await this.#life({ id, incarnation }).update({
      state: 'lost',
      hibernated_incarnation: wasHibernated ? incarnation : null,
      ended_at: new Date(),
    });
  }

  /**
   * Puts a session of this shard away, whose program is still to be ended: until `hibernated` nobody wakes it while this shard
   * lives. False when the row says that nothing of this life runs here.
   */
  async hibernate(life: Life): Promise<boolean> {
    const count = await this.#life(life)
      .whereNot({ state: 'exited' })
      .update({ state: 'lost', hibernated_incarnation: life.incarnation, ended_at: null });
    return count === 1;
  }

  /** Its program has ended: from now on it can be woken. */
  async hibernated(life: Life): Promise<void> {
    await this.#life(life).whereRaw(`${HIBERNATED} and ended_at is null`).update({ ended_at: new Date() });
  }

  /** It was not put away after all, and runs. */
  async stays(life: Life): Promise<void> {
    await this.#life(life)
      .whereRaw(`${HIBERNATED} and ended_at is null`)
      .update({ state: 'running', hibernated_incarnation: null });
  }

  /**
   * Those of this shard that a backend began to put away and did not finish: what is not among `liveIds` has no program any more.
   * @returns their owners
   */
  async finishHibernations(liveIds: string[]): Promise<string[]> {
    const finished = await this.knex('sessions')
      .where({ shard_id: this.shardId })
      .whereRaw(`${HIBERNATED} and ended_at is null`)
      .whereNotIn('id', liveIds)
      .update({ ended_at: new Date() })
      .returning('owner_email');
    return finished.map((row) => row.owner_email);
  }

  /** Who has these by their rows; what has no row is not in the answer (primary key). */
  async ownership(ids: string[]): Promise<Ownership[]> {
    if (ids.length === 0) return [];
    const rows = await this.knex('sessions')
      .whereIn('id', ids)
      .select('id', 'shard_id', 'incarnation', 'state', 'hibernated_incarnation');
    return rows.map((row) => ({
      id: row.id,
      shardId: row.shard_id,
      incarnation: row.incarnation,
      state: stateOf(row),
    }));
  }

  /**
   * Marks the sessions of shards lost whose lease is older than `timeoutMs` by the database's clock, or that have none.
   * Of all backends one does it at a time (an advisory lock); the others find the lock taken and leave it.
   * @returns the owners of what was marked
   */
  async sweepOrphans(timeoutMs: number): Promise<string[]> {
    return this.knex.transaction(async (transaction) => {
      const { rows } = await transaction.raw<{ rows: { mine: boolean }[] }>(
        'select pg_try_advisory_xact_lock(?) as mine',
        [SWEEP_LOCK],
      );
      if (!rows[0]?.mine) return [];
      const marked = await transaction('sessions')
        .whereIn('state', ['starting', 'running'])
        .whereRaw(`not exists (${LEASE})`, [timeoutMs])
        .update({ state: 'lost', ended_at: new Date() })
        .returning('owner_email');
      return marked.map((row) => row.owner_email);
    });
  }
}

/** `bash`, and when there is one already `bash 2`. */
function freeName(name: string, taken: readonly string[]): string {
  const names = new Set(taken);
  for (let number = 2, candidate = name; ; candidate = `${name} ${number++}`)
    if (!names.has(candidate)) return candidate;
}

/** Put away. A row of any other life, or in any other state, bears a number that was. */
const HIBERNATED = `(state = 'lost' and hibernated_incarnation is not distinct from incarnation)`;

const SWEEP_LOCK = 7_236_003;

/** The lease that covers the session of the outer query, if it is younger than so many ms by the database's clock. */
const LEASE = `select 1 from shards
  where shards.id = sessions.shard_id and shards.heartbeat_at > now() - ? * interval '1 millisecond'`;

function toSession(row: SessionRow): StoredSession {
  return {
    id: row.id,
    ownerEmail: row.owner_email,
    projectId: row.project_id,
    shardId: row.shard_id,
    incarnation: row.incarnation,
    name: row.name,
    state: stateOf(row),
    command: row.command,
    cwd: row.cwd,
    cols: row.cols,
    rows: row.rows,
    exitCode: row.exit_code,
    exitSignal: row.exit_signal,
    createdAt: row.created_at.toISOString(),
    endedAt: row.ended_at?.toISOString() ?? null,
    conversationId: row.conversation_id,
  };
}

function stateOf(row: Pick<SessionRow, 'state' | 'incarnation' | 'hibernated_incarnation'>): SessionState {
  return row.state === 'lost' && row.hibernated_incarnation === row.incarnation ? 'hibernated' : row.state;
}

function json(value: string[]): string[] {
  return JSON.stringify(value) as unknown as string[];
}
