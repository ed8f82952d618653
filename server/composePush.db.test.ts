import express from 'express';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest';
import { listen } from '../db/listen.ts';
import { createTestDatabase, type TestDatabase } from '../db/testing.ts';
import type { PushNote } from '../protocol/attention.ts';
import { MAX_DEVICES } from '../protocol/push.ts';
import { AttentionStore } from './attention/attentionStore.ts';
import { createLog } from './base/log.ts';
import { newKey } from './base/newKey.ts';
import { composePush } from './composePush.ts';
import { errorHandler } from './http/errors.ts';
import { LOOK_MS } from './push/callTaker.ts';
import { PushStore } from './push/pushStore.ts';
import { ManualClock } from './testing/manualClock.ts';
import { until } from './testing/until.ts';

const [ADA, BOB] = ['ada@example.com', 'bob@example.com'];
const ENDPOINT = 'https://push.example.com/1';
const NOTE: PushNote = {
  signal: {
    ...{ sessionId: 's', incarnation: 1, offset: 1, at: 0, kind: 'bell', text: '', when: 'always', name: null },
  },
  sessionName: 's',
  projectName: null,
};
/** A public key of a browser, and the secret that goes with it. */
const { x, y } = newKey('P-256');
const point = Buffer.concat([Buffer.of(4), Buffer.from(x!, 'base64url'), Buffer.from(y!, 'base64url')]);
const KEYS = { p256dh: point.toString('base64url'), auth: Buffer.alloc(16).toString('base64url') };

let database: TestDatabase;
let devices: PushStore;
beforeAll(async () => {
  database = await createTestDatabase();
  devices = new PushStore(database.knex);
});
beforeEach(() => database.knex.raw('truncate push_subscriptions, push_calls'));
afterAll(() => database.drop());

