import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { importJWK, SignJWT, type JWK } from 'jose';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { newKey } from '../base/newKey.ts';
import { openHoldfast, type Holdfast } from '../../client/index.ts';
import type { Project } from '../../protocol/projects.ts';
import { createProject } from '../../protocol/projects.ts';
import { putPreference } from '../../protocol/preferences.ts';
import type { Session } from '../../protocol/sessions.ts';
import { createSigner } from '../identity/assertion.ts';
import { hostFileNames } from '../base/hostFile.ts';
import { HOST_PROTOCOL_VERSION } from '../ptyhost/hostProtocol.ts';
import { descendants, failuresIn, hostPid, logsOf, secretsOf, secretValues } from './instances.ts';
import { askUpgrade, comparable, refusalOf, send, sendText, type RawAnswer, type RawRequest } from './rawHttp.ts';
import { ask, attachRaw, openSocket } from './rawSocket.ts';
import { pidOf, startStack, type Stack } from './stack.ts';
import { clientOf, ECHO_LINES, headersOf, run, Terminal } from './terminal.ts';

const EVE = 'eve@example.com';
const BOB = 'bob@example.com';
const SHARDS = ['backend-1', 'backend-2'];
const LAUNCHER_SECRET = 'a-variable-of-the-launcher-0123456789';

let stack: Stack;
let bob: Holdfast;
let project: Project;
/** One session of Bob's on each shard, with what must have been printed there so far. */
const victims: { session: Session; terminal: Terminal; expected: string }[] = [];

beforeAll(async () => {
  stack = await startStack({ env: { LOG_LEVEL: 'trace', HOLDFAST_TEST_SECRET: LAUNCHER_SECRET } });
  bob = await openHoldfast({ url: stack.origin, headers: headersOf(BOB) });
  project = await bob.call(createProject, { name: 'bobs' });
  for (const shardId of SHARDS) {
    const body = { command: ECHO_LINES, cols: 80, rows: 24, projectId: project.id };
    const opened = await send(stack.port, {
      method: 'POST',
      path: `/api/shards/${shardId}/v1/sessions`,
      headers: headersOf(BOB),
      body,
    });
    const session = JSON.parse(opened.text) as Session;
    const terminal = await Terminal.attach(bob, session);
    await terminal.waitFor('ready\r\n');
    victims.push({ session, terminal, expected: 'ready\r\n' });
  }
});
afterAll(async () => {
  bob?.close();
  await stack?.remove();
});

let turn = 0;
beforeEach(() => void turn++);
afterEach(async () => {
  for (const victim of victims) {
    victim.expected += `got:turn ${turn}\r\n`;
    expect(await victim.terminal.exchange(`turn ${turn}`)).toBe(victim.expected);
    const { id, name, state, cols, rows } = await bob.sessions.get(victim.session.id);
    expect({ id, name, state, cols, rows }).toEqual({
      id: victim.session.id,
      name: victim.session.name,
      state: 'running',
      cols: 80,
      rows: 24,
    });
  }
  expect(failuresIn(stack)).toEqual([]);
});

const asEve = (input: RawRequest): Promise<RawAnswer> =>
  send(stack.port, { ...input, headers: { ...headersOf(EVE), ...input.headers } });
/** The ways to the API of either shard. */
const prefixes = ['/api/v1', ...SHARDS.map((id) => `/api/shards/${id}/v1`)];

/** A word of the frontend's own key. */
async function assertionFor(email: string, audience: string): Promise<string> {
  const sign = await createSigner(secretsOf(stack).assertionKey.private);
  return sign({ email, name: email, roles: ['user'] }, audience);
}

