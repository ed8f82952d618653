import { afterAll, beforeAll, expect, test } from 'vitest';
import { connect, isConnectionFailure } from './connect.ts';
import { asAdmin } from './databases.ts';
import { listen } from './listen.ts';
import { adminUrl, createTestDatabase, type TestDatabase } from './testing.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

const failureOf = (work: Promise<unknown>) =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  );

const cutConnections = (applicationName: string) =>
  asAdmin(adminUrl(), (client) =>
    client.query(
      'select pg_terminate_backend(pid) from pg_stat_activity where application_name = $1 and datname = $2',
      [applicationName, database.name],
    ),
  );

test('a database that is away is told from a mistake of the caller', async () => {
  const away = connect('postgres://nobody:x@127.0.0.1:1/none', { connectTimeoutMs: 1000 });
  expect(isConnectionFailure(await failureOf(away.raw('select 1')))).toBe(true);
  await away.destroy();
  const gone = connect('postgres://nobody:x@/none?host=/nonexistent', { connectTimeoutMs: 1000 });
  expect(isConnectionFailure(await failureOf(gone.raw('select 1')))).toBe(true);
  await gone.destroy();
  expect(isConnectionFailure(await failureOf(database.knex.raw('select nonsense')))).toBe(false);
  expect(isConnectionFailure(await failureOf(database.knex.raw('select 1/0')))).toBe(false);
});

test('a query whose connection is cut fails as a connection failure and the next one works', async () => {
  const knex = connect(database.url, { applicationName: 'cut me', poolMax: 1 });
  for (let i = 0; i < 20; i++) {
    const slow = failureOf(knex.raw('select pg_sleep(10)'));
    const running = { application_name: 'cut me', state: 'active' };
    await expect.poll(() => database.knex('pg_stat_activity').where(running)).toHaveLength(1);
    await cutConnections('cut me');
    expect(isConnectionFailure(await slow)).toBe(true);
    expect((await knex.raw<{ rows: unknown[] }>('select 1 as one')).rows).toEqual([{ one: 1 }]);
  }
  await knex.destroy();
});

test('unqualified names mean our schema', async () => {
  expect(await database.knex('users')).toEqual([]);
});

test('a listener hears what is notified, and asks its caller to look again after a cut', async () => {
  const heard: (string | null)[] = [];
  const listener = listen(database.url, 'doorbell', (payload) => heard.push(payload));
  await expect.poll(() => heard).toEqual([null]);
  await database.knex.raw(`notify doorbell, 'one'`);
  await expect.poll(() => heard).toEqual([null, 'one']);
  await cutConnections('holdfast listener');
  await expect.poll(() => heard).toEqual([null, 'one', null]);
  await database.knex.raw(`notify doorbell, 'two'`);
  await expect.poll(() => heard).toEqual([null, 'one', null, 'two']);
  await listener.close();
});
