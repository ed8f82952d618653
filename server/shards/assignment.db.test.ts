import type { Knex } from 'knex';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { connect } from '../../db/connect.ts';
import { asAdmin } from '../../db/databases.ts';
import { ensurePrincipals } from '../../db/grants.ts';
import { adminUrl, createTestDatabase, type TestDatabase } from '../../db/testing.ts';
import { systemClock } from '../base/clock.ts';
import { deferred } from '../base/deferred.ts';
import { shardsUp } from '../testing/bookInMemory.ts';
import { until } from '../testing/instances.ts';
import { Assigner } from './assigner.ts';
import { AssignmentStore } from './assignmentStore.ts';

const SHARDS = ['backend-1', 'backend-2'];
const CAPACITY = 75;
const role = `holdfast_test_frontend_${process.pid}_${Date.now()}`;
let database: TestDatabase;
/** As two frontends would: each with a pool of its own and no more rights than a frontend has. */
let pools: Knex[];
let stores: AssignmentStore[];

beforeAll(async () => {
  database = await createTestDatabase();
  await ensurePrincipals(database.url, [{ role, password: 'front', kind: 'frontend' }]);
  const url = database.url.replace(/\/\/[^@]*@/, `//${role}:front@`);
  pools = [0, 1].map(() => connect(url, { applicationName: 'holdfast tests' }));
  stores = pools.map((pool) => new AssignmentStore(pool));
});
afterAll(async () => {
  await Promise.all(pools.map((pool) => pool.destroy()));
  await database.drop();
  await asAdmin(adminUrl(), (client) => client.query(`drop role if exists ${role}`));
});
beforeEach(() => database.knex.raw('truncate assignments, reservations, sessions, shards cascade'));

function assigners(ids = SHARDS, capacity = CAPACITY): Assigner[] {
  const options = { capacity, isAway: () => false, clock: systemClock };
  return stores.map((store) => new Assigner(shardsUp(ids, new Set(ids)), { ...options, store }));
}

const people = (count: number) => Array.from({ length: count }, (_, i) => `person-${i}@example.com`);
const outcomes = (answers: Promise<{ shardId: string }>[]) =>
  Promise.all(
    answers.map((answer) =>
      answer.then(
        ({ shardId }) => shardId,
        (error: { code: string }) => error.code,
      ),
    ),
  );
const countOf = (values: string[]) =>
  Object.fromEntries([...new Set(values)].sort().map((value) => [value, values.filter((one) => one === value).length]));

/** A row of a session, as a backend writes it. */
async function openSession(email: string, shardId: string, state = 'running'): Promise<void> {
  await database.knex.raw(
    `insert into sessions (owner_email, shard_id, name, state, command, cwd, cols, rows)
      values (?, ?, 'sh', ?, '["sh"]', '/', 80, 24)`,
    [email, shardId, state],
  );
}
const lapse = () => database.knex.raw(`update reservations set reserved_until = now() - interval '1 second'`);

test('150 people at once through two frontends fill two shards of 75 exactly', async () => {
  const [one, two] = assigners() as [Assigner, Assigner];
  const placed = await outcomes(people(150).map((email, i) => (i % 2 ? one : two).assign(email)));
  expect(countOf(placed)).toEqual({ 'backend-1': 75, 'backend-2': 75 });
});

test('of 160 people at once exactly 10 are refused, and their way is free when others have gone', async () => {
  const [one, two] = assigners() as [Assigner, Assigner];
  const placed = await outcomes(people(160).map((email, i) => (i % 2 ? one : two).assign(email)));
  expect(countOf(placed)).toEqual({ 'backend-1': 75, 'backend-2': 75, 'shard.full': 10 });
  await lapse();
  const refused = people(160).filter((_, i) => placed[i] === 'shard.full');
  expect(await outcomes(refused.map((email) => one.assign(email)))).not.toContain('shard.full');
});

test('75 sign-ins at once on one shard fill it, and the 76th and 77th are refused', async () => {
  const [one, two] = assigners(['backend-1']) as [Assigner, Assigner];
  const placed = await outcomes(people(77).map((email, i) => (i % 2 ? one : two).assign(email)));
  expect(countOf(placed)).toEqual({ 'backend-1': 75, 'shard.full': 2 });
});

test('many devices of one person at once take one place, on one shard', async () => {
  const [one, two] = assigners() as [Assigner, Assigner];
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, i) => (i % 2 ? one : two).assign('ada@example.com')),
  );
  expect(new Set(answers.map(({ shardId, epoch }) => `${shardId} ${epoch}`)).size).toBe(1);
  expect(await database.knex('reservations')).toHaveLength(1);
});

