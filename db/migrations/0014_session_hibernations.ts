/** Sessions that were put away. */
import type { Knex } from 'knex';

/**
 * A session is put away while it is lost and this is its incarnation. Not a state of its own, because the release before runs
 * beside this one and would refuse a whole list for one word that it does not know: to it such a session is a lost one, which it
 * can revive. The next incarnation makes the number an old one by itself.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw('alter table holdfast.sessions add column hibernated_incarnation integer');
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('alter table holdfast.sessions drop column hibernated_incarnation');
}
