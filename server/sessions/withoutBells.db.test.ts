/** Everything that is rung for by NOTIFY also comes about when no bell is ever heard. */
import { randomUUID } from 'node:crypto';
import type { Knex } from 'knex';
import pino from 'pino';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { connect } from '../../db/connect.ts';
import { listen } from '../../db/listen.ts';
import { createTestDatabase, type TestDatabase } from '../../db/testing.ts';
import { LEASE_RENEW_MS } from '../../protocol/limits.ts';
import { PreferenceStore } from '../preferences/preferenceStore.ts';
import { ChangeWatch, LOOK_MS } from '../shards/changeWatch.ts';
import { Heartbeat } from '../shards/heartbeat.ts';
import { ListStore } from '../shards/listStore.ts';
import { ShardLease } from '../shards/shardLease.ts';
import { CHANGE_CHANNEL, COMMAND_CHANNEL, SHARD_CHANNEL, ShardStore } from '../shards/shardStore.ts';
import { ManualClock } from '../testing/manualClock.ts';
import { startMuteDatabase, type MuteDatabase } from '../testing/muteDatabase.ts';
import { until } from '../testing/until.ts';
import { CommandWorker } from './commandWorker.ts';
import type { SessionRegistry } from './sessionRegistry.ts';
import type { SessionService } from './sessionService.ts';

const ADA = 'ada@example.com';
const SHARD = 'backend-1';
const log = pino({ level: 'silent' });
let database: TestDatabase;
let mute: MuteDatabase;
/** Of the shard that hears nothing; the others speak on `database.knex`. */
let deaf: Knex;
const heard: string[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
  mute = await startMuteDatabase(database.url);
  deaf = connect(mute.url);
  let connected = 0;
  const channels = [COMMAND_CHANNEL, CHANGE_CHANNEL, SHARD_CHANNEL];
  const listeners = channels.map((channel) =>
    listen(mute.url, channel, (payload) => (payload === null ? connected++ : heard.push(payload))),
  );
  await until(() => connected === channels.length);
  return () => Promise.all(listeners.map((listener) => listener.close()));
});
afterAll(async () => {
  await deaf?.destroy();
  mute?.close();
  await database?.drop();
});

/** Rung for in vain: what happens next happened by a look. */
async function inVain(ring: () => Promise<unknown>): Promise<void> {
  const before = mute.lost();
  await ring();
  await until(() => mute.lost() > before);
  expect(heard).toEqual([]);
}

test('what another shard asks for is carried out', async () => {
  const clock = new ManualClock();
  const closed: string[] = [];
  const registry = { get: (id: string) => ({ id, ownerEmail: ADA }) } as unknown as SessionRegistry;
  const service = {
    closeHere: ({ id }: { id: string }) => Promise.resolve(closed.push(id) > 0),
  } as unknown as SessionService;
  const worker = new CommandWorker(SHARD, new ShardStore(deaf), registry, service, clock, log);
  onTestFinished(() => worker.close());
  const others = new ShardStore(database.knex);
  const sessionId = randomUUID();
  let command = '';
  await inVain(async () => (command = await others.request('close', { shardId: SHARD, sessionId, requestedBy: ADA })));
  clock.advance(2_000);
  await until(async () => (await others.result(command)) !== undefined);
  expect(closed).toEqual([sessionId]);
});

test('windows are told that a list changed', async () => {
  const clock = new ManualClock();
  const told: string[] = [];
  const tell = (email: string, subject: string) => told.push(`${subject} of ${email}`);
  const watch = new ChangeWatch(new ListStore(deaf), () => [ADA], tell, clock, log);
  onTestFinished(() => watch.close());
  await watch.look();
  told.length = 0;
  await inVain(async () => {
    const project = { owner_email: ADA, name: 'p', directory: '.', preset: 'shell' };
    await database.knex('projects').insert([project, { ...project, owner_email: 'bob@example.com' }]);
    await new ShardStore(database.knex).announce(ADA, 'projects');
  });
  clock.advance(LOOK_MS);
  await until(() => told.length > 0);
  expect(told).toEqual([`projects of ${ADA}`]);
});

test('windows are told that a preference changed, by its revision', async () => {
  const clock = new ManualClock();
  const told: string[] = [];
  const tell = (email: string, subject: string) => told.push(`${subject} of ${email}`);
  const watch = new ChangeWatch(new ListStore(deaf), () => [ADA], tell, clock, log);
  onTestFinished(() => watch.close());
  const preferences = new PreferenceStore(database.knex);
  await preferences.put(ADA, 'settings', 0, {});
  await watch.look();
  told.length = 0;
  await inVain(async () => {
    await preferences.put(ADA, 'settings', 1, { a: 1 });
    await preferences.put('bob@example.com', 'settings', 0, {});
    await new ShardStore(database.knex).announce(ADA, 'preferences');
  });
  clock.advance(LOOK_MS);
  await until(() => told.length > 0);
  expect(told).toEqual([`preferences of ${ADA}`]);
});

test('a shard learns that it is being drained', async () => {
  const clock = new ManualClock();
  const drained: boolean[] = [];
  const lease = new ShardLease(
    new ShardStore(deaf),
    () => ({ shardId: SHARD, version: '1', hostGeneration: randomUUID() }),
    { onDraining: (isDraining) => drained.push(isDraining), onFenced: () => undefined },
    log,
  );
  const heartbeat = new Heartbeat(
    () => lease.renew(),
    () => undefined,
    clock,
    log,
  );
  onTestFinished(() => heartbeat.close());
  await heartbeat.start();
  const others = new ShardStore(database.knex);
  await inVain(() => others.setDraining(SHARD, true));
  clock.advance(LEASE_RENEW_MS);
  await until(() => drained.length > 0);
  expect(drained).toEqual([true]);
});
