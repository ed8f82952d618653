/** Places that people hold on shards for two minutes, and the index by which people with a live session are counted. */
import type { Knex } from 'knex';

/** Ended sessions pile up and are left out of the index, so that a count reads no more rows than there are terminals. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create table holdfast.reservations (
      email text not null,
      shard_id text not null,
      reserved_until timestamptz not null,
      primary key (email, shard_id)
    );
    create index reservations_shard on holdfast.reservations (shard_id, reserved_until);
    create index sessions_live_owners on holdfast.sessions (shard_id, owner_email)
      where state in ('starting', 'running')
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('drop table holdfast.reservations; drop index holdfast.sessions_live_owners');
}
