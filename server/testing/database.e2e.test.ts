import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, onTestFinished, test } from 'vitest';
import { processFacts } from '../../db/embedded/processes.ts';
import type { Health } from '../../protocol/health.ts';
import { getAssignment, getConfig, getMe } from '../../protocol/identity.ts';
import { createProject, deleteProject, listProjects, type Project } from '../../protocol/projects.ts';
import { defaultShardIndex } from '../../protocol/routing.ts';
import type { Session } from '../../protocol/sessions.ts';
import { FaultProxy } from './faultProxy.ts';
import { descendants, failuresIn, hostPid, postmasterPid, processesOf, until } from './instances.ts';
import { refusalOf, send, type RawRequest } from './rawHttp.ts';
import { startStack, type Stack } from './stack.ts';
import { clientOf, ECHO_LINES, headersOf, Terminal } from './terminal.ts';
import { Witness } from './witness.ts';

const ADA = 'ada@example.com';
const SIZE = { cols: 80, rows: 24 };
let stack: Stack;
let witness: Witness;

beforeAll(async () => {
  stack = await startStack();
  witness = await Witness.start(stack.port, ADA, 'backend-1');
});
afterAll(async () => {
  witness?.stop();
  await stack?.remove();
});
afterEach(async () => {
  await witness.moreLines();
  expect({ mistakes: witness.mistakes, failures: failuresIn(stack) }).toEqual({ mistakes: [], failures: [] });
});

async function healthOf(port: number): Promise<Health> {
  return JSON.parse((await send(port, { path: '/api/health' })).text) as Health;
}

/** Resolves when the frontend and every backend say the same of themselves. */
async function everyoneSays(
  expected: Pick<Health, 'status' | 'database'>,
  { port, backendPorts }: Stack = stack,
): Promise<void> {
  for (const one of [port, ...backendPorts]) {
    await until(async () => {
      const { status, database } = await healthOf(one);
      return status === expected.status && database === expected.database;
    });
  }
}
const OK = { status: 'ok', database: 'ok' } as const;
const AWAY = { status: 'degraded', database: 'unavailable' } as const;

/** The launcher brings its database back at once; while it is stopped itself it cannot. */
async function takeDatabaseAway(): Promise<() => Promise<void>> {
  const pid = postmasterPid(stack);
  const { launcher } = stack;
  launcher.kill('SIGSTOP');
  onTestFinished(() => void launcher.kill('SIGCONT'));
  process.kill(pid, 'SIGINT');
  await until(() => processFacts(pid) === null);
  await everyoneSays(AWAY);
  return async () => {
    launcher.kill('SIGCONT');
    await everyoneSays(OK);
  };
}

const asAda = (input: RawRequest) => send(stack.port, { ...input, headers: headersOf(ADA) });

async function openOn(shardId: string, command = ECHO_LINES, onStack = stack): Promise<Session> {
  const request = {
    method: 'POST',
    path: `/api/shards/${shardId}/v1/sessions`,
    headers: headersOf(ADA),
    body: { ...SIZE, command },
  };
  return JSON.parse((await send(onStack.port, request)).text) as Session;
}

const countOn = (shardId: string, sessions: Session[]) =>
  sessions.filter((session) => session.shardId === shardId).length;

