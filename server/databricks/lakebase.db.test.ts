/** Hours of a Lakebase in seconds: three roles whose passwords end every few seconds, with short connections all the time. */
import { randomUUID } from 'node:crypto';
import type { Knex } from 'knex';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { connect } from '../../db/connect.ts';
import { grantExisting } from '../../db/grants.ts';
import { listen } from '../../db/listen.ts';
import { createTestDatabase, type TestDatabase } from '../../db/testing.ts';
import { systemClock } from '../base/clock.ts';
import { translateDatabase } from '../database.ts';
import { startLakebase, type Lakebase } from '../testing/lakebase.ts';
import { CLIENT_SECRET, startLakebaseWorkspace, type LakebaseWorkspace } from '../testing/lakebaseWorkspace.ts';
import { until } from '../testing/until.ts';
import { lakebaseConnection } from './lakebase.ts';
import { principalTokens, WorkspaceClient } from './workspaceClient.ts';

const SHORT_LIFE_MS = 3_000;
const HOUR_MS = 3_600_000;
/** Some of every connection's queries are its last one. */
const CONNECTION_MS = 150;
const [frontend, backend1, backend2] = [randomUUID(), randomUUID(), randomUUID()];
const work = {
  [frontend]: 'select count(*) from users',
  [backend1]: 'select count(*) from sessions',
  [backend2]: 'select count(*) from projects',
};
let database: TestDatabase;
let lakebase: Lakebase;
let workspace: LakebaseWorkspace;

beforeAll(async () => {
  database = await createTestDatabase();
  lakebase = await startLakebase({ admin: database.url, roles: Object.keys(work) });
  workspace = await startLakebaseWorkspace(lakebase);
  await grantExisting(database.url, [
    { role: frontend, kind: 'frontend' },
    { role: backend1, kind: 'backend' },
    { role: backend2, kind: 'backend' },
  ]);
});
afterAll(async () => {
  workspace?.close();
  await database?.drop();
  await lakebase?.close();
});

function connectionOf(role: string, isAutoscaling = true) {
  const client = new WorkspaceClient(
    workspace.host,
    principalTokens({ host: workspace.host, clientId: role, clientSecret: CLIENT_SECRET }, systemClock),
    systemClock,
  );
  const product = isAutoscaling ? { endpoint: lakebase.endpoint } : { instance: lakebase.instance };
  const { host, port } = lakebase;
  const place = { host, port, database: lakebase.database, user: role, sslMode: 'disable' as const, product };
  return lakebaseConnection(place, client, systemClock);
}

function open(role: string, options: { isAutoscaling?: boolean; lifetimeMs?: number } = {}): Knex {
  const lifetimeMs = options.lifetimeMs ?? CONNECTION_MS;
  const connectTimeoutMs = 60_000; // ends what hangs
  const knex = connect(connectionOf(role, options.isAutoscaling), { poolMax: 3, lifetimeMs, connectTimeoutMs });
  onTestFinished(() => knex.destroy());
  return knex;
}

/** Two lines of queries on each pool until `isDone`; what failed. */
async function askSteadily(pools: [role: string, knex: Knex][], isDone: () => boolean): Promise<unknown[]> {
  const failures: unknown[] = [];
  const askOn = async ([role, knex]: [string, Knex]) => {
    while (!isDone()) await knex.raw(work[role]!).catch((error: unknown) => failures.push(error));
  };
  await Promise.all([...pools, ...pools].map(askOn));
  return failures;
}

const failureOf = (knex: Knex) =>
  knex.raw('select 1').then(
    () => undefined,
    (error: unknown) => error,
  );
const codesOf = (failures: unknown[]) => failures.map((error) => (translateDatabase(error) as { code?: string }).code);
const issuedTo = (role: string) => lakebase.issued.get(role) ?? 0;
const pidOf = async (knex: Knex) =>
  (await knex.raw<{ rows: { pid: number }[] }>('select pg_backend_pid() as pid')).rows[0]!.pid;

