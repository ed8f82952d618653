import { spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { AppError } from '../../protocol/errors.ts';
import { systemClock } from '../base/clock.ts';
import { hostFileNames, readHostFile } from '../base/hostFile.ts';
import { silentLog } from '../base/log.ts';
import { encodeFrame, FrameReader } from '../base/frames.ts';
import { factsOf } from '../base/processTable.ts';
import { HOST_PROTOCOL_VERSION } from '../ptyhost/hostProtocol.ts';
import { HOST_COMMAND, shellSpec, TEST_ENVIRONMENT } from '../testing/realHost.ts';
import { until } from '../testing/until.ts';
import { HostClient } from './hostClient.ts';
import { hostAccess, type HostPlan } from './hostLauncher.ts';
import type { HostState } from './hostPulse.ts';
import type { LiveSession } from './liveSession.ts';
import { SessionRegistry } from './sessionRegistry.ts';

// Registries as two backends would have them, with real pty hosts, started from the sources; screens that draw nothing.
const TIMEOUT_MS = 120_000;
const SCREENS = ['/bin/sh', '-c', 'exec cat > /dev/null'];
const KEY = randomUUID();
let home: string;
let backends: Backend[];
let others: ChildProcess[];

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'hf-hosts-'));
  mkdirSync(join(home, 'run'));
  backends = [];
  others = [];
});
afterEach(async () => {
  for (const { registry } of backends) registry.close();
  const pid = hostFile()?.pid;
  if (pid && factsOf(pid)) {
    for (const signal of ['SIGCONT', 'SIGTERM'] as const) process.kill(pid, signal);
    await until(() => factsOf(pid) === undefined);
  }
  for (const child of others) child.kill('SIGKILL');
  rmSync(home, { recursive: true, force: true });
});

const names = hostFileNames('backend-1', HOST_PROTOCOL_VERSION);
const hostFile = () => readHostFile(join(home, 'run', names.file));

class Backend {
  told: string[] = [];
  registry: SessionRegistry;

  constructor(plan: Partial<HostPlan> = {}, key = KEY) {
    const settings = {
      shardId: 'backend-1',
      key,
      directory: join(home, 'sessions'),
      logFile: join(home, 'host.log'),
      logLevel: 'info',
      endGraceMs: 200,
    };
    const since = backends.length; // each is younger than those before it
    const whole = {
      runDirectory: join(home, 'run'),
      since,
      settings,
      command: HOST_COMMAND,
      env: TEST_ENVIRONMENT,
      ...plan,
    };
    this.registry = new SessionRegistry(hostAccess(whole, silentLog), SCREENS, systemClock, silentLog);
    const note = (what: string) => this.told.push(what);
    this.registry.events = {
      onChanged: (session) => note(`changed ${session.state}`),
      onRemoved: () => note('removed'),
      onLost: (session) => Promise.resolve(void note(`lost ${session.state}`)),
      onSurrendered: () => note('surrendered'),
      onInterrupted: () => note('interrupted'),
      onHost: () => note('host'),
      onHostState: (state: HostState) => note(state),
      onWritten: (_session, _attachment, seq) => note(`written ${seq}`),
      onInputRefused: () => note('refused'),
      onResized: () => note('resized'),
      onFenced: () => note('fenced'),
    };
    backends.push(this);
  }

  async open(): Promise<this> {
    await this.registry.open();
    return this;
  }

  spawn(script: string): Promise<LiveSession> {
    const { sessionId, file, args, env, cols, rows } = shellSpec(script);
    const label = { ownerEmail: 'ada@example.com', projectId: null, name: 'sh', command: [file], cwd: '/' };
    const launch = { ...label, sessionId, file, args, env, cols, rows, createdAt: new Date().toISOString() };
    return this.registry.spawn({ incarnation: 1, ...launch });
  }

  async textOf({ id: sessionId }: Pick<LiveSession, 'id'>): Promise<string> {
    return (await this.registry.host.requestBytes({ t: 'read', sessionId, from: 0 })).toString();
  }

  input({ id: sessionId }: Pick<LiveSession, 'id'>, text: string, seq: number): void {
    this.registry.host.tell({ t: 'input', sessionId, attachmentId: 'attachment', seq }, Buffer.from(text));
  }

  heard(what: string): Promise<void> {
    return until(() => this.told.includes(what));
  }
}

const ECHO = 'stty -echo; echo ready; while read -r line; do echo "got:$line"; done';

test(
  'two backends that start together share one host, and the older one is fenced',
  { timeout: TIMEOUT_MS },
  async () => {
    const older = new Backend();
    const younger = new Backend();
    await Promise.allSettled([older.open(), younger.open()]);
    await older.heard('fenced');
    const session = await younger.spawn(ECHO);
    await until(async () => (await younger.textOf(session)).includes('ready'));
    older.input(session, 'late\n', 1);
    await expect(older.registry.host.confirm()).rejects.toMatchObject({ code: 'ptyhost.unavailable' });
    await expect(older.registry.resize(session, 90, 30)).rejects.toMatchObject({ code: 'ptyhost.unavailable' });
    await younger.registry.host.confirm();
    expect([younger.told.includes('fenced'), await younger.textOf(session)]).toEqual([false, 'ready\r\n']);
  },
);