test('while the database is away terminals go on, the rest says so, and everything catches up when it is back', async () => {
  const network = await FaultProxy.start(stack.port);
  onTestFinished(() => network.close());
  const hf = await clientOf(network.port, ADA);
  const terminals: Terminal[] = [];
  for (const shardId of ['backend-1', 'backend-2']) terminals.push(await Terminal.attach(hf, await openOn(shardId)));
  const [first] = terminals as [Terminal];
  const leaver = await Terminal.attach(
    hf,
    await openOn('backend-1', ['/bin/sh', '-c', 'echo ready; read -r line; exit 7']),
  );
  const project = await hf.call(createProject, { name: 'made before' });
  for (const terminal of [...terminals, leaver]) await terminal.waitFor('ready');

  const bringBack = await takeDatabaseAway();
  for (const terminal of terminals)
    expect(await terminal.exchange('without a database')).toBe('ready\r\ngot:without a database\r\n');
  const requests: RawRequest[] = [
    { path: '/api/v1/sessions' },
    { path: `/api/v1/sessions/${first.session.id}` },
    { method: 'POST', path: '/api/v1/sessions', body: SIZE },
    { method: 'PATCH', path: `/api/v1/sessions/${first.session.id}`, body: { name: 'new name' } },
    { path: '/api/v1/projects' },
    { method: 'POST', path: '/api/v1/projects', body: { name: 'made meanwhile' } },
    { method: 'DELETE', path: `/api/v1/projects/${project.id}` },
    { path: '/api/shards/backend-2/v1/sessions' },
  ];
  for (const request of requests)
    expect([request, refusalOf(await asAda(request))]).toEqual([request, '503 database.unavailable']);
  expect((await hf.call(getMe, {})).email).toBe(ADA);
  expect((await hf.call(getConfig, {})).shards).toHaveLength(2);
  expect((await hf.call(getAssignment, {})).shardId).toBe(`backend-${defaultShardIndex(ADA, 2) + 1}`);
  // The network fails as well, and a terminal finds its way back without the database.
  network.cut();
  await first.exchange('after a cut');
  leaver.write('go\n');
  expect(await leaver.exit).toEqual({ code: 7, signal: null });
  await witness.moreLines();

  await bringBack();
  const find = async (id: string) => (await hf.sessions.list()).find((session) => session.id === id)!;
  await until(async () => (await find(leaver.session.id)).state === 'exited');
  expect(await find(leaver.session.id)).toMatchObject({
    state: 'exited',
    exitCode: 7,
    endedAt: expect.any(String) as string,
  });
  const others = (await hf.sessions.list()).filter(({ id }) => id !== leaver.session.id);
  expect(others.map(({ state }) => state)).toEqual(['running', 'running', 'running']);
  expect(await hf.sessions.rename(first.session.id, 'renamed')).toMatchObject({ name: 'renamed' });
  expect((await find(first.session.id)).name).toBe('renamed');
  expect(await first.exchange('and on')).toBe('ready\r\ngot:without a database\r\ngot:after a cut\r\ngot:and on\r\n');
  const later = await Terminal.open(hf, ECHO_LINES);
  await later.waitFor('ready');
  for (const { session } of [...terminals, leaver, later]) await hf.sessions.close(session.id);
  await hf.call(deleteProject, { projectId: project.id });
});

test('a database that was killed is started again, with everything that was committed', async () => {
  const hf = await clientOf(stack.port, ADA);
  const terminal = await Terminal.open(hf, ECHO_LINES);
  await terminal.waitFor('ready');
  const made = await hf.call(createProject, { name: 'survivor' });
  const pidFile = join(stack.home, 'postgres', 'postmaster.pid');
  const before = postmasterPid(stack);
  process.kill(before, 'SIGKILL');
  // Health is asked every few seconds, so for a while it may not have noticed the end at all.
  for (const shardId of ['backend-1', 'backend-2']) {
    const path = `/api/shards/${shardId}/v1/sessions`;
    await until(
      async () => existsSync(pidFile) && postmasterPid(stack) !== before && (await asAda({ path })).status === 200,
    );
  }
  await everyoneSays(OK);
  expect(await terminal.exchange('on')).toBe('ready\r\ngot:on\r\n');
  expect((await hf.call(listProjects, {})).projects.map(({ name }) => name)).toContain('survivor');
  await hf.sessions.close(terminal.session.id);
  await hf.call(deleteProject, { projectId: made.id });
});

test('health tells of a database that is there and answers nothing', async () => {
  const thaw = await stack.processes.freeze('postgres');
  onTestFinished(thaw);
  await everyoneSays(AWAY);
  await witness.moreLines();
  thaw();
  await everyoneSays(OK);
});

test('a project made through one shard is seen through the other at once', async () => {
  const names = async (shardId: string) => {
    const answer = await asAda({ path: `/api/shards/${shardId}/v1/projects` });
    return (JSON.parse(answer.text) as { projects: Project[] }).projects.map(({ name }) => name);
  };
  const made = await asAda({ method: 'POST', path: '/api/shards/backend-1/v1/projects', body: { name: 'shared' } });
  expect(await names('backend-2')).toContain('shared');
  const { id } = JSON.parse(made.text) as Project;
  await asAda({ method: 'PATCH', path: `/api/shards/backend-2/v1/projects/${id}`, body: { name: 'renamed' } });
  expect(await names('backend-1')).toContain('renamed');
  await asAda({ method: 'DELETE', path: `/api/shards/backend-2/v1/projects/${id}` });
  expect(await names('backend-1')).not.toContain('renamed');
});

test('a session is seen, renamed and closed through the other shard', async () => {
  const hf = await clientOf(stack.port, ADA);
  for (const [owner, other] of [
    ['backend-1', 'backend-2'],
    ['backend-2', 'backend-1'],
  ] as const) {
    const before = descendants(hostPid(stack, owner)).length;
    const session = await openOn(owner);
    const terminal = await Terminal.attach(hf, session);
    await terminal.waitFor('ready');
    const elsewhere = `/api/shards/${other}/v1/sessions/${session.id}`;
    expect(JSON.parse((await asAda({ path: elsewhere })).text)).toMatchObject({
      id: session.id,
      shardId: owner,
      state: 'running',
    });
    await asAda({ method: 'PATCH', path: elsewhere, body: { name: 'renamed from there' } });
    expect((await hf.sessions.get(session.id)).name).toBe('renamed from there');
    expect((await asAda({ method: 'DELETE', path: elsewhere })).status).toBe(200);
    for (const shardId of [owner, other]) {
      await until(
        async () =>
          refusalOf(await asAda({ path: `/api/shards/${shardId}/v1/sessions/${session.id}` })) ===
          '404 session.not_found',
      );
    }
    await until(() => terminal.attachment.state === 'ended');
    expect(descendants(hostPid(stack, owner))).toHaveLength(before);
  }
});