test('people with many sessions count once, ended sessions not at all, and reservations until they run out', async () => {
  const [one] = assigners(['backend-1'], 3) as [Assigner];
  for (const email of ['ada@example.com', 'ada@example.com', 'bob@example.com']) await openSession(email, 'backend-1');
  for (const state of ['exited', 'lost']) await openSession('eve@example.com', 'backend-1', state);
  expect(await outcomes([one.assign('cy@example.com')])).toEqual(['backend-1']);
  expect(await outcomes([one.assign('dee@example.com')])).toEqual(['shard.full']);
  await lapse();
  expect(await outcomes([one.assign('dee@example.com')])).toEqual(['backend-1']);
  expect(await outcomes([one.assign('cy@example.com')])).toEqual(['shard.full']);
});

test('who has a live session stays, over the capacity and while the shard is draining', async () => {
  const [wide] = assigners(['backend-1'], 3) as [Assigner];
  for (const email of people(3)) {
    await wide.assign(email);
    await openSession(email, 'backend-1', 'starting');
  }
  await lapse();
  await database.knex('shards').insert({ id: 'backend-1', version: '1', draining_since: new Date() });
  const [narrow] = assigners(SHARDS, 1) as [Assigner];
  const kept = await Promise.all(people(3).map((email) => narrow.assign(email)));
  expect(kept.map(({ shardId, reason, epoch }) => [shardId, reason, epoch])).toEqual(
    Array(3).fill(['backend-1', 'kept', 1]),
  );
  expect(await narrow.shardToOpenOn(people(1)[0]!)).toBe('backend-1');
});

test('a draining shard gets nobody new and gives up who has no session', async () => {
  const [one] = assigners() as [Assigner];
  await Promise.all(people(6).map((email) => one.assign(email)));
  await database.knex('shards').insert({ id: 'backend-1', version: '1', draining_since: new Date() });
  const moved = await Promise.all(people(12).map((email) => one.assign(email)));
  expect(countOf(moved.map(({ shardId }) => shardId))).toEqual({ 'backend-2': 12 });
  expect(countOf(moved.map(({ reason }) => reason))).toMatchObject({ moved_draining: 3, default_draining: 3 });
});

test('a shard that was added strands nobody, one that was removed moves its people, with the reason', async () => {
  const three = [...SHARDS, 'backend-3'];
  const before = await Promise.all(people(30).map((email) => assigners()[0]!.assign(email)));
  const grown = await Promise.all(people(30).map((email) => assigners(three)[0]!.assign(email)));
  expect(grown.map(({ shardId, epoch }) => [shardId, epoch])).toEqual(
    before.map(({ shardId, epoch }) => [shardId, epoch]),
  );
  const newcomers = people(60).slice(30);
  const late = await Promise.all(newcomers.map((email) => assigners(three)[0]!.assign(email)));
  const onThird = newcomers.filter((_, i) => late[i]!.shardId === 'backend-3');
  await openSession(onThird[0]!, 'backend-3');
  const shrunk = await Promise.all(onThird.map((email) => assigners()[0]!.assign(email)));
  expect(onThird.length).toBeGreaterThan(0);
  expect(shrunk.map(({ shardId, reason, epoch }) => [SHARDS.includes(shardId), reason, epoch])).toEqual(
    onThird.map(() => [true, 'moved_removed', 2]),
  );
});

test('locks of shards in any order of configuration do not block each other for ever', async () => {
  const [one] = assigners(['backend-1', 'backend-2', 'backend-3']) as [Assigner];
  const [, two] = assigners(['backend-3', 'backend-2', 'backend-1']) as [Assigner, Assigner];
  const placed = await outcomes(people(60).map((email, i) => (i % 2 ? one : two).assign(email)));
  expect(placed.every((shardId) => shardId.startsWith('backend-'))).toBe(true);
});

test('a frontend that freezes while it holds the locks is cut off, and the other goes on', async () => {
  const [one] = assigners() as [Assigner];
  const held = deferred<void>();
  const thawed = deferred<void>();
  const frozen = stores[1]!.underLocks(SHARDS, () => {
    held.resolve();
    return thawed.promise;
  });
  frozen.catch(() => undefined);
  await held.promise;
  // The turn comes when the database ends the frozen one's connection.
  await until(async () => (await outcomes([one.assign('ada@example.com')]))[0]!.startsWith('backend-'));
  thawed.resolve();
  await expect(frozen).rejects.toThrow();
});

test('the count reads live sessions by the index, however many have ended', async () => {
  await database.knex.raw(`
    insert into sessions (owner_email, shard_id, name, state, command, cwd, cols, rows)
    select 'person-' || (n % 150) || '@example.com', 'backend-' || (1 + n % 2), 'sh',
      case when n < 750 then 'running' else 'exited' end, '["sh"]', '/', 80, 24
    from generate_series(0, 20000) n`);
  await database.knex.raw('analyze sessions');
  const plan = await pools[0]!.raw<{ rows: { 'QUERY PLAN': string }[] }>(
    `explain select count(distinct owner_email) from sessions where state in ('starting', 'running')`,
  );
  expect(plan.rows.map((row) => row['QUERY PLAN']).join('\n')).toContain('sessions_live_owners');
});
