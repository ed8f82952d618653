/** The id under which an agent's conversation is resumed; until now it stood in the command itself and was the session's. */
import type { Knex } from 'knex';

export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    alter table holdfast.sessions add column conversation_id uuid;
    update holdfast.sessions
      set conversation_id = id, command = '["claude"]'
      where command = jsonb_build_array('claude', '--session-id', id::text)
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    update holdfast.sessions
      set command = jsonb_build_array('claude', '--session-id', conversation_id::text)
      where conversation_id is not null and command = '["claude"]';
    alter table holdfast.sessions drop column conversation_id
  `);
}