// Known to fail: SessionService.close deletes the row and does not ask the owner, which keeps the session and its log.
test('an ended session that is closed through the other shard leaves nothing on its own', async () => {
  const hf = await clientOf(stack.port, ADA);
  const session = await openOn('backend-1', ['/bin/echo', 'done']);
  const terminal = await Terminal.attach(hf, session);
  await terminal.exit;
  const elsewhere = `/api/shards/backend-2/v1/sessions/${session.id}`;
  await until(async () => (JSON.parse((await asAda({ path: elsewhere })).text) as Session).state === 'exited');
  expect((await asAda({ method: 'DELETE', path: elsewhere })).status).toBe(200);
  expect(existsSync(join(stack.home, 'shards', 'backend-1', 'sessions', session.id))).toBe(false);
});

test('three shards work as two do', async () => {
  const three = await startStack({ shards: 3 });
  onTestFinished(() => three.remove());
  const hf = await clientOf(three.port, ADA);
  const ids = ['backend-1', 'backend-2', 'backend-3'];
  expect((await hf.call(getConfig, {})).shards.map(({ id }) => id)).toEqual(ids);
  for (const email of ['ada@example.com', 'bob@example.com', 'cy@example.com', 'dee@example.org', 'e@f.gh']) {
    const person = await clientOf(three.port, email);
    const { shardId } = await person.call(getAssignment, {});
    expect([email, shardId]).toEqual([email, ids[defaultShardIndex(email, 3)]]);
    const terminal = await Terminal.open(person, ECHO_LINES);
    expect(terminal.session.shardId).toBe(shardId);
    await terminal.waitFor('ready');
    await terminal.exchange(email);
    await person.sessions.close(terminal.session.id);
  }
  const terminals = await Promise.all(ids.map(async (id) => Terminal.attach(hf, await openOn(id, ECHO_LINES, three))));
  for (const terminal of terminals) {
    await terminal.waitFor('ready');
    await terminal.exchange('here');
  }
  const sessions = await hf.sessions.list();
  expect(ids.map((id) => countOn(id, sessions))).toEqual([1, 1, 1]);
  const [, , third] = terminals as [Terminal, Terminal, Terminal];
  const closed = await send(three.port, {
    method: 'DELETE',
    path: `/api/shards/backend-1/v1/sessions/${third.session.id}`,
    headers: headersOf(ADA),
  });
  expect(closed.status).toBe(200);
  expect((await hf.sessions.list()).map(({ shardId }) => shardId).sort()).toEqual(['backend-1', 'backend-2']);
  expect(failuresIn(three)).toEqual([]);
});

test('a launcher that is killed leaves nothing that prevents the next start, and sessions survive it', async () => {
  let running = await startStack();
  const { home } = running;
  onTestFinished(() => running.remove());
  const script = 'stty -echo; echo "pid $$"; while read -r line; do echo "got:$line"; done';
  const session = await openOn('backend-1', ['/bin/sh', '-c', script], running);
  const first = await Terminal.attach(await clientOf(running.port, ADA), session);
  let expected = await first.waitFor('\r\n');
  expect(expected).toMatch(/^pid \d+\r\n$/);
  const host = hostPid(running, 'backend-1');

  for (const waits of [true, false]) {
    const killed = running;
    killed.launcher.kill('SIGKILL');
    // Its children end by themselves; the next start does not depend on it.
    if (waits) await until(() => processesOf({ home }).every((command) => !/backend\.js|frontend\.js/.test(command)));
    running = await startStack({ home });
    const hf = await clientOf(running.port, ADA);
    expect((await hf.sessions.list()).map(({ id, state, shardId }) => ({ id, state, shardId }))).toEqual([
      { id: session.id, state: 'running', shardId: 'backend-1' },
    ]);
    const terminal = await Terminal.attach(hf, session);
    expected += `got:after the kill ${waits}\r\n`;
    expect(await terminal.exchange(`after the kill ${waits}`)).toBe(expected);
    expect(hostPid(running, 'backend-1')).toBe(host);
  }
  expect(await running.stop()).toBe(0);
  expect({ processes: processesOf({ home }), run: existsSync(join(home, 'run')) }).toEqual({
    processes: [],
    run: false,
  });
});
