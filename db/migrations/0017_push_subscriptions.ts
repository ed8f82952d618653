/** Where a person's devices are called, by what each browser's push service gave out; and the calls that wait for whoever makes them. */
import type { Knex } from 'knex';

export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create table holdfast.push_subscriptions (
      id uuid primary key default gen_random_uuid(),
      owner_email text not null,
      endpoint text not null unique,
      p256dh text not null,
      auth text not null,
      created_at timestamptz not null default now()
    )
  `);
  await knex.raw(`
    create table holdfast.push_calls (
      id uuid primary key default gen_random_uuid(),
      owner_email text not null,
      note json not null,
      created_at timestamptz not null default now()
    )
  `);
  await knex.raw('create index push_subscriptions_owner on holdfast.push_subscriptions (owner_email, created_at)');
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('drop table holdfast.push_subscriptions, holdfast.push_calls');
}
