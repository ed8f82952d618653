import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../db/testing.ts';
import { silentLog } from '../base/log.ts';
import { Heartbeat } from '../shards/heartbeat.ts';
import { ShardStore } from '../shards/shardStore.ts';
import { ManualClock } from '../testing/manualClock.ts';
import type { LiveSession } from './liveSession.ts';
import { OrphanSweep } from './orphanSweep.ts';
import { OwnershipCheck } from './ownershipCheck.ts';
import { SessionStore } from './sessionStore.ts';

const MINUTE_MS = 60_000;
const TIMEOUT_MS = 30 * MINUTE_MS;

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());
beforeEach(() => database.knex.raw('truncate sessions, shards cascade'));

/**
 * Simulated time on both sides. The processes have a clock that the test moves. Of the database's clock nothing is asked but the
 * age of leases, so time passes there when every lease grows older by as much; it does so just before somebody asks.
 */
class World {
  clock = new ManualClock();
  #passedMs = 0;
  #underWay: Promise<unknown> = Promise.resolve();

  /** One question to the database after the other, at the simulated time. */
  ask<T>(question: () => Promise<T>): Promise<T> {
    const answer = this.#underWay.then(async () => {
      const passedMs = this.#passedMs;
      this.#passedMs = 0;
      if (passedMs > 0) {
        await database.knex.raw(`update shards set heartbeat_at = heartbeat_at - ? * interval '1 millisecond'`, [
          passedMs,
        ]);
      }
      return question();
    });
    this.#underWay = answer.catch(() => undefined);
    return answer;
  }

  async pass(minutes: number): Promise<void> {
    for (let second = 0; second < minutes * 60; second++) {
      this.#passedMs += 1_000;
      this.clock.advance(1_000);
      await this.#settle();
    }
  }

  async #settle(): Promise<void> {
    for (let before; before !== this.#underWay;) {
      before = this.#underWay;
      await before;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}

/** What a backend has that concerns leases and owners, with one live session. */
async function startShard(world: World, shardId: string) {
  const { clock } = world;
  const link = { isCut: false };
  const store = new SessionStore(database.knex, shardId);
  const ask = <T>(question: () => Promise<T>) =>
    link.isCut ? Promise.reject(new Error('the database is away')) : world.ask(question);
  const session = {
    id: randomUUID(),
    incarnation: 1,
    state: 'running',
    createdAt: new Date(0).toISOString(),
  } as LiveSession;
  Object.assign(session, { cols: 80, rows: 24, exit: null, endedAt: null });
  await store.create({
    ...{ id: session.id, owner_email: `${shardId}@example.com`, project_id: null, incarnation: 1, name: 'bash' },
    ...{ command: ['bash'], cwd: '/', cols: 80, rows: 24, created_at: new Date(), host_generation: 'g' },
    conversation_id: null,
  });
  await store.save(session, 'g');
  const surrendered: string[] = [];
  const registry = {
    ids: [session.id],
    get: () => session,
    surrender: (_session: LiveSession, { code }: Error & { code: string }) =>
      Promise.resolve(void surrendered.push(code)),
  };
  const ownership = new OwnershipCheck({
    ...{ shardId, clock, log: silentLog, registry },
    store: { ownership: (ids) => ask(() => store.ownership(ids)) },
    hibernation: { resolve: () => Promise.resolve() },
    saver: { changed: (one) => void ask(() => store.save(one, 'g')) },
  });
  const sweep = new OrphanSweep(
    { sweepOrphans: (timeoutMs) => ask(() => store.sweepOrphans(timeoutMs)) },
    { timeoutMs: TIMEOUT_MS, intervalMs: 5 * MINUTE_MS, onMarked: () => undefined },
    clock,
    silentLog,
  );
  const beat = async () => {
    try {
      const claim = { shardId, version: '1', hostGeneration: 'g', holder: 'a life', startedAt: '2026-01-01' };
      await ask(() => new ShardStore(database.knex).renewLease(claim));
    } catch (error) {
      sweep.databaseFailed();
      throw error;
    }
    sweep.databaseAnswered();
    void ownership.run();
  };
  const heartbeat = new Heartbeat(beat, () => undefined, clock, silentLog);
  await heartbeat.start();
  const row = async () => (await database.knex('sessions').where({ id: session.id }).first())!;
  const die = () => [heartbeat, sweep].forEach((part) => part.close());
  return { link, row, die, surrendered };
}

