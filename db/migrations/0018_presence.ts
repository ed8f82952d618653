/** Who shows life in a window that is connected to a shard, and until when that is believed. */
import type { Knex } from 'knex';

export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create table holdfast.presence (
      owner_email text not null,
      shard_id text not null,
      alive_until timestamptz not null,
      primary key (owner_email, shard_id)
    )
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('drop table holdfast.presence');
}
