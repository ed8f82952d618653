import { connect, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { closeFrame, FrameEdges } from './frameEdges.ts';
import { PLATFORM_SWITCHES } from './ingress.ts';
import { startPlatform, type Platform } from './platform.ts';
import { call, deploySample } from './sampleApp.ts';
import { ADMIN } from './state.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let platform: Platform;
let url: string;
/** The front's service principal, which may use the back. */
let caller: { clientId: string; id: number };

beforeAll(async () => {
  platform = await startPlatform();
  url = (await deploySample(platform, 'back')).url;
  const resources = [{ name: 'back', app: { name: 'back', permission: 'CAN_USE' } }];
  await call(platform, 'POST', '/apps', { name: 'front', resources });
  const { service_principal_client_id: clientId, service_principal_id: id } = platform.app('front');
  caller = { clientId, id };
});
afterAll(() => platform.close());
afterEach(() => platform.ingress.set(PLATFORM_SWITCHES));

const bearer = (who: string, lifeMs?: number) => ({ authorization: `Bearer ${platform.token(who, lifeMs)}` });
const ask = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
  fetch(`${url}${path}`, { method, headers, redirect: 'manual' });

/** The headers that arrive at the app. */
async function arriving(headers: Record<string, string>): Promise<Record<string, string>> {
  return ((await (await ask('/api/tell', headers)).json()) as { headers: Record<string, string> }).headers;
}

test('nobody passes without a credential, and nobody is told more than where to sign in', async () => {
  for (const [path, method] of [
    ['/', 'GET'],
    ['/api/x', 'GET'],
    ['/api/x', 'OPTIONS'],
    ['/api/x', 'POST'],
  ] as const) {
    const answer = await ask(path, { origin: 'https://else.example.com' }, method);
    expect(answer.status).toBe(302);
    expect(answer.headers.get('location')).toMatch(/\/oidc\/oauth2\/v2\.0\/authorize\?/);
    expect(answer.headers.get('access-control-allow-origin')).toBeNull();
  }
});

test('a bad bearer is 401 below /api and a way to the login elsewhere; who may not use the app is 403', async () => {
  for (const headers of [{ authorization: 'Bearer x' }, bearer(ADMIN, -1)]) {
    expect((await ask('/api/x', headers)).status).toBe(401);
    expect((await ask('/x', headers)).status).toBe(302);
  }
  expect((await ask('/api/x', bearer('ann@example.com'))).status).toBe(403);
  expect((await ask('/api/x', bearer(caller.clientId))).status).toBe(200);
});

test('the caller is named by the platform: what a caller writes of that itself does not arrive', async () => {
  const forged = {
    'x-forwarded-user': 'me',
    'x-forwarded-email': 'me',
    'x-forwarded-access-token': 't',
    'x-real-ip': '1',
  };
  const { workspaceId } = platform.store.read().settings;
  const person = await arriving({ ...bearer(ADMIN), ...forged, 'x-mine': '1', cookie: 'a=b' });
  expect(person).toMatchObject({
    'x-forwarded-email': ADMIN,
    'x-forwarded-user': `4001@${workspaceId}`,
    'x-forwarded-host': new URL(url).host,
    'x-mine': '1',
    cookie: 'a=b',
  });
  expect(person['authorization']).toBeUndefined();
  expect(person['x-forwarded-access-token']).toBeUndefined();
  expect(person['x-real-ip']).not.toBe('1');
  const machine = await arriving({ ...bearer(caller.clientId), ...forged });
  expect(machine['x-forwarded-user']).toBe(`${caller.id}@${workspaceId}`);
  expect(machine['x-forwarded-email']).toBeUndefined();
});

test('what is not certain of the platform can be had both ways', async () => {
  platform.ingress.set({ passCallerForwardedEmail: true, dropCustomHeaders: true, hasUserAuthorization: true });
  const claim = { 'x-forwarded-email': 'ann@example.com', 'x-mine': '1', accept: 'a/b' };
  const machine = await arriving({ ...bearer(caller.clientId), ...claim });
  expect(machine).toMatchObject({ 'x-forwarded-email': 'ann@example.com', accept: 'a/b' });
  expect(machine['x-mine']).toBeUndefined();
  const person = await arriving({ ...bearer(ADMIN), ...claim });
  expect(person['x-forwarded-email']).toBe(ADMIN);
  expect(platform.store.read().tokens[person['x-forwarded-access-token']!]).toMatchObject({ userName: ADMIN });
});

test('a browser signs in at the workspace and comes back with a cookie of this app alone', async () => {
  const login = (await ask('/some/page?x=1')).headers.get('location')!;
  expect(new URL(login).origin).toBe(platform.api.url);
  const page = await (await fetch(login)).text();
  const back = /href="([^"]*admin[^"]*)"/.exec(page)![1]!.replaceAll('&amp;', '&');
  const returned = await fetch(back, { redirect: 'manual' });
  expect(returned.headers.get('location')).toBe('/some/page?x=1');
  const cookie = returned.headers.get('set-cookie')!.split(';')[0]!;
  expect(await arriving({ cookie })).toMatchObject({ 'x-forwarded-email': ADMIN });
  expect((await arriving({ cookie: `${cookie}; a=b` }))['cookie']).toBe('a=b');
  const foreign = platform.ingress.auth.signIn('front', ADMIN);
  for (const one of [foreign, foreign.replace('front', 'back')]) {
    expect((await ask('/api/x', { cookie: one })).status).toBe(302);
  }
  platform.ingress.auth.forgetSessions();
  expect((await ask('/api/x', { cookie })).status).toBe(302);
});

test('nothing below /.auth and /oidc reaches the app, and /logz is for who manages it', async () => {
  for (const path of ['/.auth/x', '/oidc/x', '/.auth', '/.auth/callback?user=nobody@example.com']) {
    const { status } = await ask(path, bearer(ADMIN));
    expect([403, 404]).toContain(status);
  }
  expect(await (await ask('/logz', bearer(ADMIN))).text()).toContain('[APP] listening');
  expect((await ask('/logz', bearer(caller.clientId))).status).toBe(403);
});

test('a request that is not answered in time is 504, a stream is cut at its limit, and buffering can be declined', async () => {
  platform.ingress.set({ requestTimeoutMs: 100 });
  expect((await ask('/api/never', bearer(ADMIN))).status).toBe(504);
  platform.ingress.set({ ...PLATFORM_SWITCHES, streamLimitMs: 300 });
  const stream = await ask('/api/stream', bearer(ADMIN));
  expect(stream.status).toBe(200);
  await expect(stream.text()).rejects.toThrow();
  platform.ingress.set({ isBuffering: true, streamLimitMs: 60_000 });
  expect(await firstChunk('/api/stream?end')).toBe('data: 1\n\ndata: 2\n\n');
  expect(await firstChunk('/api/stream?now')).toBe('data: 1\n\n');
});

async function firstChunk(path: string): Promise<string> {
  const reader = (await ask(path, bearer(ADMIN))).body!.getReader();
  const { value } = await reader.read();
  await reader.cancel();
  return Buffer.from(value!).toString();
}

/** A websocket by hand: every byte that came, and how it ended. */
class Line {
  bytes = Buffer.alloc(0);
  end: 'fin' | 'rst' | null = null;
  readonly socket: Socket;

  constructor(headers: Record<string, string>, path = '/api/socket') {
    const { host, hostname, port } = new URL(url);
    this.socket = connect({ host: hostname, port: Number(port) });
    const all = { host, upgrade: 'websocket', connection: 'Upgrade', 'sec-websocket-key': 'eA==', ...headers };
    const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
    this.socket.write(`GET ${path} HTTP/1.1\r\n${lines.join('')}\r\n`);
    this.socket.on('data', (chunk: Buffer) => (this.bytes = Buffer.concat([this.bytes, chunk])));
    this.socket.on('end', () => (this.end ??= 'fin'));
    this.socket.on('error', () => (this.end ??= 'rst'));
  }

  get text(): string {
    return this.bytes.toString('latin1');
  }

  get status(): string {
    return this.text.slice(9, 12);
  }
}

/** A line whose first frame has come. */
async function open(headers: Record<string, string> = {}): Promise<Line> {
  const line = new Line({ ...bearer(caller.clientId), ...headers });
  await expect.poll(() => line.text).toContain('"user"');
  return line;
}

test('a websocket passes with the same credentials as a request, its origin unchanged', async () => {
  const strangers: [Record<string, string>, string][] = [
    [{}, '302'],
    [{ authorization: 'Bearer x' }, '401'],
    [bearer('ann@example.com'), '403'],
  ];
  for (const [headers, status] of strangers) {
    const line = new Line(headers);
    await expect.poll(() => line.end).toBe('fin');
    expect(line.status).toBe(status);
  }
  const line = await open({ origin: 'https://else.example.com' });
  expect(line.status).toBe('101');
  expect(line.text).toContain('"origin":"https://else.example.com"');
  expect(line.text).toContain(`"user":"${caller.id}@`);
  line.socket.write('abcd');
  await expect.poll(() => line.text).toContain('\x82\x04abcd');
  line.socket.destroy();
  await expect.poll(() => platform.ingress.socketCount()).toBe(0);
});

test('sockets are recycled with a code between two frames, or without a word, and the next upgrade may be 502', async () => {
  for (const how of [1001, 1012, 'rst'] as const) {
    const line = await open();
    expect(platform.ingress.recycle(how, 'back')).toBe(1);
    await expect.poll(() => line.end).toBe(how === 'rst' ? 'rst' : 'fin');
    if (how !== 'rst') expect(line.bytes.subarray(-4)).toEqual(closeFrame(how));
  }
  platform.ingress.refuseUpgrades('back');
  const refused = new Line(bearer(caller.clientId));
  await expect.poll(() => refused.status).toBe('502');
  (await open()).socket.destroy();
});

test('a socket on which nothing is sent is cut', async () => {
  platform.ingress.set({ socketIdleMs: 1000 });
  const line = await open();
  await expect.poll(() => line.end).toBe('rst');
});

test('the app itself is reached past the ingress, by who is in its container', async () => {
  const port = platform.runner.portOf('back');
  const answer = await fetch(`http://127.0.0.1:${port}/api/tell`, {
    headers: { 'x-forwarded-email': 'forged@example.com' },
  });
  expect(await answer.text()).toContain('forged@example.com');
});

test('the edge of a frame is found wherever the bytes are cut', () => {
  const head = Buffer.from('HTTP/1.1 101 Switching Protocols\r\nA: b\r\n\r\n');
  const long = Buffer.concat([Buffer.from([0x82, 126, 1, 0]), Buffer.alloc(256, 0x88)]);
  const huge = Buffer.concat([Buffer.from([0x82, 127, 0, 0, 0, 0, 0, 1, 0, 0]), Buffer.alloc(65_536, 0x81)]);
  const frames = [Buffer.from([0x81, 1, 65]), long, Buffer.from([0x81, 0]), huge];
  const all = Buffer.concat([head, ...frames]);
  const edges = frames.reduce((found, frame) => [...found, found.at(-1)! + frame.length], [head.length]);
  for (const size of [1, 7, 100, 40_000, all.length]) {
    const seen = new FrameEdges();
    const found = new Set<number>();
    for (let at = 0; at < all.length; at += size) {
      const edge = seen.take(all.subarray(at, at + size));
      if (edge !== null) found.add(at + edge);
    }
    expect([...found].filter((one) => !edges.includes(one))).toEqual([]);
    if (size === 1) expect([...found].sort((one, other) => one - other)).toEqual(edges);
    expect(seen.isAtEdge).toBe(true);
  }
});
