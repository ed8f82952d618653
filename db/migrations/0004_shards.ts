/** Shards and their heartbeats: one lease a shard covers all its sessions. */
import type { Knex } from 'knex';

export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create table holdfast.shards (
      id text primary key,
      version text not null,
      host_generation text,
      started_at timestamptz not null default now(),
      heartbeat_at timestamptz not null default now()
    )
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('drop table holdfast.shards');
}
