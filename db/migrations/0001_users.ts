/** People, by normalized e-mail. */
import type { Knex } from 'knex';

export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create table holdfast.users (
      email text primary key check (email = lower(btrim(email))),
      name text not null,
      created_at timestamptz not null default now(),
      last_seen_at timestamptz not null default now()
    )
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('drop table holdfast.users');
}