/** A frontend's part in calling devices, with its routes for one person. */
async function setUp(caller: { isByToken?: boolean } = {}, isDeaf = false) {
  const clock = new ManualClock();
  const called: string[] = [];
  const answers: number[] = [];
  let isListening = false;
  const push = composePush({
    config: { PUSH_KEY: newKey('P-256'), PUBLIC_URL: undefined, ADMIN_EMAILS: [] },
    knex: database.knex,
    listen: (channel, onNotify) =>
      isDeaf
        ? { close: () => Promise.resolve() }
        : listen(database.url, channel, (payload) => {
            isListening = true;
            onNotify(payload);
          }),
    clock,
    log: createLog('test', 'silent'),
    world: {
      requireEndpoint: () => undefined,
      post: (endpoint) => {
        called.push(endpoint);
        return Promise.resolve({ status: answers.shift() ?? 201, retryAfterSeconds: null });
      },
    },
  });
  const app = express();
  app.use((request, _response, next) => {
    request.caller = { email: ADA, name: 'Ada', roles: ['user'], ...caller };
    next();
  });
  app.use(push.router, errorHandler(createLog('test', 'silent')));
  const server = app.listen(0, '127.0.0.1');
  onTestFinished(async () => {
    server.close();
    await push.close();
  });
  await new Promise((resolve) => server.once('listening', resolve));
  await until(() => isListening || isDeaf);
  const at = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/push`;
  const send = async (method: string, path: string, body?: unknown) => {
    const headers = { 'Content-Type': 'application/json', Connection: 'close' };
    const answer = await fetch(`${at}${path}`, { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) });
    return { status: answer.status, body: (await answer.json()) as { id?: string; key?: string } };
  };
  return { called, answers, send, clock };
}

test('a shard rings, and every device of that person is called; one that is gone is called no more', async () => {
  const { called, answers } = await setUp();
  await devices.put(ADA, { endpoint: ENDPOINT, keys: KEYS });
  await devices.put(BOB, { endpoint: 'https://push.example.com/2', keys: KEYS });
  const shard = new AttentionStore(database.knex, 'backend-1');
  await shard.call(ADA, NOTE);
  await until(() => called.length === 1);
  answers.push(410);
  await shard.call(ADA, NOTE);
  await until(async () => (await devices.devicesOf(ADA)).length === 0);
  expect([called, (await devices.devicesOf(BOB)).length]).toEqual([[ENDPOINT, ENDPOINT], 1]);
});

test('a call is made by one of several frontends, also when no bell is heard, and not when it is old', async () => {
  const [one, other] = [await setUp({}, true), await setUp({}, true)];
  await devices.put(ADA, { endpoint: ENDPOINT, keys: KEYS });
  const shard = new AttentionStore(database.knex, 'backend-1');
  await shard.call(ADA, NOTE);
  await database.knex('push_calls').update({ created_at: new Date(0) });
  await shard.call(ADA, NOTE);
  for (const { clock } of [one, other]) clock.advance(LOOK_MS);
  const isLeft = async () => (await database.knex('push_calls').count())[0]!.count !== '0';
  await until(async () => !(await isLeft()) && one.called.length + other.called.length > 0);
  expect([...one.called, ...other.called]).toEqual([ENDPOINT]);
});

test('a device is subscribed once, goes to who is signed in there, and is taken away by its person alone', async () => {
  const { send } = await setUp();
  await devices.put(BOB, { endpoint: ENDPOINT, keys: KEYS });
  const first = await send('POST', '/subscriptions', { endpoint: ENDPOINT, keys: KEYS });
  const again = await send('POST', '/subscriptions', { endpoint: ENDPOINT, keys: KEYS });
  expect([first.status, again.body.id]).toEqual([200, first.body.id]);
  expect([(await devices.devicesOf(BOB)).length, (await devices.devicesOf(ADA)).length]).toEqual([0, 1]);
  await devices.remove(BOB, first.body.id!);
  expect(await devices.devicesOf(ADA)).toHaveLength(1);
  expect((await send('DELETE', `/subscriptions/${first.body.id}`)).status).toBe(200);
  expect(await devices.devicesOf(ADA)).toEqual([]);
});

test('what is no subscription is refused, and so is a token', async () => {
  const { send } = await setUp();
  const bad = [
    { endpoint: 'nonsense', keys: KEYS },
    { endpoint: ENDPOINT, keys: { ...KEYS, auth: 'short' } },
    { endpoint: `${ENDPOINT}/${'x'.repeat(2_000)}`, keys: KEYS },
    { endpoint: ENDPOINT },
  ];
  for (const body of bad) expect((await send('POST', '/subscriptions', body)).status).toBe(400);
  const byToken = await setUp({ isByToken: true });
  expect((await byToken.send('GET', '')).status).toBe(403);
});

test('of more devices than a person may have the oldest give way', async () => {
  for (let i = 0; i <= MAX_DEVICES; i++) await devices.put(ADA, { endpoint: `${ENDPOINT}/${i}`, keys: KEYS });
  const endpoints = (await devices.devicesOf(ADA)).map(({ endpoint }) => endpoint);
  expect([endpoints.length, endpoints.includes(`${ENDPOINT}/0`)]).toEqual([MAX_DEVICES, false]);
});

test('who shows life on a shard does so for all shards, until it is taken back or has run out', async () => {
  const [one, other] = [new AttentionStore(database.knex, 'backend-1'), new AttentionStore(database.knex, 'backend-2')];
  await one.setAlive([ADA, BOB], 60_000);
  await other.setAlive([ADA], 0);
  expect(await Promise.all([other.isAlive(ADA), other.isAlive('eve@example.com')])).toEqual([true, false]);
  await one.setAlive([ADA], 0);
  await database
    .knex('presence')
    .where({ owner_email: BOB })
    .update({ alive_until: new Date(0) });
  expect(await Promise.all([other.isAlive(ADA), other.isAlive(BOB)])).toEqual([false, false]);
});
