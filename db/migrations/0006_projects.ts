/** Projects of a person; a name is taken only while its project is not archived. */
import type { Knex } from 'knex';

export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create table holdfast.projects (
      id uuid primary key default gen_random_uuid(),
      owner_email text not null,
      name text not null,
      directory text not null,
      preset text not null,
      command jsonb,
      environment jsonb not null default '{}',
      archived_at timestamptz,
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now()
    );
    create index projects_owner on holdfast.projects (owner_email);
    create unique index projects_live_name on holdfast.projects (owner_email, lower(name)) where archived_at is null
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('drop table holdfast.projects');
}
