/** Attention across the instances: signals are rung from shard to shard; calls, and who shows life where, are rows. */
import type { Knex } from 'knex';
import type { PushNote, SeenSignals, SessionSignal } from '../../protocol/attention.ts';

/**
 * To every shard: what one of them heard, or that it was looked at. The payload is the message, and is nowhere else: words of
 * terminals are not stored. Windows that are connected to that shard need no bell.
 */
export const SIGNAL_CHANNEL = 'holdfast_signal';
/** To the frontend: there is a call to be made. A doorbell only: the row is the message. */
export const CALL_CHANNEL = 'holdfast_call';

export interface SignalNews {
  email: string;
  signal?: SessionSignal;
  seen?: SeenSignals;
}

export class AttentionStore {
  constructor(
    private readonly knex: Knex,
    private readonly shardId: string,
  ) {}

  async tell(news: SignalNews): Promise<void> {
    await this.knex.raw('select pg_notify(?, ?)', [SIGNAL_CHANNEL, JSON.stringify(news)]);
  }

  /** The person's devices are to be called, by whichever frontend takes it first. */
  async call(email: string, note: PushNote): Promise<void> {
    const json = JSON.stringify(note) as unknown as PushNote;
    await this.knex('push_calls').insert({ owner_email: email, note: json });
    await this.knex.raw('select pg_notify(?, ?)', [CALL_CHANNEL, '']);
  }

  /** By the database's clock. @param forMs 0: nobody of them shows life here any more */
  async setAlive(emails: string[], forMs: number): Promise<void> {
    await this.knex.raw(
      `insert into presence as p (owner_email, shard_id, alive_until)
      select email, ?, clock_timestamp() + ? * interval '1 millisecond' from unnest(?::text[]) as email
      on conflict (owner_email, shard_id) do update set alive_until = excluded.alive_until`,
      [this.shardId, forMs, emails],
    );
  }

  /** On any shard (primary key, which begins with the owner). */
  async isAlive(email: string): Promise<boolean> {
    const row = await this.knex('presence')
      .where({ owner_email: email })
      .whereRaw('alive_until > clock_timestamp()')
      .first('owner_email');
    return row !== undefined;
  }
}
