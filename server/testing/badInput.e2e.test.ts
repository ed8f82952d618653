import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { mkdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest';
import type { Holdfast } from '../../client/index.ts';
import { MAX_SESSIONS_PER_PERSON } from '../../protocol/limits.ts';
import { createProject, deleteProject } from '../../protocol/projects.ts';
import type { Session } from '../../protocol/sessions.ts';
import type { Attached } from '../../protocol/terminal.ts';
import { failuresIn, residentBytes } from './instances.ts';
import { askUpgrade, refusalOf, send, sendText, type RawAnswer, type RawRequest } from './rawHttp.ts';
import { ask, attachRaw, nextRefusal, openSocket, sendMessage, settled, type RawSocket } from './rawSocket.ts';
import { pidOf, startStack, type Stack } from './stack.ts';
import { clientOf, ECHO_LINES, headersOf, run, Terminal } from './terminal.ts';
import { Witness } from './witness.ts';

const EVE = 'eve@example.com';
const NINE_MIB = 9 * 1024 * 1024;
let stack: Stack;
let witness: Witness;
let hf: Holdfast;

beforeAll(async () => {
  stack = await startStack();
  witness = await Witness.start(stack.port, 'bob@example.com', 'backend-1');
});
afterAll(async () => {
  witness?.stop();
  await stack?.remove();
});
let earlierFailures = 0;
beforeEach(async () => {
  earlierFailures = failuresIn(stack).length;
  hf = await clientOf(stack.port, EVE);
});
afterEach(async () => {
  await witness.moreLines();
  expect({ mistakes: witness.mistakes, failures: failuresIn(stack).slice(earlierFailures) }).toEqual({
    mistakes: [],
    failures: [],
  });
});

const asEve = (input: RawRequest): Promise<RawAnswer> =>
  send(stack.port, { ...input, headers: { ...headersOf(EVE), ...input.headers } });
const open = (body: object | string) => asEve({ method: 'POST', path: '/api/shards/backend-1/v1/sessions', body });
const project = (body: object | string) => asEve({ method: 'POST', path: '/api/v1/projects', body });
const size = { cols: 80, rows: 24 };

/** A session on the witness's shard, closed when the test ends. */
async function openHere(command: string[] = ECHO_LINES): Promise<Session> {
  const session = JSON.parse((await open({ ...size, command })).text) as Session;
  onTestFinished(() => hf.sessions.close(session.id).catch(() => undefined));
  return session;
}

async function workspaceRoot(): Promise<string> {
  const { id, cwd } = await openHere();
  await hf.sessions.close(id);
  return cwd;
}

async function expectRefusals(
  expected: string,
  answers: Record<string, Promise<RawAnswer> | (() => Promise<RawAnswer>)>,
): Promise<void> {
  for (const [what, answer] of Object.entries(answers)) {
    expect([what, refusalOf(await (typeof answer === 'function' ? answer() : answer))]).toEqual([what, expected]);
  }
  expect(await hf.sessions.list()).toEqual([]);
}

test('a body that is not what the endpoint takes is refused with a sentence', async () => {
  const json = { 'Content-Type': 'application/json' };
  const post = (body: string | Buffer, headers: Record<string, string>) =>
    asEve({ method: 'POST', path: '/api/v1/sessions', body, headers });
  await expectRefusals('400 input.invalid', {
    'half of JSON': post('{"cols":80,', json),
    'no JSON at all': post('cols=80', json),
    'an array': post('[{"cols":80,"rows":24}]', json),
    'a string': post('"cols"', json),
    null: post('null', json),
    nothing: post('', json),
    'another content type': post(JSON.stringify(size), { 'Content-Type': 'text/plain' }),
    'a form': post('cols=80&rows=24', { 'Content-Type': 'application/x-www-form-urlencoded' }),
    'no content type': post(JSON.stringify(size), {}),
    'an unknown charset': post(JSON.stringify(size), { 'Content-Type': 'application/json; charset=klingon' }),
    'an unknown encoding': post(JSON.stringify(size), { ...json, 'Content-Encoding': 'snappy' }),
    'what is not gzip': post(JSON.stringify(size), { ...json, 'Content-Encoding': 'gzip' }),
    'random bytes': post(randomBytes(1000), json),
    'JSON nested beyond all reason': post('{"a":'.repeat(50_000), json),
  });
});

test('a change that is sent in a form that nobody reads is refused, not ignored', async () => {
  const made = JSON.parse((await project({ name: 'unchanged' })).text) as { id: string };
  const change = { method: 'PATCH', path: `/api/v1/projects/${made.id}`, body: '{"name":"changed"}' };
  expect(refusalOf(await asEve({ ...change, headers: { 'Content-Type': 'text/plain' } }))).toBe('400 input.invalid');
});

test('sizes that no terminal has are refused, over HTTP and on the socket', async () => {
  const sizes = [
    [0, 0],
    [10_000, 10_000],
    [-1, 24],
    [80.5, 24],
    ['80', '24'],
    [null, 24],
    [1e309, 24],
  ];
  for (const [cols, rows] of sizes)
    expect([cols, rows, refusalOf(await open({ cols, rows }))]).toEqual([cols, rows, '400 input.invalid']);
  const session = await openHere();
  const socket = await openSocket(stack.port, { headers: headersOf(EVE) });
  await attachRaw(socket, session.id);
  for (const [cols, rows] of sizes) {
    expect(await ask(socket, 'resize', { handle: 1, cols, rows })).toMatchObject({ error: { code: 'input.invalid' } });
  }
  const terminal = await Terminal.attach(hf, session);
  for (const [cols, rows] of [
    [0, 0],
    [10_000, 10_000],
  ] as const) {
    await expect(terminal.attachment.resize(cols, rows)).rejects.toMatchObject({ code: 'input.invalid' });
  }
  await terminal.attachment.resize(100, 30);
  // Its row is written a moment later.
  await expect.poll(() => hf.sessions.get(session.id)).toMatchObject({ cols: 100, rows: 30, state: 'running' });
});

test('names with control characters, empty or too long, are refused', async () => {
  const names = [
    '',
    '   ',
    'x'.repeat(81),
    'bell\u0007',
    'line\nbreak',
    '\u001b[31mred',
    'nul\0',
    'c1\u009b',
    '\ud800',
    7,
    null,
    ['x'],
    {},
  ];
  for (const name of names) {
    const session = await openHere();
    const renamed = await asEve({ method: 'PATCH', path: `/api/v1/sessions/${session.id}`, body: { name } });
    const refusals = [refusalOf(renamed), refusalOf(await open({ ...size, name })), refusalOf(await project({ name }))];
    expect([name, ...refusals]).toEqual([name, ...Array<string>(3).fill('400 input.invalid')]);
    expect((await hf.sessions.get(session.id)).name).toBe('sh');
    await hf.sessions.close(session.id);
  }
});

test('text that the database cannot hold is refused before it gets there', async () => {
  const bad = ['a\0b', '\ud800'];
  for (const text of bad) {
    await expectRefusals('400 input.invalid', {
      command: open({ ...size, command: ['/bin/echo', text] }),
      program: open({ ...size, command: [text] }),
      cwd: open({ ...size, cwd: text }),
      environment: project({ name: 'environment', environment: { KEY: text } }),
      'a name in the environment': project({ name: 'environment', environment: { [text]: 'x' } }),
      'a command of a project': project({ name: 'command', preset: 'custom', command: [text] }),
      directory: project({ name: 'directory', directory: text }),
    });
  }
});

test('keys that reach for the prototype change nothing', async () => {
  const raw =
    '{"cols":80,"rows":24,"__proto__":{"command":["/bin/false"],"isAdmin":true},"constructor":{"prototype":{"polluted":1}}}';
  const answer = await asEve({
    method: 'POST',
    path: '/api/v1/sessions',
    body: raw,
    headers: { 'Content-Type': 'application/json' },
  });
  const session = JSON.parse(answer.text) as Session;
  expect(session.command).not.toEqual(['/bin/false']);
  await hf.sessions.close(session.id);
  const environment = '{"name":"proto","environment":{"__proto__":"x","constructor":"y"}}';
  const made = await asEve({
    method: 'POST',
    path: '/api/v1/projects',
    body: environment,
    headers: { 'Content-Type': 'application/json' },
  });
  expect([200, 400]).toContain(made.status);
  expect(Object.keys({}.constructor.prototype as object)).toEqual([]);
  for (const query of [
    '?archived[__proto__]=x',
    '?__proto__[archived]=true',
    '?archived=maybe',
    '?archived=true&archived=false',
  ]) {
    const listed = await asEve({ path: `/api/v1/projects${query}` });
    expect([query, listed.status === 200 ? '400 input.invalid' : refusalOf(listed)]).toEqual([
      query,
      '400 input.invalid',
    ]);
  }
});

test('directories that are missing, outside, files or links to the outside are refused', async () => {
  const root = await workspaceRoot();
  mkdirSync(join(root, 'inside'), { recursive: true });
  writeFileSync(join(root, 'a-file'), 'x');
  symlinkSync('/etc', join(root, 'link-out'));
  symlinkSync('nowhere', join(root, 'link-to-nothing'));
  const inDirectory = (cwd: string) => open({ ...size, cwd });
  await expectRefusals('400 session.directory_missing', {
    missing: inDirectory('no-such-directory'),
    'a file': inDirectory('a-file'),
    'below a file': inDirectory('a-file/x'),
    'a dangling link': inDirectory('link-to-nothing'),
    'a name too long for the disk': inDirectory('d'.repeat(300)),
  });
  await expectRefusals('400 session.directory_outside', {
    absolute: inDirectory('/etc'),
    upwards: inDirectory('../..'),
    'up and down': inDirectory('inside/../../../../etc'),
    home: inDirectory('~'),
    'a link to the outside': inDirectory('link-out'),
    'below a link to the outside': inDirectory('link-out/ssl'),
    'a neighbour whose name begins alike': inDirectory(`${root}-other`),
  });
  await expectRefusals('400 project.directory_outside', {
    absolute: project({ name: 'p1', directory: '/etc' }),
    upwards: project({ name: 'p2', directory: '../other' }),
    home: project({ name: 'p3', directory: '~/x' }),
    'through a link': project({ name: 'p4', directory: 'link-out/holdfast' }),
  });
  await expectRefusals('400 project.directory_missing', {
    'a file': project({ name: 'p5', directory: 'a-file' }),
    'below a file': project({ name: 'p6', directory: 'a-file/x' }),
    'a name too long for the disk': project({ name: 'p7', directory: 'd'.repeat(300) }),
  });
  // A project whose directory becomes a link to the outside afterwards does not lead there either.
  const made = JSON.parse((await project({ name: 'swapped', directory: 'swap/inner' })).text) as { id: string };
  renameSync(join(root, 'swap/inner'), join(root, 'swap/old'));
  symlinkSync('/etc', join(root, 'swap/inner'));
  expect(refusalOf(await open({ ...size, projectId: made.id }))).toBe('400 project.directory_outside');
});

test('a command that cannot be started is refused, and one that ends at once is told with its code', async () => {
  const root = await workspaceRoot();
  writeFileSync(join(root, 'not-executable'), '#!/bin/sh\n', { mode: 0o644 });
  writeFileSync(join(root, 'garbage'), randomBytes(64), { mode: 0o755 });
  const command = (...command: string[]) => open({ ...size, command });
  await expectRefusals('400 session.command_not_found', {
    'unknown name': command('no-such-program'),
    'unknown path': command('/no/such/program'),
    'not executable': command('./not-executable'),
    'a directory': command('/etc'),
  });
  await expectRefusals('400 input.invalid', {
    'no command': open({ ...size, command: [] }),
    'an empty name': command(''),
  });
  expect((await run(hf, ['/bin/sh', '-c', 'exit 7'])).exit).toEqual({ code: 7, signal: null });
  expect((await run(hf, ['/bin/true'])).exit).toEqual({ code: 0, signal: null });
  expect((await run(hf, ['/bin/sh', '-c', 'kill -9 $$'])).exit).toEqual({ code: null, signal: 9 });
  expect((await run(hf, [join(root, 'garbage')])).exit.code).not.toBe(0);
});

test('unknown ids, endpoints and methods are told apart from broken ones', async () => {
  await expectRefusals('404 route.not_found', {
    endpoint: asEve({ path: '/api/v1/nothing' }),
    'below an endpoint': asEve({ path: `/api/v1/sessions/${randomUUID()}/nothing` }),
    'outside the version': asEve({ path: '/api/v2/sessions' }),
    method: asEve({ method: 'PUT', path: '/api/v1/sessions', body: size }),
    'a websocket at the API': askUpgrade(stack.port, '/api/v1/sessions', headersOf(EVE)),
    'a websocket at a page': askUpgrade(stack.port, '/', headersOf(EVE)),
    'a websocket at the API of a shard': askUpgrade(stack.port, '/api/shards/backend-1/v1/sessions', headersOf(EVE)),
    'a websocket beside the endpoint': askUpgrade(
      stack.port,
      '/api/shards/backend-1/socket.iox/?EIO=4',
      headersOf(EVE),
    ),
    'a websocket at no path': askUpgrade(stack.port, '//', headersOf(EVE)),
  });
  await expectRefusals('404 session.not_found', { session: asEve({ path: `/api/v1/sessions/${randomUUID()}` }) });
  await expectRefusals('404 project.not_found', { project: open({ ...size, projectId: randomUUID() }) });
  await expectRefusals('404 shard.not_found', {
    shard: asEve({ path: '/api/shards/backend-9/v1/sessions' }),
    'a websocket to it': askUpgrade(
      stack.port,
      '/api/shards/backend-9/socket.io/?EIO=4&transport=websocket',
      headersOf(EVE),
    ),
  });
  await expectRefusals('400 input.invalid', {
    'an id that is none': asEve({ path: '/api/v1/sessions/1' }),
    'a project id that is none': open({ ...size, projectId: '1; drop table projects' }),
  });
});

test('a body of 9 MiB is refused by its size, through the gateway and straight, and the connection serves on', async () => {
  const body = JSON.stringify({ ...size, name: 'x'.repeat(NINE_MIB) });
  const headers = { 'Content-Type': 'application/json' };
  const request = { method: 'POST', path: '/api/v1/sessions', body, headers };
  const answers = Array.from({ length: 10 }, (_, i) => [`try ${i}`, () => asEve(request)] as const);
  const chunked = () => asEve({ ...request, headers: { ...headers, 'Transfer-Encoding': 'chunked' } });
  await expectRefusals('413 input.too_large', { ...Object.fromEntries(answers), chunked });
});

test('messages that are no frames and no packets are refused, and the connection goes on', async () => {
  const session = await openHere();
  const socket = await openSocket(stack.port, { headers: headersOf(EVE) });
  await attachRaw(socket, session.id);
  const frame = (kind: number, length: number) => Buffer.concat([Buffer.from([kind]), Buffer.alloc(length - 1)]);
  const packet = (value: unknown) => JSON.stringify(value);
  const messages: [string, string | Uint8Array][] = [
    ['an empty frame', new Uint8Array(0)],
    ['an unknown kind', frame(0, 20)],
    ['another unknown kind', frame(255, 200)],
    ['a truncated output frame', frame(1, 12)],
    ['a truncated snapshot frame', frame(2, 20)],
    ['a truncated input frame', frame(3, 8)],
    ['an input frame with its kind only', frame(3, 1)],
    ['an input frame numbered 0', frame(3, 12)],
    ['no JSON', 'hello'],
    ['half of JSON', '{"type":2,'],
    ['a number', '7'],
    ['null', 'null'],
    ['an array', '[]'],
    ['an unknown type', packet({ type: 9, nsp: '/' })],
    ['a type that is no number', packet({ type: '2', nsp: '/', data: ['probe'] })],
    ['no namespace', packet({ type: 2, data: ['probe'] })],
    ['an event without a name', packet({ type: 2, nsp: '/', data: [] })],
    ['an event with a number for a name', packet({ type: 2, nsp: '/', data: [1] })],
    ['an event that is no list', packet({ type: 2, nsp: '/', data: { 0: 'probe' } })],
    ['an id that is no number', packet({ type: 2, nsp: '/', data: ['probe'], id: 'x' })],
    ['an answer without an id', packet({ type: 3, nsp: '/', data: [] })],
    ...['connect', 'connect_error', 'disconnect', 'disconnecting', 'newListener', 'removeListener'].map(
      (name) => [`the reserved event ${name}`, packet({ type: 2, nsp: '/', data: [name, {}] })] as [string, string],
    ),
    ...[-1, null, 1.5, '7', {}, 2 ** 60].map(
      (offset) =>
        [
          `an acknowledgement of ${packet(offset)}`,
          packet({ type: 2, nsp: '/', data: ['ack', { handle: 1, offset }] }),
        ] as [string, string],
    ),
    ['an acknowledgement of nothing', packet({ type: 2, nsp: '/', data: ['ack'] })],
    ['a detach of nothing', packet({ type: 2, nsp: '/', data: ['detach', 'x'] })],
    ['input as JSON', packet({ type: 2, nsp: '/', data: ['input', 1, 1, 'typed'] })],
    ['an attach without an answer', packet({ type: 2, nsp: '/', data: ['attach', { sessionId: 1 }] })],
  ];
  for (const [what, message] of messages) {
    const refusal = nextRefusal(socket).catch(String);
    sendMessage(socket, message);
    expect([what, await refusal]).toEqual([
      what,
      expect.objectContaining({ code: 'input.invalid', message: expect.stringMatching(/\w+ \w+/) as string }),
    ]);
  }
  await typesOn(socket, session);
});

// Known to fail: decodeMessage throws on a message without data, and passes on other namespaces; both cost the connection.
test.each(['', '{"type":2,"nsp":"/other","data":["probe"]}', '{"type":0,"nsp":"/"}'])(
  'the message %j does not cost the connection',
  async (message) => {
    const socket = await openSocket(stack.port, { headers: headersOf(EVE) });
    const refusal = nextRefusal(socket);
    sendMessage(socket, message);
    expect(await refusal).toMatchObject({ code: 'input.invalid' });
  },
);

test('random messages disturb nothing', async () => {
  const session = await openHere();
  const socket = await openSocket(stack.port, { headers: headersOf(EVE) });
  await attachRaw(socket, session.id);
  for (let i = 0; i < 500; i++) {
    const bytes = randomBytes(1 + (i % 300));
    if (bytes[0] === 3 && bytes.length >= 9) bytes.writeUInt32BE(0xffffff, 1); // not by chance what we attached
    sendMessage(socket, bytes);
    sendMessage(socket, bytes.toString('latin1'));
  }
  await typesOn(socket, session);
});

/** The connection is whole: input still arrives, and only that. */
async function typesOn(socket: RawSocket, session: Session): Promise<void> {
  await settled(socket);
  const terminal = await Terminal.attach(hf, session);
  socket.emit('input', 1, 1, Buffer.from('still here\n'));
  expect(await terminal.waitFor('got:still here\r\n')).toBe('ready\r\ngot:still here\r\n');
}

test('unknown handles and attachments are answered, and huge ones are taken for what they are', async () => {
  const session = await openHere();
  const socket = await openSocket(stack.port, { headers: headersOf(EVE) });
  const attach = (change: object) =>
    ask<Attached>(socket, 'attach', {
      sessionId: session.id,
      attachmentId: 'an-attachment',
      handle: 1,
      from: 0,
      ...change,
    });
  const bad = [
    { handle: 0 },
    { handle: -1 },
    { handle: 2 ** 32 },
    { handle: 1.5 },
    { handle: 'x' },
    { handle: null },
    { from: -1 },
    { from: 0.5 },
    { from: 2 ** 60 },
    { from: 'start' },
    { attachmentId: 'screen' },
    { attachmentId: 'x'.repeat(65) },
    { attachmentId: '../../etc/passwd' },
    { attachmentId: 7 },
    { sessionId: 'x' },
    { sessionId: null },
    { incarnation: 0 },
    { incarnation: -1 },
  ];
  for (const change of bad)
    expect([change, await attach(change)]).toEqual([
      change,
      { error: expect.objectContaining({ code: 'input.invalid' }) as unknown },
    ]);
  expect(await attach({ sessionId: randomUUID() })).toMatchObject({ error: { code: 'session.not_found' } });
  expect(await attach({ handle: 0xffffffff, from: Number.MAX_SAFE_INTEGER })).toMatchObject({
    ok: { mode: 'snapshot' },
  });
  const refusal = nextRefusal(socket);
  socket.emit('input', 0xfffffffe, 1, Buffer.from('lost\n'));
  expect(await refusal).toMatchObject({ handle: 0xfffffffe, code: 'attachment.not_found' });
  expect(await ask(socket, 'resize', { handle: 2, cols: 80, rows: 24 })).toMatchObject({
    error: { code: 'attachment.not_found' },
  });
  socket.emit('ack', { handle: 77, offset: 1 });
  socket.emit('detach', { handle: 77 });
  await settled(socket);
});

test('a message of 9 MiB is refused by its size, and one beyond the transport ends only its own connection', async () => {
  const session = await openHere();
  const socket = await openSocket(stack.port, { headers: headersOf(EVE) });
  await attachRaw(socket, session.id);
  for (const message of [Buffer.alloc(NINE_MIB, 3), 'x'.repeat(NINE_MIB)]) {
    const refusal = nextRefusal(socket);
    sendMessage(socket, message);
    expect(await refusal).toMatchObject({ code: 'input.too_large' });
  }
  const refusal = nextRefusal(socket);
  socket.emit('input', 1, 1, Buffer.alloc(17 * 1024));
  expect(await refusal).toMatchObject({ handle: 1, code: 'input.too_large' });
  await typesOn(socket, session);
  const ended = new Promise((resolve) => socket.once('disconnect', resolve));
  sendMessage(socket, Buffer.alloc(17 * 1024 * 1024, 3));
  await ended;
  await expect.poll(() => hf.sessions.get(session.id)).toMatchObject({ state: 'running' });
});

test('9 MiB written at once arrive whole and once', async () => {
  const data = randomBytes(NINE_MIB);
  const terminal = await Terminal.open(hf, [
    '/bin/sh',
    '-c',
    `stty raw -echo; echo ready; head -c ${NINE_MIB} | sha256sum; head -c 4`,
  ]);
  await terminal.waitFor('ready');
  terminal.attachment.write(data);
  await terminal.waitFor(createHash('sha256').update(data).digest('hex'));
  terminal.write('over');
  expect(await terminal.exit).toEqual({ code: 0, signal: null });
  expect(terminal.text).toContain('over');
  await hf.sessions.close(terminal.session.id);
});

async function closeAll(): Promise<void> {
  const sessions = await hf.sessions.list();
  const paths = sessions.map(({ id, shardId }) => `/api/shards/${shardId}/v1/sessions/${id}`);
  await Promise.all(paths.map((path) => asEve({ method: 'DELETE', path })));
}

const ASLEEP = { ...size, command: ['/bin/sleep', '1000'] };
const AS_THE_LIMIT_SAYS = { opened: MAX_SESSIONS_PER_PERSON, refusals: ['429 session.too_many'] };

function tally(answers: RawAnswer[]) {
  const opened = answers.filter(({ status }) => status === 200);
  const refusals = new Set(answers.filter(({ status }) => status !== 200).map(refusalOf));
  return { opened: opened.length, refusals: [...refusals] };
}

test('of 200 sessions one person is given as many as the limit says, and a sentence for each of the others', async () => {
  onTestFinished(closeAll);
  const answers: RawAnswer[] = [];
  for (let i = 0; i < 200; i++) answers.push(await open(ASLEEP));
  expect(tally(answers)).toEqual(AS_THE_LIMIT_SAYS);
});

// Known to fail: SessionService.open counts and inserts in two steps.
test('the limit of sessions holds when many are asked for at once', async () => {
  onTestFinished(closeAll);
  for (let i = 1; i < MAX_SESSIONS_PER_PERSON; i++) await open(ASLEEP);
  const answers = await Promise.all(Array.from({ length: 20 }, () => open(ASLEEP)));
  expect(tally(answers)).toEqual({ ...AS_THE_LIMIT_SAYS, opened: 1 });
});

test('a project keeps its name for itself, and stays while one of its sessions lives', async () => {
  const made = await hf.call(createProject, { name: 'one of a kind' });
  await expect(hf.call(createProject, { name: 'one of a kind' })).rejects.toMatchObject({ code: 'project.name_taken' });
  const other = await hf.call(createProject, { name: 'another' });
  const renamed = await asEve({
    method: 'PATCH',
    path: `/api/v1/projects/${other.id}`,
    body: { name: 'one of a kind' },
  });
  expect(refusalOf(renamed)).toBe('409 project.name_taken');
  const session = JSON.parse((await open({ ...size, projectId: made.id, command: ECHO_LINES })).text) as Session;
  const terminal = await Terminal.attach(hf, session);
  await expect(hf.call(deleteProject, { projectId: made.id })).rejects.toMatchObject({ code: 'project.has_sessions' });
  await terminal.waitFor('ready');
  await terminal.exchange('alive');
  await hf.sessions.close(session.id);
  await hf.call(deleteProject, { projectId: made.id });
});

test('requests that never end and bytes that are no request hold up nobody', async () => {
  const halves = [
    'GET /api/v1/sess',
    `GET /api/v1/sessions HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-Email: ${EVE}\r\n`,
    `POST /api/v1/sessions HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-Email: ${EVE}\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"cols":`,
    `GET /api/shards/backend-1/socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n`,
  ];
  for (const text of halves) {
    for (let i = 0; i < 50; i++) {
      const socket = connect(stack.port, '127.0.0.1', () => socket.write(text));
      socket.on('error', () => undefined);
      onTestFinished(() => void socket.destroy());
    }
  }
  for (const text of [
    '\x16\x03\x01\x02\x00',
    'SSH-2.0-x\r\n\r\n',
    'GET / HTTP/9.9\r\n\r\n',
    `GET /${'x'.repeat(100_000)} HTTP/1.1\r\n\r\n`,
  ]) {
    expect(await sendText(stack.port, text)).toMatch(/^(HTTP\/1\.1 (400|431|505) |$)/);
  }
  expect((await asEve({ path: '/api/v1/sessions' })).status).toBe(200);
  expect((await run(hf, ['/bin/true'])).exit.code).toBe(0);
});

test('connections that break off in the middle of an upgrade leave no trace', async () => {
  const path = '/api/shards/backend-1/socket.io/?EIO=4&transport=websocket';
  const text = `GET ${path} HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-Email: ${EVE}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${Buffer.alloc(16).toString('base64')}\r\n\r\n`;
  const direct = text.replace('/api/shards/backend-1/', '/api/');
  for (let i = 0; i < 40; i++) {
    await new Promise<void>((resolve) => {
      const socket = connect(i % 2 ? stack.port : stack.backendPorts[0]!, '127.0.0.1', () => {
        socket.write(i % 2 ? text : direct, () => socket.resetAndDestroy());
      });
      socket.on('error', () => undefined);
      socket.on('close', () => resolve());
    });
  }
  expect((await asEve({ path: '/api/v1/sessions' })).status).toBe(200);
});

const MIB = 1024 * 1024;

test('a client that reads nothing and acknowledges nothing costs the backend a bounded amount of memory', async () => {
  const pid = pidOf(stack, 'backend-1');
  const session = await openHere(['/bin/sh', '-c', 'yes "$(head -c 4000 /dev/zero | tr "\\0" y)"']);
  const before = residentBytes(pid);
  const socket = await openSocket(stack.port, { headers: headersOf(EVE) });
  let received = 0;
  socket.on('output', (_handle: number, _offset: number, bytes: Uint8Array) => (received += bytes.length));
  await attachRaw(socket, session.id);
  await witness.moreLines(5_000);
  // Credit for 128 KiB, and at most one frame above it.
  expect(received).toBeLessThanOrEqual(160 * 1024);
  expect(residentBytes(pid) - before).toBeLessThan(100 * MIB);
});
