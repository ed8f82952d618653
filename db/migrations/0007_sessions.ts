/** Sessions and their owners; a session outlives its project. */
import type { Knex } from 'knex';

export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create table holdfast.sessions (
      id uuid primary key default gen_random_uuid(),
      owner_email text not null,
      project_id uuid references holdfast.projects on delete set null,
      shard_id text not null,
      incarnation integer not null default 1,
      host_generation text,
      name text not null,
      state text not null check (state in ('starting', 'running', 'exited', 'lost')),
      command jsonb not null,
      cwd text not null,
      cols integer not null,
      rows integer not null,
      exit_code integer,
      exit_signal integer,
      created_at timestamptz not null default now(),
      ended_at timestamptz
    );
    create index sessions_owner on holdfast.sessions (owner_email);
    create index sessions_shard_state on holdfast.sessions (shard_id, state);
    create index sessions_project on holdfast.sessions (project_id)
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('drop table holdfast.sessions');
}