test("lists show only one's own sessions, projects and preferences, through every way to the API", async () => {
  await bob.call(putPreference, { name: 'settings', revision: 0, value: { bobs: true } });
  for (const prefix of prefixes) {
    const sessions = await asEve({ path: `${prefix}/sessions` });
    const projects = await asEve({ path: `${prefix}/projects` });
    const preferences = await asEve({ path: `${prefix}/preferences` });
    expect(JSON.parse(preferences.text)).toEqual({ email: EVE, documents: [] });
    const names = (JSON.parse(projects.text) as { projects: Project[] }).projects.map(({ name }) => name);
    expect({ sessions: JSON.parse(sessions.text) as unknown, names }).toEqual({
      sessions: { sessions: [] },
      names: ['home'],
    });
  }
});

test("another person's session or project is answered exactly as one that does not exist", async () => {
  const requests: ((prefix: string, sessionId: string, projectId: string) => RawRequest)[] = [
    (prefix, id) => ({ path: `${prefix}/sessions/${id}` }),
    (prefix, id) => ({ method: 'PATCH', path: `${prefix}/sessions/${id}`, body: { name: 'mine' } }),
    (prefix, id) => ({ method: 'DELETE', path: `${prefix}/sessions/${id}` }),
    (prefix, _, id) => ({ path: `${prefix}/projects/${id}` }),
    (prefix, _, id) => ({ method: 'PATCH', path: `${prefix}/projects/${id}`, body: { name: 'mine' } }),
    (prefix, _, id) => ({ method: 'PATCH', path: `${prefix}/projects/${id}`, body: { archived: true } }),
    (prefix, _, id) => ({ method: 'DELETE', path: `${prefix}/projects/${id}` }),
    (prefix, _, projectId) => ({ method: 'POST', path: `${prefix}/sessions`, body: { projectId, cols: 80, rows: 24 } }),
  ];
  for (const prefix of prefixes) {
    for (const request of requests) {
      const unknown = await asEve(request(prefix, randomUUID(), randomUUID()));
      expect(refusalOf(unknown)).toMatch(/^404 (session|project)\.not_found$/);
      for (const { session } of victims) {
        const theirs = await asEve(request(prefix, session.id, project.id));
        expect(comparable(theirs)).toEqual(comparable(unknown));
      }
    }
  }
});

test("a socket cannot attach to another person's session, on its own shard or the other", async () => {
  for (const shardId of SHARDS) {
    const socket = await openSocket(stack.port, { headers: headersOf(EVE), shardId });
    const unknown = await attachRaw(socket, randomUUID());
    expect(unknown).toMatchObject({ error: { code: 'session.not_found' } });
    for (const { session, terminal } of victims) {
      expect(await attachRaw(socket, session.id)).toEqual(unknown);
      // Not even with the attachment id that is in use there.
      const { attachmentId } = terminal.attachment as unknown as { attachmentId: string };
      expect(await ask(socket, 'attach', { sessionId: session.id, attachmentId, handle: 7, from: null })).toEqual(
        unknown,
      );
    }
  }
});

test("handles of another person's connection mean nothing on one's own", async () => {
  for (const { session, terminal } of victims) {
    const socket = await openSocket(stack.port, { headers: headersOf(EVE), shardId: session.shardId });
    const output: unknown[] = [];
    socket.on('output', (...frame: unknown[]) => output.push(frame));
    const { handle } = terminal.attachment as unknown as { handle: number };
    const refused = new Promise((resolve) => socket.once('refused', resolve));
    socket.emit('input', handle, 1, Buffer.from('stolen\n'));
    expect(await refused).toMatchObject({ handle, error: { code: 'attachment.not_found' } });
    expect(await ask(socket, 'resize', { handle, cols: 20, rows: 5 })).toMatchObject({
      error: { code: 'attachment.not_found' },
    });
    socket.emit('ack', { handle, offset: 1 });
    socket.emit('detach', { handle });
    expect(await ask(socket, 'resize', { handle: 1, cols: 20, rows: 5 })).toMatchObject({
      error: { code: 'attachment.not_found' },
    });
    expect(output).toEqual([]);
  }
});

