import { createECDH, createPublicKey } from 'node:crypto';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import ece from 'http_ece';
import { jwtVerify } from 'jose';
import pino from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import type { PushNote } from '../../protocol/attention.ts';
import { newKey } from '../base/newKey.ts';
import { ManualClock } from '../testing/manualClock.ts';
import { until } from '../testing/until.ts';
import type { PostOut } from './postOut.ts';
import { publicKeyOf } from './pushMessage.ts';
import { Pusher, RETRY_DELAYS_MS } from './pusher.ts';
import type { Device } from './pushStore.ts';

const NOTE: PushNote = {
  signal: {
    ...{ sessionId: '4f2c9d3e-0000-4000-8000-000000000001', incarnation: 1, offset: 7, at: 0 },
    ...{ kind: 'needsInput', text: 'Claude needs you 🙂', when: 'always', name: null },
  },
  sessionName: 'agent',
  projectName: 'Web',
};

/** A push service on this machine, with one browser's keys, that answers as a test says. */
async function setUp(...statuses: number[]) {
  const key = newKey('P-256');
  const browser = createECDH('prime256v1');
  const p256dh = browser.generateKeys('base64url');
  const auth = Buffer.alloc(16, 7).toString('base64url');
  const got: { headers: Record<string, string>; note: unknown }[] = [];
  const server = createServer((incoming, response) => {
    void buffer(incoming).then((body) => {
      const plain = ece.decrypt(body, { version: 'aes128gcm', privateKey: browser, authSecret: auth });
      got.push({ headers: incoming.headers as Record<string, string>, note: JSON.parse(plain.toString()) as unknown });
      response.writeHead(statuses.shift() ?? 201).end();
    });
  });
  server.listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await new Promise((resolve) => server.once('listening', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const device: Device = { id: 'd', endpoint: `${origin}/push/secret`, keys: { p256dh, auth } };

  const clock = new ManualClock();
  const forgotten: string[] = [];
  const store = {
    devicesOf: (email: string) => Promise.resolve(email === 'ada@example.com' ? [device] : []),
    forget: ({ id }: Device) => Promise.resolve(void forgotten.push(id)),
  };
  /** What is never done outside of tests: this machine itself is called. */
  const post: PostOut = (endpoint, { headers, body }) =>
    new Promise((resolve, reject) => {
      const sent = request(endpoint, { method: 'POST', headers, agent: false }, (answer) => {
        answer.resume();
        answer.on('end', () => resolve({ status: answer.statusCode!, retryAfterSeconds: null }));
      });
      sent.on('error', reject);
      sent.end(body);
    });
  const identity = { key, contact: 'https://holdfast.example.com' };
  const pusher = new Pusher({ store, identity, post, clock, log: pino({ level: 'silent' }) });
  return { pusher, got, forgotten, clock, key, origin };
}

test('a device gets what only it can read, from who only we can be', async () => {
  const { pusher, got, key, origin } = await setUp();
  await pusher.call('ada@example.com', NOTE);
  await pusher.call('bob@example.com', NOTE);
  expect(got.map(({ note }) => note)).toEqual([NOTE]);
  const { headers } = got[0]!;
  expect(headers).toMatchObject({ 'content-encoding': 'aes128gcm', urgency: 'high', ttl: '43200' });
  expect(headers.topic).toMatch(/^[\w-]{1,32}$/);
  const [, token, sentKey] = /^vapid t=(\S+), k=(\S+)$/.exec(headers.authorization!)!;
  expect(sentKey).toBe(publicKeyOf(key));
  const { payload } = await jwtVerify(token!, createPublicKey({ key: key as never, format: 'jwk' }));
  expect(payload).toMatchObject({ aud: origin, sub: 'https://holdfast.example.com' });
});

test.each([404, 410])('a device whose push service answers %i is called no more', async (status) => {
  const { pusher, got, forgotten } = await setUp(status);
  await pusher.call('ada@example.com', NOTE);
  expect([got.length, forgotten]).toEqual([1, ['d']]);
});

test('what a push service refuses is not tried again, and the device stays', async () => {
  const { pusher, got, forgotten } = await setUp(403);
  await pusher.call('ada@example.com', NOTE);
  expect([got.length, forgotten]).toEqual([1, []]);
});

test('a busy push service is asked again a few times, later and later, and then no more', async () => {
  const { pusher, got, clock } = await setUp(503, 429, 500, 503, 503);
  const call = pusher.call('ada@example.com', NOTE);
  for (const [i, delayMs] of RETRY_DELAYS_MS.entries()) {
    await until(() => got.length === i + 1 && clock.pendingTimers === 1);
    clock.advance(delayMs - 1);
    expect(clock.pendingTimers).toBe(1);
    clock.advance(1);
  }
  await call;
  expect([got.length, clock.pendingTimers]).toEqual([1 + RETRY_DELAYS_MS.length, 0]);
});

test('what waits to be tried again ends with the frontend', async () => {
  const { pusher, got, clock } = await setUp(503);
  const call = pusher.call('ada@example.com', NOTE);
  await until(() => clock.pendingTimers === 1);
  pusher.close();
  await call;
  expect([got.length, clock.pendingTimers]).toEqual([1, 0]);
});
