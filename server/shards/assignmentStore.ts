/** Which shard a person's new sessions go to, as a row, so that a second device goes to the same one; and the places on the shards. */
import type { Knex } from 'knex';
import type { AssignmentReason } from '../../protocol/identity.ts';
import { PEOPLE_SQL } from './people.ts';
import { RESERVATION_MS, type ShardFacts } from './placement.ts';

export interface AssignmentRecord {
  shardId: string;
  epoch: number;
  reason: AssignmentReason;
}

/** A person's row with what tells whether it still holds. */
export interface StandingAssignment extends AssignmentRecord {
  /** What is left of the reservation in ms; 0 without one. */
  reservedMs: number;
  /** Whether the person has a live session on that shard. */
  isHome: boolean;
  isDraining: boolean;
}

/** What the database knows of a configured shard, seen from one person. */
export type CountedShard = Omit<ShardFacts, 'isUp'>;

/** The places of the locked shards. What is read here stays true until `work` ends. */
export interface Places {
  known(email: string): Promise<AssignmentRecord | undefined>;
  /** The locked shards, in the order they were named in. */
  count(email: string): Promise<CountedShard[]>;
  /** Holds a place for RESERVATION_MS from now. */
  reserve(email: string, shardId: string): Promise<void>;
  /** A first assignment has epoch 1, and each later one the next. */
  assign(email: string, shardId: string, reason: AssignmentReason): Promise<AssignmentRecord>;
}

/** First key of the advisory locks, one for each shard; the second is the hash of its id. */
const LOCK_CLASS = 7_236_010;
/** A frontend that is frozen while it holds the locks is cut off, so that the others go on. */
const MAX_IDLE_MS = 5_000;

export class AssignmentStore {
  constructor(private readonly knex: Knex) {}

  /** One row by primary key, with three look-ups by index. */
  async find(email: string): Promise<StandingAssignment | undefined> {
    const { rows } = await this.knex.raw<{ rows: StandingAssignment[] }>(
      `select shard_id as "shardId", epoch, reason,
        coalesce((select extract(epoch from r.reserved_until - clock_timestamp()) * 1000 from reservations r
          where r.email = a.email and r.shard_id = a.shard_id and r.reserved_until > clock_timestamp()), 0)::float8 as "reservedMs",
        exists (select 1 from sessions s
          where s.shard_id = a.shard_id and s.owner_email = a.email and s.state in ('starting', 'running')) as "isHome",
        exists (select 1 from shards h where h.id = a.shard_id and h.draining_since is not null) as "isDraining"
      from assignments a where a.email = ?`,
      [email],
    );
    return rows[0];
  }

  /**
   * Runs `work` while nobody else takes a place on any of these shards, on whichever frontend: one advisory lock for each shard,
   * taken in the order of the lock's own key, so that two never wait for each other.
   */
  async underLocks<Result>(shardIds: readonly string[], work: (places: Places) => Promise<Result>): Promise<Result> {
    return this.knex.transaction(async (transaction) => {
      await transaction.raw(
        `select pg_advisory_xact_lock(?, key), set_config('idle_in_transaction_session_timeout', ?, true) from
          (select distinct hashtext(id) as key from unnest(?::text[]) id order by 1) keys`,
        [LOCK_CLASS, String(MAX_IDLE_MS), [...shardIds]],
      );
      return work(new LockedPlaces(transaction, shardIds));
    });
  }
}

class LockedPlaces implements Places {
  constructor(
    private readonly transaction: Knex.Transaction,
    private readonly shardIds: readonly string[],
  ) {}

  async known(email: string): Promise<AssignmentRecord | undefined> {
    const row = await this.transaction('assignments').where({ email }).first();
    return row && { shardId: row.shard_id, epoch: row.epoch, reason: row.reason as AssignmentReason };
  }

  async count(email: string): Promise<CountedShard[]> {
    const { rows } = await this.transaction.raw<{ rows: CountedShard[] }>(
      `select c.id,
        exists (select 1 from shards h where h.id = c.id and h.draining_since is not null) as "isDraining",
        (count(distinct p.email) filter (where p.email <> ?))::int as others,
        coalesce(bool_or(p.email = ? and p.is_live), false) as "isHome"
      from unnest(?::text[]) with ordinality c (id, position)
      left join (${PEOPLE_SQL}) p on p.shard_id = c.id
      group by c.id, c.position order by c.position`,
      [email, email, [...this.shardIds]],
    );
    return rows;
  }

  async reserve(email: string, shardId: string): Promise<void> {
    await this.transaction.raw(
      `insert into reservations (email, shard_id, reserved_until)
      values (?, ?, clock_timestamp() + ? * interval '1 millisecond')
      on conflict (email, shard_id) do update set reserved_until = excluded.reserved_until`,
      [email, shardId, RESERVATION_MS],
    );
  }

  async assign(email: string, shardId: string, reason: AssignmentReason): Promise<AssignmentRecord> {
    const { rows } = await this.transaction.raw<{ rows: AssignmentRecord[] }>(
      `insert into assignments as a (email, shard_id, reason) values (?, ?, ?)
      on conflict (email) do update
        set shard_id = excluded.shard_id, reason = excluded.reason, epoch = a.epoch + 1, assigned_at = clock_timestamp()
      returning shard_id as "shardId", epoch, reason`,
      [email, shardId, reason],
    );
    return rows[0]!;
  }
}
