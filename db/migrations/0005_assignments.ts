/** Which shard a person's new sessions go to. */
import type { Knex } from 'knex';

export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create table holdfast.assignments (
      email text primary key,
      shard_id text not null,
      epoch integer not null default 1,
      reason text not null,
      assigned_at timestamptz not null default now()
    )
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('drop table holdfast.assignments');
}
