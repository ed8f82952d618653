/** The rows of the shards: who is there, and the commands that travel from one to another. */
import type { Knex } from 'knex';
import type { ChangedSubject } from '../../protocol/terminal.ts';
import type { LeaseRow } from './lease.ts';
import { PEOPLE_SQL } from './people.ts';

/** One life of a backend, which asks for the lease of its shard. */
export interface LeaseClaim {
  shardId: string;
  version: string;
  hostGeneration: string;
  /** Names the life. */
  holder: string;
  /** Its start by the database's clock, as `ShardStore.now` told it. */
  startedAt: string;
}

export interface HeldLease {
  isDraining: boolean;
}

export interface CountedShardRow {
  id: string;
  version: string;
  drainingSince: Date | null;
  leaseAgeMs: number;
  people: number;
  sessions: number;
}

export interface CommandTarget {
  shardId: string;
  sessionId: string;
  requestedBy: string;
}

export interface ShardCommand {
  id: string;
  sessionId: string;
  requestedBy: string;
  kind: CommandKind;
  /** What it says beside its session, as it was written. */
  arguments: unknown;
  /** Since it was asked for, by the database's clock. */
  ageMs: number;
}

export type CommandKind = 'close' | 'hibernate';
const KINDS: CommandKind[] = ['close', 'hibernate'];

export interface CommandResult {
  error: { code: string; message: string } | null;
}

/** A doorbell only: the row is the message, and a poll finds it when the bell was not heard. */
export const COMMAND_CHANNEL = 'holdfast_shard_command';
export const CHANGE_CHANNEL = 'holdfast_changed';
/** The shard of this id was set to drain, or no longer is. */
export const SHARD_CHANNEL = 'holdfast_shard';

export class ShardStore {
  constructor(private readonly knex: Knex) {}

  /** The database's time, to the microsecond: as text, because a Date would round it. */
  async now(): Promise<string> {
    const { rows } = await this.knex.raw<{ rows: { now: string }[] }>('select clock_timestamp()::text as now');
    return rows[0]!.now;
  }

  /**
   * Takes or renews the lease of a shard. Of two lives the one that began later holds it; equal starts are told apart by name.
   * A row that a release without holders wrote is anybody's.
   * @returns undefined when a newer life holds it
   */
  async renewLease({
    shardId,
    version,
    hostGeneration,
    holder,
    startedAt,
  }: LeaseClaim): Promise<HeldLease | undefined> {
    const { rows } = await this.knex.raw<{ rows: HeldLease[] }>(
      `insert into shards as s (id, version, host_generation, lease_holder, started_at, heartbeat_at)
      values (?, ?, ?, ?, ?::timestamptz, clock_timestamp())
      on conflict (id) do update set version = excluded.version, host_generation = excluded.host_generation,
        lease_holder = excluded.lease_holder, started_at = excluded.started_at, heartbeat_at = excluded.heartbeat_at
      where s.lease_holder is null or (s.started_at, s.lease_holder) <= (excluded.started_at, excluded.lease_holder)
      returning draining_since is not null as "isDraining"`,
      [shardId, version, hostGeneration, holder, startedAt],
    );
    return rows[0];
  }

  /** All shards with their people, by the definition of people.ts, ordered by id. */
  async overview(): Promise<CountedShardRow[]> {
    const { rows } = await this.knex.raw<{ rows: CountedShardRow[] }>(
      `select h.id, h.version, h.draining_since as "drainingSince",
        (extract(epoch from clock_timestamp() - h.heartbeat_at) * 1000)::float8 as "leaseAgeMs",
        count(distinct p.email)::int as people, (count(p.email) filter (where p.is_live))::int as sessions
      from shards h left join (${PEOPLE_SQL}) p on p.shard_id = h.id
      group by h.id order by h.id`,
    );
    return rows;
  }

  /** False when there is no such shard. Set again, it keeps the time it was first set at. The shard itself is told. */
  async setDraining(shardId: string, isDraining: boolean): Promise<boolean> {
    return this.knex.transaction(async (transaction) => {
      const since = isDraining ? transaction.raw('coalesce(draining_since, now())') : null;
      const count = await transaction('shards')
        .where({ id: shardId })
        .update({ draining_since: since as Date | null });
      await transaction.raw('select pg_notify(?, ?)', [SHARD_CHANNEL, shardId]);
      return count > 0;
    });
  }

  /** All shards that were ever there. */
  async leases(): Promise<LeaseRow[]> {
    const age = (column: string) =>
      this.knex.raw('(extract(epoch from clock_timestamp() - ??) * 1000)::float8', column);
    const rows = await this.knex('shards').select('id', {
      ageMs: age('heartbeat_at'),
      drainingForMs: age('draining_since'),
    });
    return (rows as unknown as { id: string; ageMs: number; drainingForMs: number | null }[]).map(
      ({ id, ...ages }) => ({
        shardId: id,
        ...ages,
      }),
    );
  }

  /** Asks the owner of a session to do something with it; the id of the command. */
  async request(
    kind: CommandKind,
    { shardId, sessionId, requestedBy, ...command }: CommandTarget & { arguments?: Record<string, unknown> },
  ): Promise<string> {
    return this.knex.transaction(async (transaction) => {
      const target = { shard_id: shardId, session_id: sessionId, requested_by: requestedBy };
      const [row] = await transaction('shard_commands')
        .insert({ ...target, kind, arguments: command.arguments ?? null })
        .returning('id');
      await transaction.raw('select pg_notify(?, ?)', [COMMAND_CHANNEL, shardId]);
      return row!.id;
    });
  }

  /** Undone commands of a shard, oldest first (partial index on shard_id where done_at is null). */
  async pending(shardId: string): Promise<ShardCommand[]> {
    const ageMs = this.knex.raw(`(extract(epoch from clock_timestamp() - created_at) * 1000)::float8 as "ageMs"`);
    const rows = await this.knex('shard_commands')
      .where({ shard_id: shardId })
      .whereIn('kind', KINDS)
      .whereNull('done_at')
      .orderBy('id')
      .select('id', 'kind', 'arguments', { sessionId: 'session_id', requestedBy: 'requested_by' }, ageMs);
    return rows as unknown as ShardCommand[];
  }

  async finish(id: string, error: CommandResult['error']): Promise<void> {
    await this.knex('shard_commands')
      .where({ id })
      .update({ done_at: new Date(), error: (error ? JSON.stringify(error) : null) as CommandResult['error'] });
  }

  /** The outcome, once there is one. */
  async result(id: string): Promise<CommandResult | undefined> {
    const row = await this.knex('shard_commands').where({ id }).whereNotNull('done_at').first('error');
    return row && { error: row.error };
  }

  /** Tells every shard that a list of this person changed. Sent after the change is committed. */
  async announce(email: string, subject: ChangedSubject): Promise<void> {
    await this.knex.raw('select pg_notify(?, ?)', [CHANGE_CHANNEL, JSON.stringify({ email, subject })]);
  }
}