test('the next backend adopts: the same program, at the byte where it was', { timeout: TIMEOUT_MS }, async () => {
  const first = await new Backend().open();
  const session = await first.spawn(ECHO);
  const ended = await first.spawn('exit 4');
  await first.heard('changed exited');
  const second = await new Backend().open();
  await first.heard('fenced');
  const adopted = second.registry.get(session.id)!;
  second.input(session, 'again\n', 1);
  await until(async () => (await second.textOf(session)).includes('got:again'));
  expect(second.registry.get(ended.id)).toMatchObject({ state: 'exited', exit: { code: 4 } });
  expect(second.registry.get(ended.id)!.endedAt).toBe(new Date(second.registry.get(ended.id)!.endedAt!).toISOString());
  expect([adopted.state, second.registry.ids.length, second.told]).toEqual([
    'running',
    2,
    expect.arrayContaining(['changed running', 'changed exited', 'host', 'ok']),
  ]);
});

test('the end of a session that is being put away is no news, unless it stays', { timeout: TIMEOUT_MS }, async () => {
  const backend = await new Backend().open();
  const { registry, told } = backend;
  const [gone, stays] = [await backend.spawn('read -r line; exit 3'), await backend.spawn('read -r line; exit 4')];
  for (const session of [gone, stays]) {
    session.state = 'hibernated';
    backend.input(session, '\n', 1);
    await until(() => session.exit !== null);
  }
  expect([gone.state, told.includes('changed exited')]).toEqual(['hibernated', false]);
  registry.stays(stays);
  expect([stays.state, stays.exit, told.at(-1)]).toEqual(['exited', { code: 4, signal: null }, 'changed exited']);
  await registry.surrender(gone, new AppError('session.hibernated', 'put away'));
  expect([gone.state, registry.get(gone.id), registry.isEnding(gone.id), registry.heldIds]).toEqual([
    'hibernated',
    undefined,
    false,
    [stays.id],
  ]);
});

test(
  'a frozen host is called blocked, requests are refused, and everything goes on when it does',
  { timeout: TIMEOUT_MS },
  async () => {
    const backend = await new Backend().open();
    const session = await backend.spawn(ECHO);
    await until(async () => (await backend.textOf(session)).includes('ready'));
    const { pid } = hostFile()!;
    process.kill(pid, 'SIGSTOP');
    const unanswered = backend.spawn('exec sleep 1000').catch((error: { code: string }) => error.code);
    backend.input(session, 'typed meanwhile\n', 1);
    await backend.heard('blocked');
    const refused = await backend.textOf(session).catch((error: { code: string }) => error.code);
    process.kill(pid, 'SIGCONT');
    await until(() => backend.registry.hostState === 'ok');
    await until(async () => (await backend.textOf(session)).includes('got:typed meanwhile'));
    expect([await unanswered, refused, await backend.textOf(session)]).toEqual([
      'ptyhost.unavailable',
      'ptyhost.unavailable',
      'ready\r\ngot:typed meanwhile\r\n',
    ]);
    // The one that nobody was told of was made all the same, and ended.
    await until(() => hostFile()?.sessions === 1);
    expect(backend.registry.ids).toEqual([session.id]);
  },
);

test(
  'a backend that finds a frozen host starts no second one, says so, and adopts when it goes on',
  { timeout: TIMEOUT_MS },
  async () => {
    const first = await new Backend().open();
    const session = await first.spawn(ECHO);
    first.registry.close();
    const { pid } = hostFile()!;
    process.kill(pid, 'SIGSTOP');
    const second = await new Backend().open();
    expect([second.registry.hostState, second.registry.ids]).toEqual(['blocked', []]);
    await expect(second.spawn('exit')).rejects.toMatchObject({ code: 'ptyhost.unavailable' });
    await expect(second.registry.host.confirm()).rejects.toMatchObject({ code: 'ptyhost.unavailable' });
    process.kill(pid, 'SIGCONT');
    await second.heard('host');
    expect([second.registry.hostState, second.registry.ids, hostFile()?.pid]).toEqual(['ok', [session.id], pid]);
  },
);

