/** The rows of the shards: who is there, and the commands that travel from one to another. */
import type { Knex } from 'knex';
import type { LeaseRow } from './lease.ts';

export interface ShardCommand {
  id: string;
  sessionId: string;
  requestedBy: string;
}

export interface CommandResult {
  error: { code: string; message: string } | null;
}

/** A doorbell only: the row is the message, and a poll finds it when the bell was not heard. */
export const COMMAND_CHANNEL = 'holdfast_shard_command';
export const CHANGE_CHANNEL = 'holdfast_changed';

export class ShardStore {
  constructor(private readonly knex: Knex) {}

  async heartbeat(id: string, version: string, hostGeneration: string): Promise<void> {
    const now = new Date();
    await this.knex('shards')
      .insert({ id, version, host_generation: hostGeneration, heartbeat_at: now })
      .onConflict('id')
      .merge({ version, host_generation: hostGeneration, heartbeat_at: now });
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

  /** Asks the owner to close a session; the id of the command. */
  async requestClose(shardId: string, sessionId: string, requestedBy: string): Promise<string> {
    return this.knex.transaction(async (transaction) => {
      const [row] = await transaction('shard_commands')
        .insert({ shard_id: shardId, kind: 'close', session_id: sessionId, requested_by: requestedBy })
        .returning('id');
      await transaction.raw('select pg_notify(?, ?)', [COMMAND_CHANNEL, shardId]);
      return row!.id;
    });
  }

  /** Undone commands of a shard, oldest first (partial index on shard_id where done_at is null). */
  async pending(shardId: string): Promise<ShardCommand[]> {
    const rows = await this.knex('shard_commands')
      .where({ shard_id: shardId, kind: 'close' })
      .whereNull('done_at')
      .orderBy('id');
    return rows.map((row) => ({ id: row.id, sessionId: row.session_id, requestedBy: row.requested_by }));
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
  async announce(email: string, subject: 'sessions' | 'projects'): Promise<void> {
    await this.knex.raw('select pg_notify(?, ?)', [CHANGE_CHANNEL, JSON.stringify({ email, subject })]);
  }
}
