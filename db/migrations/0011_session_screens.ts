/** The last screen of each session, for when its shard is gone. Compressed and encrypted before it comes here. */
import type { Knex } from 'knex';

export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create table holdfast.session_screens (
      session_id uuid primary key references holdfast.sessions on delete cascade,
      incarnation integer not null,
      byte_offset bigint not null,
      cols integer not null,
      rows integer not null,
      screen bytea not null,
      recent bytea not null,
      stored_at timestamptz not null default now(),
      transcript bytea,
      transcript_stored_at timestamptz
    );
    alter table holdfast.session_screens
      alter column screen set storage external,
      alter column recent set storage external,
      alter column transcript set storage external
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('drop table holdfast.session_screens');
}