test('three roles work on while their credentials are replaced again and again', async () => {
  lakebase.lifeMs = SHORT_LIFE_MS;
  onTestFinished(() => void (lakebase.lifeMs = HOUR_MS));
  const pools = Object.keys(work).map((role, index): [string, Knex] => [
    role,
    open(role, { isAutoscaling: index > 0 }),
  ]);
  const pids = new Set<number>();
  const watching = (async () => {
    while (pools.some(([role]) => issuedTo(role) < 5)) pids.add(await pidOf(pools[0]![1]));
  })();
  expect(await askSteadily(pools, () => pools.every(([role]) => issuedTo(role) >= 5))).toEqual([]);
  await watching;
  // The credentials were needed: connections came and went all the time.
  expect(pids.size).toBeGreaterThan(10);
});

test('connections that are open live on when their credential ends', async () => {
  const knex = open(backend1, { lifetimeMs: HOUR_MS });
  const pid = await pidOf(knex);
  const before = issuedTo(backend1);
  await lakebase.revoke(backend1);
  expect(await pidOf(knex)).toBe(pid);
  expect(issuedTo(backend1)).toBe(before);
});

test('all logins at one time share one credential', async () => {
  const knex = open(backend2);
  const before = issuedTo(backend2);
  await Promise.all([1, 2, 3].map(() => knex.raw('select pg_sleep(0.01)')));
  expect(issuedTo(backend2)).toBe(before + 1);
});

/** The one that the pool has, when nobody uses it; Knex marks it when it hears that it has ended. */
async function pooledConnection(knex: Knex): Promise<{ __knex__disposed?: unknown }> {
  const client = knex.client as { acquireConnection(): Promise<object>; releaseConnection(one: object): Promise<void> };
  const connection = await client.acquireConnection();
  await client.releaseConnection(connection);
  return connection;
}

test('a credential that was revoked early is replaced before anybody hears of it', async () => {
  const knex = open(frontend);
  await knex.raw(work[frontend]!);
  const before = issuedTo(frontend);
  await lakebase.revoke(frontend);
  const pooled = await pooledConnection(knex);
  await lakebase.cut(frontend);
  // A query on its way meanwhile may have been carried out: that one fails, and nobody repeats it.
  await until(() => pooled.__knex__disposed !== undefined);
  const failures: unknown[] = [];
  await Promise.all([1, 2, 3].map(() => knex.raw(work[frontend]!).catch((error: unknown) => failures.push(error))));
  expect(failures).toEqual([]);
  expect(issuedTo(frontend)).toBeGreaterThan(before);
});

test('when the server ends connections only what was in flight fails, as a database that is away', async () => {
  const knex = open(backend1, { lifetimeMs: HOUR_MS });
  let cuts = 0;
  const cutting = (async () => {
    for (let last = await pidOf(knex); cuts < 5; cuts++) {
      await lakebase.cut(backend1);
      const before = last;
      await until(async () => (last = await pidOf(knex).catch(() => before)) !== before);
    }
  })();
  const failures = await askSteadily([[backend1, knex]], () => cuts >= 5);
  await cutting;
  // Each connection that was cut fails one query, and there are no more than three.
  expect(failures.length).toBeLessThanOrEqual(5 * 3);
  expect(codesOf(failures)).toEqual(failures.map(() => 'database.unavailable'));
  await Promise.all([1, 2, 3].map(() => knex.raw(work[backend1]!)));
});

test('a listener comes back with a credential of its own time', async () => {
  const heard: (string | null)[] = [];
  const listener = listen(connectionOf(backend1), 'bell', (payload) => heard.push(payload));
  onTestFinished(() => listener.close());
  await until(() => heard.length === 1);
  await lakebase.revoke(backend1);
  await lakebase.cut(backend1);
  await until(() => heard.length === 2);
  await database.knex.raw(`notify bell, 'rung'`);
  await until(() => heard.length === 3);
  expect(heard).toEqual([null, null, 'rung']);
});

test('without a credential, and with one that is refused, the database is away', async () => {
  const knex = open(backend2, { lifetimeMs: 1 });
  await knex.raw(work[backend2]!);
  workspace.isAway = true;
  onTestFinished(() => void (workspace.isAway = false));
  expect(codesOf([await failureOf(open(backend2))])).toEqual(['database.unavailable']);
  workspace.isAway = false;
  const wrong = connect({ ...connectionOf(backend2), password: () => 'not this one' });
  onTestFinished(() => wrong.destroy());
  expect(codesOf([await failureOf(wrong)])).toEqual(['database.unavailable']);
  expect(await failureOf(knex)).toBeUndefined();
});
