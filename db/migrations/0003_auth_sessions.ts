/** Signed-in browsers; only the cookie's hash is stored. */
import type { Knex } from 'knex';

export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create table holdfast.auth_sessions (
      token_hash text primary key,
      email text not null,
      created_at timestamptz not null default now(),
      expires_at timestamptz not null,
      last_seen_at timestamptz not null default now()
    );
    create index auth_sessions_email on holdfast.auth_sessions (email)
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('drop table holdfast.auth_sessions');
}
