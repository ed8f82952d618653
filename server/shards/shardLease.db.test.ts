import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { LEASE_RENEW_MS, SHARD_LOST_MS } from '../../protocol/limits.ts';
import { createTestDatabase, type TestDatabase } from '../../db/testing.ts';
import { createLog } from '../base/log.ts';
import { ManualClock } from '../testing/manualClock.ts';
import { Heartbeat } from './heartbeat.ts';
import { leaseState } from './lease.ts';
import { ShardLease } from './shardLease.ts';
import { ShardStore } from './shardStore.ts';

const log = createLog('test', 'silent');
let database: TestDatabase;
let store: ShardStore;
beforeAll(async () => {
  database = await createTestDatabase();
  store = new ShardStore(database.knex);
});
afterAll(() => database.drop());
beforeEach(() => database.knex.raw('truncate shards, sessions, reservations cascade'));

function life(version: string) {
  const told: (string | boolean)[] = [];
  const lease = new ShardLease(
    store,
    () => ({ shardId: 'backend-1', version, hostGeneration: 'g' }),
    { onDraining: (isDraining) => told.push(isDraining), onFenced: () => told.push('fenced') },
    log,
  );
  return { lease, told };
}
const row = async () => (await database.knex('shards').where({ id: 'backend-1' }).first())!;
const age = (by: string) => database.knex.raw(`update shards set heartbeat_at = clock_timestamp() - interval '${by}'`);

test('the newest life holds the lease, and the older one is fenced once', async () => {
  const older = life('1');
  const newer = life('2');
  await older.lease.renew();
  await newer.lease.renew();
  await older.lease.renew();
  await older.lease.renew();
  await newer.lease.renew();
  expect([older.told, newer.told]).toEqual([['fenced'], []]);
  expect(await row()).toMatchObject({ version: '2', lease_holder: newer.lease.holder });
});

test('an older life does not get the lease by renewing first after an outage', async () => {
  const older = life('1');
  const newer = life('2');
  await older.lease.renew();
  await newer.lease.renew();
  await age('1 hour');
  await older.lease.renew();
  expect([older.told, (await row()).lease_holder]).toEqual([['fenced'], newer.lease.holder]);
});

test('a start that was not heard of is asked for again, and one life begins once', async () => {
  let asked = 0;
  const flaky = {
    now: () => (asked++ ? store.now() : Promise.reject(new Error('away'))),
    renewLease: (claim: Parameters<ShardStore['renewLease']>[0]) => store.renewLease(claim),
  };
  const events = { onDraining: () => undefined, onFenced: () => expect.unreachable('it is alone') };
  const describe = () => ({ shardId: 'backend-1', version: '1', hostGeneration: 'g' });
  const lease = new ShardLease(flaky, describe, events, log);
  await expect(lease.renew()).rejects.toThrow('away');
  await Promise.all([lease.renew(), lease.renew()]);
  await lease.renew();
  expect(asked).toBe(2);
});

test('a row of a release without holders is taken, and that release beside us does no harm', async () => {
  const previous = () =>
    database
      .knex('shards')
      .insert({ id: 'backend-1', version: '0', heartbeat_at: new Date() })
      .onConflict('id')
      .merge();
  await previous();
  const { lease, told } = life('1');
  await lease.renew();
  await previous();
  await lease.renew();
  expect([told, (await row()).lease_holder]).toEqual([[], lease.holder]);
});

test('draining is heard of at the next renewal, and survives a new life of the shard', async () => {
  const { lease, told } = life('1');
  await lease.renew();
  expect(await store.setDraining('backend-1', true)).toBe(true);
  const { draining_since: since } = await row();
  await store.setDraining('backend-1', true);
  expect((await row()).draining_since).toEqual(since);
  await lease.refresh();
  const next = life('2');
  await next.lease.renew();
  await store.setDraining('backend-1', false);
  await next.lease.refresh();
  expect([told, next.told]).toEqual([[true], [true, false]]);
  expect(await store.setDraining('backend-9', true)).toBe(false);
});

test('the age of a lease is by the database alone', async () => {
  await life('1').lease.renew();
  const state = async () => leaseState((await store.leases())[0]);
  expect(await state()).toBe('held');
  await age(`${SHARD_LOST_MS} milliseconds`);
  expect(await state()).toBe('stale');
});

test('a lease is renewed from beat to beat, and sooner while the database is away', async () => {
  const clock = new ManualClock();
  const beats: number[] = [];
  let answers: (() => void)[] = [];
  let isAway = false;
  const beat = () => {
    beats.push(clock.now());
    if (isAway) return Promise.reject(new Error('away'));
    return new Promise<void>((resolve) => answers.push(resolve));
  };
  const heartbeat = new Heartbeat(beat, () => undefined, clock, log);
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  const started = heartbeat.start();
  clock.advance(3_000);
  answers[0]!();
  await started;
  clock.advance(LEASE_RENEW_MS - 3_000);
  isAway = true;
  answers[1]!();
  await settle();
  clock.advance(LEASE_RENEW_MS);
  await settle();
  clock.advance(1_000);
  expect(beats.map((at) => at - beats[0]!)).toEqual([0, 10_000, 20_000, 21_000]);
  answers = [];
  heartbeat.close();
});

test('an admin sees people by the definition of full, sessions, and the age of the lease', async () => {
  await life('1').lease.renew();
  const open = (email: string, state: string) =>
    database.knex.raw(
      `insert into sessions (owner_email, shard_id, name, state, command, cwd, cols, rows)
        values (?, 'backend-1', 'sh', ?, '["sh"]', '/', 80, 24)`,
      [email, state],
    );
  for (const email of ['ada', 'ada', 'bob']) await open(email, 'running');
  await open('eve', 'exited');
  const reserve = (email: string, until: string) =>
    database.knex.raw(`insert into reservations values (?, 'backend-1', now() + interval '${until}')`, [email]);
  await reserve('bob', '1 minute');
  await reserve('cy', '1 minute');
  await reserve('dee', '-1 minute');
  const [shard] = await store.overview();
  expect(shard).toMatchObject({ id: 'backend-1', version: '1', people: 3, sessions: 3, drainingSince: null });
  expect(leaseState({ ageMs: shard!.leaseAgeMs })).toBe('held');
});
