/** What a person has set, for all their devices: a document for each name, replaced only by who has seen its revision. */
import type { Knex } from 'knex';

/** As json, and not jsonb: a person who edits a document finds its members in the order they wrote them. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create table holdfast.preferences (
      owner_email text not null,
      name text not null,
      revision integer not null,
      value json not null,
      updated_at timestamptz not null default now(),
      primary key (owner_email, name)
    )
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('drop table holdfast.preferences');
}
