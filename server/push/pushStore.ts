/** The devices that people want to be called on. Every statement of a person is bound to the owner. */
import type { Knex } from 'knex';
import type { PushNote } from '../../protocol/attention.ts';
import { MAX_DEVICES, type PushSubscriptionInput } from '../../protocol/push.ts';

export interface Device extends PushSubscriptionInput {
  id: string;
}

export interface Call {
  email: string;
  note: PushNote;
}

const CALLS_AT_ONCE = 100;
const CALL_LIFETIME_MS = 10 * 60_000;

export class PushStore {
  constructor(private readonly knex: Knex) {}

  /** By the index on the owner. */
  async devicesOf(ownerEmail: string): Promise<Device[]> {
    const rows = await this.knex('push_subscriptions')
      .where({ owner_email: ownerEmail })
      .orderBy('created_at', 'desc')
      .limit(MAX_DEVICES);
    return rows.map(({ id, endpoint, p256dh, auth }) => ({ id, endpoint, keys: { p256dh, auth } }));
  }

  /** An endpoint is one browser: whoever is signed in there last is called on it. @returns its id */
  async put(ownerEmail: string, { endpoint, keys }: PushSubscriptionInput): Promise<string> {
    return this.knex.transaction(async (transaction) => {
      const [row] = await transaction('push_subscriptions')
        .insert({ owner_email: ownerEmail, endpoint, ...keys })
        .onConflict('endpoint')
        .merge(['owner_email', 'p256dh', 'auth'])
        .returning('id');
      const kept = transaction('push_subscriptions')
        .select('id')
        .where({ owner_email: ownerEmail })
        .orderByRaw('id = ? desc, created_at desc', [row!.id])
        .limit(MAX_DEVICES);
      await transaction('push_subscriptions').where({ owner_email: ownerEmail }).whereNotIn('id', kept).delete();
      return row!.id;
    });
  }

  /** Someone else's is not there. */
  async remove(ownerEmail: string, id: string): Promise<void> {
    await this.knex('push_subscriptions').where({ owner_email: ownerEmail, id }).delete();
  }

  /**
   * Takes some of the calls that wait, the oldest first, so that of several frontends one makes each. What nobody took for long
   * is dropped: it calls nobody who has not looked meanwhile.
   */
  async takeCalls(): Promise<Call[]> {
    const { rows } = await this.knex.raw<{ rows: (Call & { isFresh: boolean })[] }>(
      `delete from push_calls where id in (
        select id from push_calls order by created_at limit ? for update skip locked
      ) returning owner_email as email, note, created_at > now() - ? * interval '1 millisecond' as "isFresh"`,
      [CALLS_AT_ONCE, CALL_LIFETIME_MS],
    );
    return rows.filter(({ isFresh }) => isFresh);
  }

  /** Its push service knows it no more. Not if it was made anew with other keys meanwhile. */
  async forget({ id, keys }: Device): Promise<void> {
    await this.knex('push_subscriptions').where({ id, auth: keys.auth }).delete();
  }
}
