/** What a command to another shard says beside its session; the first kind of command needed nothing. */
import type { Knex } from 'knex';

export async function up(knex: Knex): Promise<void> {
  await knex.raw('alter table holdfast.shard_commands add column arguments jsonb');
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('alter table holdfast.shard_commands drop column arguments');
}
