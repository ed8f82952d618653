/** What one backend asks another shard to do; a NOTIFY is the doorbell, this row the order. */
import type { Knex } from 'knex';

export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create table holdfast.shard_commands (
      id bigserial primary key,
      shard_id text not null,
      kind text not null,
      session_id uuid not null,
      requested_by text not null,
      created_at timestamptz not null default now(),
      done_at timestamptz,
      error jsonb
    );
    create index shard_commands_open on holdfast.shard_commands (shard_id) where done_at is null
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('drop table holdfast.shard_commands');
}