test('the database is away for an hour: nobody’s live session is marked lost, whoever comes back when', async () => {
  const world = new World();
  const [one, two] = await Promise.all([startShard(world, 'backend-1'), startShard(world, 'backend-2')]);
  await world.pass(40);
  one.link.isCut = two.link.isCut = true;
  await world.pass(60);
  one.link.isCut = false;
  await world.pass(20); // the other's way to the database comes back later
  const meanwhile = await two.row();
  two.link.isCut = false;
  await world.pass(40);
  const rows = [meanwhile, await one.row(), await two.row()];
  expect(rows.map(({ state, ended_at }) => [state, ended_at])).toEqual(Array(3).fill(['running', null]));
  expect([one.surrendered, two.surrendered]).toEqual([[], []]);
});

test('a shard that is dead is swept half an hour later, and after an outage only half an hour after that', async () => {
  const world = new World();
  const [one, two] = await Promise.all([startShard(world, 'backend-1'), startShard(world, 'backend-2')]);
  two.die();
  await world.pass(20);
  one.link.isCut = true;
  await world.pass(1);
  one.link.isCut = false;
  await world.pass(29);
  expect((await two.row()).state).toBe('running');
  await world.pass(10);
  expect([(await two.row()).state, (await one.row()).state]).toEqual(['lost', 'running']);
});

test('a shard that alone was cut off takes its sessions back, the same lives of them', async () => {
  const world = new World();
  const [, two] = await Promise.all([startShard(world, 'backend-1'), startShard(world, 'backend-2')]);
  two.link.isCut = true;
  await world.pass(40);
  expect((await two.row()).state).toBe('lost');
  two.link.isCut = false;
  await world.pass(1);
  expect(await two.row()).toMatchObject({ state: 'running', incarnation: 1, ended_at: null });
  expect(two.surrendered).toEqual([]);
});

test('what was revived or closed meanwhile ends where it was, and its row is left alone', async () => {
  const world = new World();
  const [, two, three] = await Promise.all(['backend-1', 'backend-2', 'backend-3'].map((id) => startShard(world, id)));
  two!.link.isCut = three!.link.isCut = true;
  await world.pass(1);
  const { id, owner_email: ownerEmail } = await two!.row();
  const claim = { sessionId: id, ownerEmail, incarnation: 1, conversationId: null, cols: 80, rows: 24 };
  expect(await new SessionStore(database.knex, 'backend-1').revive(claim, 'h')).toBe(true);
  await database.knex('sessions').where({ shard_id: 'backend-3' }).delete();
  two!.link.isCut = three!.link.isCut = false;
  await world.pass(1);
  expect([two!.surrendered[0], three!.surrendered[0]]).toEqual(['session.wrong_shard', 'session.not_found']);
  expect(await two!.row()).toMatchObject({ shard_id: 'backend-1', incarnation: 2, state: 'starting' });
});

test('a machine that slept says nothing of the others: its first sweep afterwards waits', () => {
  const clock = new ManualClock();
  let count = 0;
  const store = { sweepOrphans: () => Promise.resolve((count++, [])) };
  const options = { timeoutMs: TIMEOUT_MS, intervalMs: 5 * MINUTE_MS, onMarked: () => undefined };
  const sweep = new OrphanSweep(store, options, clock, silentLog);
  const awake = (minutes: number) => {
    for (let second = 0; second < minutes * 60; second += 10) {
      sweep.databaseAnswered();
      clock.advance(10_000);
    }
  };
  awake(36);
  expect(count).toBeGreaterThan(0);
  count = 0;
  clock.advance(60 * MINUTE_MS); // its timers fall due before it could hear anything
  awake(29);
  expect(count).toBe(0);
  awake(10);
  expect(count).toBeGreaterThan(0);
  sweep.close();
});