test("another person's connection cannot be renewed", async () => {
  const socket = await openSocket(stack.port, { headers: headersOf(BOB) });
  const renew = (id: string, headers = headersOf(EVE)) =>
    send(stack.port, { method: 'POST', path: `/api/shards/backend-1/connections/${id}/renew`, headers });
  expect(comparable(await renew(socket.id!))).toEqual(comparable(await renew('no-such-connection-id')));
  expect((await renew(socket.id!, headersOf(BOB))).status).toBe(200);
});

test('a polling connection belongs to who opened it', async () => {
  const base = '/api/shards/backend-1/socket.io/?EIO=4&transport=polling';
  const open = async (email: string) => {
    const answer = await send(stack.port, { path: base, headers: headersOf(email) });
    return (JSON.parse(answer.text.slice(1)) as { sid: string }).sid;
  };
  const [theirs, own] = [await open(BOB), await open(EVE)];
  const connectPacket = '4{"type":0,"nsp":"/"}';
  const unknown = await asEve({ path: `${base}&sid=no-such-sid` });
  const tries: RawRequest[] = [
    { path: `${base}&sid=${theirs}` },
    { path: `${base}&sid=${own}&sid=${theirs}` },
    { path: `${base}&sid=${theirs}&sid=${own}` },
    { path: `${base}&sid=${own}&%73id=${theirs}` },
    { method: 'POST', path: `${base}&sid=${theirs}`, body: connectPacket },
    { method: 'POST', path: `${base}&sid=${own}&sid=${theirs}`, body: connectPacket },
  ];
  for (const attempt of tries) expect(comparable(await asEve(attempt)), attempt.path).toEqual(comparable(unknown));
  // Bob's connection took no harm: his word arrives, and the answer is his.
  await send(stack.port, {
    method: 'POST',
    path: `${base}&sid=${theirs}`,
    headers: headersOf(BOB),
    body: connectPacket,
  });
  const polled = await send(stack.port, { path: `${base}&sid=${theirs}`, headers: headersOf(BOB) });
  expect(polled.text).toMatch(/^4\{"type":0/);
});

test("a websocket cannot take over another person's connection by its transport id", async () => {
  const theirs = await openSocket(stack.port, { headers: headersOf(BOB) });
  const engineId = (theirs.io.engine as unknown as { id: string }).id;
  const base = '/api/shards/backend-1/socket.io/?EIO=4&transport=websocket';
  for (const query of [`&sid=${engineId}`, '&sid=no-such-sid', `&sid=&sid=${engineId}`]) {
    expect(refusalOf(await askUpgrade(stack.port, base + query, headersOf(EVE)))).toBe('404 connection.not_found');
  }
  expect(await attachRaw(theirs, victims[0]!.session.id, 9)).toMatchObject({ ok: { mode: 'replay' } });
});

test('headers that speak for someone authorize nothing on a backend', async () => {
  for (const port of stack.backendPorts) {
    const headers = {
      ...headersOf(BOB),
      'X-Forwarded-User': BOB,
      'X-Holdfast-Email': BOB,
      Authorization: `Bearer ${BOB}`,
    };
    expect(refusalOf(await send(port, { path: '/api/v1/sessions', headers }))).toBe('401 AUTH_MISSING');
    expect(refusalOf(await askUpgrade(port, '/api/socket.io/?EIO=4&transport=websocket', headers))).toBe(
      '401 AUTH_MISSING',
    );
    await expect(openSocket(port, { headers, path: '/api/socket.io' })).rejects.toThrow();
  }
});

test('a backend answers nothing but its health without an assertion', async () => {
  const paths = [
    '/',
    '/index.html',
    '/sign-in',
    '/assets/x.js',
    '/v1/sessions',
    '/socket.io/?EIO=4&transport=polling',
    '/%2e%2e/etc/passwd',
  ];
  const guarded = [
    '/api',
    '/api/',
    '/API/v1/sessions',
    '/api/me',
    '/api/v1/sessions',
    '/api/socket.io/?EIO=4&transport=polling',
    '/api//v1',
  ];
  for (const port of stack.backendPorts) {
    for (const path of paths)
      expect([path, refusalOf(await send(port, { path }))]).toEqual([path, '404 route.not_found']);
    for (const path of guarded)
      expect([path, refusalOf(await send(port, { path }))]).toEqual([path, '401 AUTH_MISSING']);
    for (const path of ['/health', '/live', '/ready', '/api/health', '/api/live', '/api/ready']) {
      const answer = await send(port, { path });
      expect({
        path,
        status: answer.status,
        names: Object.keys(JSON.parse(answer.text) as object).filter((n) => !PUBLIC.has(n)),
      }).toEqual({ path, status: 200, names: [] });
    }
  }
});
/** Of the pool there are counts and nothing else. */
const PUBLIC = new Set(['status', 'app_instance', 'active_pty_sessions', 'version', 'database', 'ptyhost', 'pool']);

test('forged, altered, expired and misdirected assertions are refused, over HTTP and for an upgrade', async () => {
  const good = secretsOf(stack).assertionKey.private;
  const strange = newKey('ed25519') as JWK;
  const now = Math.floor(Date.now() / 1000);
  const signed = async (change: Record<string, unknown> = {}, key = good) =>
    new SignJWT({
      sub: BOB,
      name: 'bob',
      roles: ['user'],
      jti: randomUUID(),
      iss: 'holdfast-frontend',
      aud: 'backend-1',
      iat: now,
      exp: now + 30,
      ...change,
    })
      .setProtectedHeader({ alg: 'EdDSA' })
      .sign(await importJWK(key, 'EdDSA'));
  const altered = async (change: object) => {
    const [head, payload, signature] = (await signed()).split('.') as [string, string, string];
    const claims = { ...(JSON.parse(Buffer.from(payload, 'base64url').toString()) as object), ...change };
    return [head, encode(claims), signature].join('.');
  };
  const publicKey = JSON.stringify(secretsOf(stack).assertionKey.public);
  const hmac = new SignJWT({
    sub: BOB,
    name: 'bob',
    roles: ['user'],
    jti: randomUUID(),
    iss: 'holdfast-frontend',
    aud: 'backend-1',
    iat: now,
    exp: now + 30,
  })
    .setProtectedHeader({ alg: 'HS256' })
    .sign(Buffer.from(publicKey));
  const claims = {
    sub: BOB,
    name: 'bob',
    roles: ['user'],
    jti: randomUUID(),
    iss: 'holdfast-frontend',
    aud: 'backend-1',
    iat: now,
    exp: now + 30,
  };
  const forgeries: Record<string, string> = {
    'another key': await signed({}, strange),
    'alg none': `${encode({ alg: 'none' })}.${encode(claims)}.`,
    'the public key as a shared secret': await hmac,
    'another audience': await signed({ aud: 'backend-2' }),
    'no audience': await signed({ aud: undefined }),
    'another issuer': await signed({ iss: 'someone' }),
    expired: await signed({ iat: now - 100, exp: now - 70 }),
    'too old, though not expired': await signed({ iat: now - 100, exp: now + 3600 }),
    'issued in the future': await signed({ iat: now + 100, exp: now + 130 }),
    'without an expiry': await signed({ exp: undefined }),
    'without an id': await signed({ jti: undefined }),
    'an altered subject': await altered({ sub: EVE }),
    'an altered role': await altered({ roles: ['user', 'admin'] }),
    'no token at all': 'x',
    'two tokens': `${await signed()}, ${await signed()}`,
  };
  const tooLate = new Set(['expired', 'too old, though not expired']);
  for (const [what, token] of Object.entries(forgeries)) {
    const headers = { 'X-Holdfast-Assertion': token };
    const [port] = stack.backendPorts as [number];
    const overHttp = refusalOf(await send(port, { path: '/api/v1/sessions', headers }));
    const upgrade = refusalOf(await askUpgrade(port, '/api/socket.io/?EIO=4&transport=websocket', headers));
    expect([what, overHttp, upgrade]).toEqual([
      what,
      ...Array<string>(2).fill(tooLate.has(what) ? '401 AUTH_EXPIRED' : '401 AUTH_INVALID'),
    ]);
  }
  const [port] = stack.backendPorts as [number];
  expect(
    (await send(port, { path: '/api/v1/sessions', headers: { 'X-Holdfast-Assertion': await signed() } })).status,
  ).toBe(200);
});

const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

test('an assertion is good for one request, whichever way it is used again', async () => {
  const [port] = stack.backendPorts as [number];
  const overHttp = (token: string) =>
    send(port, { path: '/api/v1/sessions', headers: { 'X-Holdfast-Assertion': token } });
  const upgrade = (token: string) =>
    askUpgrade(port, '/api/socket.io/?EIO=4&transport=websocket', { 'X-Holdfast-Assertion': token });
  for (const [first, second] of [
    [overHttp, overHttp],
    [overHttp, upgrade],
    [upgrade, overHttp],
    [upgrade, upgrade],
  ] as const) {
    const token = await assertionFor(BOB, 'backend-1');
    expect([200, 101]).toContain((await first(token)).status);
    expect(refusalOf(await second(token))).toBe('401 AUTH_INVALID');
  }
  const [raced] = [await assertionFor(BOB, 'backend-1')];
  const statuses = (await Promise.all(Array.from({ length: 10 }, () => overHttp(raced)))).map(({ status }) => status);
  expect(statuses.filter((status) => status === 200)).toHaveLength(1);
});

test('an assertion in the address counts like one in a header, once, over HTTP and in an upgrade, and stands in no log', async () => {
  const port = stack.backendPorts[0]!;
  const word = () => assertionFor(EVE, 'backend-1');
  const words = [await word(), await word()] as const;
  const list = `/api/v1/sessions?hfa=${words[0]}`;
  expect(JSON.parse((await send(port, { path: list })).text)).toEqual({ sessions: [] });
  expect(refusalOf(await send(port, { path: list }))).toBe('401 AUTH_INVALID');
  const upgrade = `/api/socket.io/?EIO=4&transport=websocket&hfa=${words[1]}`;
  expect((await askUpgrade(port, upgrade)).status).toBe(101);
  expect(refusalOf(await askUpgrade(port, upgrade))).toBe('401 AUTH_INVALID');
  expect(refusalOf(await send(port, { path: `/api/nowhere?hfa=${await word()}` }))).toBe('404 route.not_found');
  // The header wins, and through the gateway what a browser says in that parameter is nobody's word.
  const forged = { path: `/api/v1/sessions?hfa=${await word()}`, headers: { 'X-Holdfast-Assertion': 'forged' } };
  expect(refusalOf(await send(port, forged))).toBe('401 AUTH_INVALID');
  const unused = await assertionFor(BOB, 'backend-1');
  const through = await asEve({ path: `/api/shards/backend-1/v1/sessions?hfa=${unused}` });
  expect(JSON.parse(through.text)).toEqual({ sessions: [] });
  expect((await send(port, { path: `/api/v1/sessions?hfa=${unused}` })).status).toBe(200);
  expect(logsOf(stack)).not.toMatch(/hfa=|eyJ/);
});

test('what a client says in our own headers is not passed on by the gateway', async () => {
  const token = await assertionFor(BOB, 'backend-1');
  const headers = {
    'X-Holdfast-Assertion': token,
    'X-Forwarded-User': BOB,
    'X-Forwarded-Access-Token': 'a-token',
    'X-Real-IP': '10.0.0.1',
    Connection: 'close, x-holdfast-assertion',
  };
  const answer = await asEve({ path: '/api/shards/backend-1/v1/sessions', headers });
  expect(JSON.parse(answer.text)).toEqual({ sessions: [] });
  // It did not reach the backend, so it was not used up.
  const direct = await send(stack.backendPorts[0]!, {
    path: '/api/v1/sessions',
    headers: { 'X-Holdfast-Assertion': token },
  });
  expect(direct.status).toBe(200);
  expect(refusalOf(await asEve({ path: '/api/v1/sessions', headers: { 'X-Forwarded-Email': `${EVE}, ${BOB}` } }))).toBe(
    '401 AUTH_INVALID',
  );
});

test('no path leads through the gateway to anything but the API of the shard it names', async () => {
  const id = victims[1]!.session.id;
  const paths = [
    '/api/shards/backend-1/../../health',
    '/api/shards/backend-1/../shards/backend-2/v1/sessions',
    '/api/shards/backend-1/..%2f..%2fhealth',
    '/api/shards/backend-1/%2e%2e/%2e%2e/etc/passwd',
    '/api/shards/backend-1//v1//sessions',
    `/api/shards/backend-1/v1/projects/../sessions/${id}`,
    '/api/shards/backend-1\\..\\health',
    '/api/shards/backend-1/http://127.0.0.1:1/',
    '/api/shards/backend-1/@127.0.0.1:1/',
    '/api/shards/backend-3/v1/sessions',
    '/api/shards/..%2fbackend-1/v1/sessions',
    '/api/shards/__proto__/v1/sessions',
    '/api/shards/backend-1%00/v1/sessions',
    '/api/shards//v1/sessions',
    '/api/shards/backend-1',
    '/api/v1/../shards/backend-1/v1/nothing',
    '/api/v1/..%2f..%2fhealth',
    '/api/v1/%',
    '/API/V1/nothing',
    `http://127.0.0.1:${stack.backendPorts[1]}/api/v1/nothing`,
    `http://127.0.0.1:${stack.backendPorts[1]}/api/shards/backend-1/v1/nothing`,
    '/..%2f..%2fsecrets.json',
    '/assets/..%2f..%2f..%2fpackage.json',
    '/assets/no-such-file.js',
  ];
  for (const path of paths) {
    const refusal = refusalOf(await asEve({ path }));
    expect([path, refusal]).toEqual([
      path,
      expect.stringMatching(/^(404 (route|shard)\.not_found|400 input\.invalid)$/),
    ]);
  }
});

test('a shard reached by another spelling of its path is still asked as oneself', async () => {
  for (const path of [
    '/API/SHARDS/backend-1/v1/sessions',
    '/api/shards/backend%2D1/v1/sessions',
    '/api/shards/backend-1/V1/SESSIONS',
  ]) {
    const answer = await asEve({ path });
    expect([path, answer.status, answer.text.includes(victims[0]!.session.id)]).toEqual([
      path,
      expect.toBeOneOf([200, 404]),
      false,
    ]);
  }
});

test('a second request hidden in the body of a first is not carried out', async () => {
  const hidden = `GET /api/v1/sessions HTTP/1.1\r\nHost: x\r\nX-Forwarded-Email: ${BOB}\r\n\r\n`;
  const head = (method: string, more: string) =>
    `${method} /api/shards/backend-1/v1/sessions HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-Email: ${EVE}\r\nConnection: close\r\n${more}\r\n\r\n`;
  const chunked = `${hidden.length.toString(16)}\r\n${hidden}\r\n0\r\n\r\n`;
  const tries = [
    head('DELETE', 'Transfer-Encoding: chunked') + chunked,
    head('GET', 'Transfer-Encoding: chunked') + chunked,
    head('GET', `Content-Length: ${hidden.length}`) + hidden,
    head('POST', `Content-Length: 4\r\nTransfer-Encoding: chunked`) + chunked,
    head('POST', `Transfer-Encoding: chunked, identity`) + chunked,
    head('POST', `Transfer-Encoding : chunked\r\nContent-Length: 0`) + chunked,
  ];
  for (const text of tries) {
    const answer = await sendText(stack.port, text);
    expect(answer.match(/HTTP\/1\.1 \d+/g), text).toHaveLength(1);
    expect(answer).not.toContain(victims[0]!.session.id);
  }
});

test('another site cannot act in a person’s name', async () => {
  const before = await asEve({ path: '/api/v1/sessions' });
  for (const origin of [
    'http://evil.example',
    'null',
    'http://localhost:1',
    `http://localhost:${stack.port}.evil.example`,
    'not an origin',
  ]) {
    const headers = { Origin: origin, Host: `localhost:${stack.port}` };
    const post = await asEve({ method: 'POST', path: '/api/v1/sessions', headers, body: { cols: 80, rows: 24 } });
    const upgrade = await askUpgrade(stack.port, '/api/shards/backend-1/socket.io/?EIO=4&transport=websocket', {
      ...headersOf(EVE),
      ...headers,
    });
    expect([origin, refusalOf(post), refusalOf(upgrade)]).toEqual([
      origin,
      '403 auth.origin_refused',
      '403 auth.origin_refused',
    ]);
  }
  expect((await asEve({ path: '/api/v1/sessions' })).text).toBe(before.text);
  const own = { Origin: `http://localhost:${stack.port}`, Host: `localhost:${stack.port}` };
  expect(
    (await asEve({ method: 'POST', path: '/api/v1/projects', headers: own, body: { name: 'from our own page' } }))
      .status,
  ).toBe(200);
});

test('an unknown host name is refused for pages, API and upgrades', async () => {
  for (const host of [
    'evil.example',
    `evil.example:${stack.port}`,
    'localhost.evil.example',
    '127.0.0.1.nip.io',
    '@localhost',
  ]) {
    const headers = { Host: host };
    const refusals = [
      refusalOf(await asEve({ path: '/', headers })),
      refusalOf(await asEve({ path: '/api/v1/sessions', headers })),
      refusalOf(
        await askUpgrade(stack.port, '/api/shards/backend-1/socket.io/?EIO=4&transport=websocket', {
          ...headersOf(EVE),
          ...headers,
        }),
      ),
    ];
    expect([host, ...refusals]).toEqual([host, ...Array<string>(3).fill('421 auth.host_refused')]);
  }
});

test("a program in a terminal gets nothing from its backend's port nor from the pty host's socket", async () => {
  const eve = await clientOf(stack.port, EVE);
  const script = `
    const [port, socketPath, email] = process.argv.slice(1);
    const answer = await fetch('http://127.0.0.1:' + port + '/api/v1/sessions', { headers: { 'X-Forwarded-Email': email } });
    console.log('http ' + answer.status + ' ' + (await answer.json()).error.code);
    const { connect } = await import('node:net');
    const frame = (head) => { const text = Buffer.from(JSON.stringify(head)); const size = Buffer.alloc(8);
      size.writeUInt32BE(4 + text.length, 0); size.writeUInt32BE(text.length, 4); return Buffer.concat([size, text]); };
    const ask = (name, ...frames) => new Promise((resolve) => { const socket = connect(socketPath); let got = '';
      socket.on('connect', () => frames.forEach((one) => socket.write(one)));
      socket.on('data', (chunk) => (got += chunk.subarray(8)));
      socket.on('error', () => undefined); socket.on('close', () => { console.log(name, got || 'nothing'); resolve(); }); });
    await ask('ping', frame({ t: 'ping', id: 1 }));
    await ask('wrong', frame({ t: 'hello', version: 1, key: 'a-guess' }), frame({ t: 'ping', id: 1 }));
    await ask('no-key', frame({ t: 'hello', version: 1 }));
    await ask('object-key', frame({ t: 'hello', version: 1, key: {} }));
    await ask('null-message', frame(null));
    await ask('garbage', Buffer.alloc(64, 255));`;
  for (const [i, shardId] of SHARDS.entries()) {
    const args = [
      String(stack.backendPorts[i]),
      join(stack.home, 'run', hostFileNames(shardId, HOST_PROTOCOL_VERSION).socket),
      BOB,
    ];
    const { text } = await run(eve, [process.execPath, '--input-type=module', '-e', script, ...args]);
    expect(text.split('\r\n').filter(Boolean)).toEqual([
      'http 401 AUTH_MISSING',
      'ping nothing',
      'wrong {"t":"refused","reason":"key"}',
      'no-key nothing',
      'object-key nothing',
      'null-message nothing',
      'garbage nothing',
    ]);
  }
});

test('a program in a terminal is given a fresh environment and only its own descriptors', async () => {
  const eve = await clientOf(stack.port, EVE);
  const { text } = await run(eve, ['/bin/sh', '-c', 'env; echo --; ls /proc/$$/fd']);
  const [environment, descriptors] = text.split('--\r\n') as [string, string];
  const names = environment
    .trim()
    .split('\r\n')
    .map((line) => line.split('=', 1)[0]!);
  const allowed =
    /^(PATH|LANG|LC_ALL|LC_CTYPE|TZ|NODE_EXTRA_CA_CERTS|SSL_CERT_FILE|HOME|USER|LOGNAME|SHELL|TERM|COLORTERM|TERM_PROGRAM|PWD|OLDPWD|SHLVL|_|HOLDFAST_PTY)$/;
  expect(names.filter((name) => !allowed.test(name))).toEqual([]);
  expect(descriptors.trim().split(/\s+/)).toEqual(['0', '1', '2']);
  expect(secretsIn(text)).toEqual([]);
});

test('no secret stands in the environment or the arguments of a running process', () => {
  const pids = [stack.launcher.pid!, ...SHARDS.map((id) => hostPid(stack, id))].flatMap((pid) => [
    pid,
    ...descendants(pid),
  ]);
  expect(pids).toEqual(expect.arrayContaining(['frontend', ...SHARDS].map((instance) => pidOf(stack, instance))));
  for (const pid of pids) {
    const facts = readFileSync(`/proc/${pid}/environ`, 'utf8') + readFileSync(`/proc/${pid}/cmdline`, 'utf8');
    const found = secretsIn(facts);
    // What the launcher was started with is its own; it passes on what it lists.
    expect([pid, found]).toEqual([pid, pid === stack.launcher.pid ? [LAUNCHER_SECRET] : []]);
  }
});

function secretsIn(text: string): string[] {
  return [...secretValues(stack), LAUNCHER_SECRET].filter((secret) => text.includes(secret));
}

test('logs carry no assertion, no secret, no typed text and no output, even at their most talkative', async () => {
  const eve = await clientOf(stack.port, EVE);
  const terminal = await Terminal.open(eve, ECHO_LINES);
  await terminal.waitFor('ready');
  await terminal.exchange('typed-by-a-person-canary');
  await asEve({ path: '/api/v1/sessions?token=query-secret-canary' });
  await asEve({
    method: 'POST',
    path: '/api/v1/projects',
    body: { name: 'keys', environment: { KEY: 'environment-secret-canary' } },
  });
  await asEve({
    method: 'POST',
    path: '/api/v1/projects',
    body: { name: 'keys', environment: { KEY: 'environment-secret-canary' } },
  });
  await asEve({
    path: '/api/v1/sessions',
    headers: { 'X-Forwarded-Access-Token': 'access-secret-canary', Cookie: 'holdfast=cookie-secret-canary' },
  });
  await eve.sessions.close(terminal.session.id);
  const logs = logsOf(stack);
  expect(logs).toContain('session opened');
  expect([...logs.matchAll(/.*(-canary|eyJ[\w-]{8}|got:|\bturn \d).*/g)].map(([line]) => line)).toEqual([]);
  expect(secretsIn(logs)).toEqual([]);
});