test(
  'the death of a host is told before another one is there, and no session becomes a new one',
  { timeout: TIMEOUT_MS },
  async () => {
    const backend = await new Backend().open();
    const session = await backend.spawn(ECHO);
    const { pid } = hostFile()!;
    process.kill(pid, 'SIGKILL');
    await until(() => backend.told.lastIndexOf('ok') > backend.told.indexOf('gone') && backend.told.includes('gone'));
    const story = backend.told.filter((what) => /^(gone|ok|lost running|lost lost|host)$/.test(what));
    expect([story, backend.registry.ids, session.state]).toEqual([
      ['ok', 'host', 'gone', 'lost lost', 'ok', 'host'],
      [],
      'lost',
    ]);
    const next = await backend.spawn(ECHO);
    await until(async () => (await backend.textOf(next)).includes('ready'));
    expect(hostFile()!.pid).not.toBe(pid);
  },
);

test('with another key the sentence says what to do', { timeout: TIMEOUT_MS }, async () => {
  await new Backend().open();
  const { pid } = hostFile()!;
  await expect(new Backend({}, randomUUID()).open()).rejects.toMatchObject({
    code: 'config.invalid',
    message: `The running pty host of backend-1 (process ${pid}) was started with another key than secrets.json has now. Put the old secrets.json back, or end it and its sessions with "npm run stop".`,
  });
});

test('a host that cannot be started is told at once', { timeout: TIMEOUT_MS }, async () => {
  const backend = new Backend({ command: ['/bin/false'] });
  await expect(backend.open()).rejects.toMatchObject({ code: 'ptyhost.unavailable' });
});

test(
  'a host of the previous version keeps its sessions and gets no new ones; with the last one it ends',
  { timeout: TIMEOUT_MS },
  async () => {
    const old = spawn(
      process.execPath,
      [...HOST_COMMAND.slice(1, -1), resolve(import.meta.dirname, '../testing/hostV1.ts')],
      {
        stdio: ['pipe', 'inherit', 'inherit'],
        env: TEST_ENVIRONMENT,
        cwd: '/',
      },
    );
    others.push(old);
    const socketPath = join(home, 'run', hostFileNames('backend-1', 1).socket);
    old.stdin.end(JSON.stringify({ socketPath, key: KEY }));
    // What an earlier release's backend left in it.
    let before: HostClient | undefined;
    await until(async () => {
      before = await HostClient.connect(socketPath, { version: 1, key: KEY }, () => undefined).catch(() => undefined);
      return before !== undefined;
    });
    const label = JSON.stringify({
      ownerEmail: 'ada@example.com',
      projectId: null,
      name: 'old',
      command: [],
      cwd: '/',
    });
    const spec = { ...shellSpec(ECHO), label };
    const { pid } = await before!.request<{ pid: number }>({ t: 'spawn', spec });
    before!.close();

    const backend = await new Backend().open();
    await until(() => backend.registry.get(spec.sessionId) !== undefined);
    const { sessionId: id } = spec;
    const fresh = await backend.spawn(ECHO);
    expect(hostFile()!.pid).not.toBe(old.pid);
    backend.input({ id }, 'to the old one\n', 1);
    backend.input(fresh, 'to the new one\n', 1);
    await until(async () => (await backend.textOf({ id })).includes('got:to the old one'));
    await until(async () => (await backend.textOf(fresh)).includes('got:to the new one'));
    expect(factsOf(pid) !== undefined).toBe(true);

    const exited = once(old, 'exit');
    await backend.registry.remove(backend.registry.get(id)!);
    expect([await exited, factsOf(pid)]).toEqual([[0, null], undefined]);
    await until(async () => (await backend.textOf(fresh)).includes('got:to the new one'));
    expect([backend.registry.hostState, backend.registry.ids]).toEqual(['ok', [fresh.id]]);
  },
);

test('a lost host of the previous version loses its own sessions only', { timeout: TIMEOUT_MS }, async () => {
  const { createServer } = await import('node:net');
  const hosted = { sessionId: randomUUID(), incarnation: 1, pid: 1, cols: 80, rows: 24, start: 0, end: 0, exit: null };
  const label = JSON.stringify({ ownerEmail: 'ada@example.com', projectId: null, name: 'old', command: [], cwd: '/' });
  const server = createServer((socket) => {
    const reader = new FrameReader<{ t: string; version: number; since?: number }>();
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      for (const { head } of reader.push(chunk)) {
        if (head.t !== 'hello') continue;
        expect([head.version, head.since]).toEqual([1, undefined]);
        const welcome = { t: 'welcome', version: 1, hostGeneration: 'old', pid: 1, sessions: [{ ...hosted, label }] };
        socket.write(encodeFrame(welcome));
        server.once('cut', () => socket.destroy());
      }
    });
  });
  const socketPath = join(home, 'run', hostFileNames('backend-1', 1).socket);
  await new Promise<void>((done) => server.listen(socketPath, done));
  const backend = await new Backend().open();
  const fresh = await backend.spawn(ECHO);
  await until(() => backend.registry.get(hosted.sessionId) !== undefined);
  server.close();
  server.emit('cut');
  await backend.heard('lost lost');
  expect([backend.registry.ids, backend.registry.hostState]).toEqual([[fresh.id], 'ok']);
});
