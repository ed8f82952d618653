/** Tokens with which a person's command line signs in; only the token's hash is stored. */
import type { Knex } from 'knex';

export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create table holdfast.access_tokens (
      id text primary key,
      token_hash text not null,
      email text not null references holdfast.users (email) on delete cascade,
      name text not null,
      created_at timestamptz not null default now(),
      expires_at timestamptz not null,
      last_used_at timestamptz
    );
    create index access_tokens_email on holdfast.access_tokens (email)
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('drop table holdfast.access_tokens');
}
