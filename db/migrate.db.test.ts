import { afterAll, beforeAll, expect, test } from 'vitest';
import { migrateDown, migrateLatest, status } from './migrate.ts';
import { migrationSource } from './migrations/index.ts';
import { createTestDatabase, type TestDatabase } from './testing.ts';

const names = (await migrationSource.getMigrations([])).map((migration) => migrationSource.getMigrationName(migration));

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase({ isMigrated: false });
});
afterAll(() => database.drop());

async function tables(): Promise<string[]> {
  const rows = await database
    .knex<{ schemaname: string; tablename: string }>('pg_tables')
    .where({ schemaname: 'holdfast' })
    .orderBy('tablename');
  return rows.map(({ tablename }) => tablename).filter((name) => !name.startsWith('knex_'));
}

test('migrations go up, down and up again', async () => {
  const applied = await migrateLatest(database.url);
  const after = await tables();
  expect(after).toEqual([
    'access_tokens',
    'assignments',
    'auth_sessions',
    'preferences',
    'presence',
    'projects',
    'push_calls',
    'push_subscriptions',
    'reservations',
    'session_screens',
    'sessions',
    'shard_commands',
    'shards',
    'sign_in_links',
    'users',
  ]);
  await migrateDown(database.url, { all: true });
  expect(await tables()).toEqual([]);
  expect(await migrateLatest(database.url)).toEqual(applied);
  expect(await tables()).toEqual(after);
});

test('one step down takes back the last migration only', async () => {
  await migrateLatest(database.url);
  expect(await migrateDown(database.url, { all: false })).toHaveLength(1);
  expect((await status(database.url)).pending).toEqual([names.at(-1)]);
});

test('two migrations at once migrate once', async () => {
  await migrateDown(database.url, { all: true });
  const applied = await Promise.all([migrateLatest(database.url), migrateLatest(database.url)]);
  expect(applied.map(({ length }) => length).sort()).toEqual([0, names.length]);
  expect((await status(database.url)).pending).toEqual([]);
});

test('a migration that was killed does not block the next one', async () => {
  await migrateLatest(database.url);
  await database.knex.raw('update holdfast.knex_migrations_lock set is_locked = 1');
  expect(await migrateLatest(database.url)).toEqual([]);
});
