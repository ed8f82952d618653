/** Who holds a shard's lease, and whether the shard takes new people. `started_at` becomes the start of the holder's life. */
import type { Knex } from 'knex';

/** The previous release renews `heartbeat_at` and knows nothing of a holder: null is a lease that anyone may take. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    alter table holdfast.shards
      add column lease_holder text,
      add column draining_since timestamptz
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('alter table holdfast.shards drop column lease_holder, drop column draining_since');
}
