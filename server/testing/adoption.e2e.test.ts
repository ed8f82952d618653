import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { openHoldfast, type Holdfast } from '../../client/index.ts';
import type { Session } from '../../protocol/sessions.ts';
import { factsOf, ProcessTable } from '../base/processTable.ts';
import { hostFileNames, readHostFile } from '../base/hostFile.ts';
import { HOST_PROTOCOL_VERSION } from '../ptyhost/hostProtocol.ts';
import { freePort } from './freePorts.ts';
import { descendants, hostPid, logsOf } from './instances.ts';
import type { Backend, Role } from './processes.ts';
import { refusalOf, send, type RawAnswer } from './rawHttp.ts';
import { startSecondBackend } from './secondBackend.ts';
import { startStack, type Stack } from './stack.ts';
import { clientOf, ECHO_LINES, headersOf, Terminal } from './terminal.ts';
import { until } from './until.ts';

const ADA = 'ada@example.com';
let stack: Stack;
let hf: Holdfast;
let echo: Terminal;
let stream: Terminal;
let shard: Backend;

beforeAll(async () => {
  stack = await startStack();
  hf = await openHoldfast({ url: stack.origin, headers: headersOf(ADA) });
  echo = await Terminal.open(hf, ECHO_LINES);
  await echo.waitFor('ready');
  shard = echo.session.shardId as Backend;
  stream = await openHere(COUNTING);
  await stream.waitFor('\r\n50\r\n');
});
afterAll(async () => {
  hf?.close();
  await stack?.remove();
});

/** Prints its pid and then numbers, one a line, for ever. */
const COUNTING = ['/bin/sh', '-c', 'echo pid $$; i=0; while :; do echo $i; i=$((i+1)); sleep 0.01; done'];

/** Waits for lines that were printed after this call, and says what in all lines is not as it was printed. */
async function linesOf({ text }: Terminal, terminal: Terminal): Promise<string[]> {
  const seen = Number(text.split('\r\n').at(-2));
  await terminal.waitFor(`\r\n${seen + 60}\r\n`);
  const lines = terminal.text.split('\r\n').slice(1, -1);
  return lines.filter((line, i) => line !== String(i));
}
const pidIn = ({ text }: Terminal) => Number(/pid (\d+)/.exec(text)![1]);
const isAlive = (pid: number) => factsOf(pid) !== undefined;
const health = async (port: number) =>
  (await (await fetch(`http://127.0.0.1:${port}/api/health`)).json()) as { status: string; ptyhost?: string };
const backendPort = () => stack.backendPorts[Number(shard.split('-')[1]) - 1]!;
const hostOf = () => stack.processes.get(`${shard}.host`);

/** On the shard of this story: who has no place there for a moment is sent to another one. */
async function openHere(command: string[]): Promise<Terminal> {
  return Terminal.attach(hf, JSON.parse((await postSession(command)).text) as Session);
}

function postSession(command: string[]): Promise<RawAnswer> {
  const body = { command, cols: 80, rows: 24 };
  return send(stack.port, { method: 'POST', path: `/api/shards/${shard}/v1/sessions`, headers: headersOf(ADA), body });
}

for (const signal of ['SIGKILL', 'SIGTERM'] as const) {
  test(`${signal} of a backend takes nothing along: the same host and programs, every byte and key once`, async () => {
    const [host, pid] = [hostOf(), pidIn(stream)];
    const killed = stack.processes.restart(shard, signal);
    echo.write(`typed into ${signal}\n`);
    await killed;
    await echo.waitFor(`got:typed into ${signal}\r\n`);
    expect([await linesOf(stream, stream), hostOf(), isAlive(pid)]).toEqual([[], host, true]);
    const copies = echo.text.split(`got:typed into ${signal}\r\n`).length - 1;
    expect([copies, await stateIn(stream.session)]).toEqual([1, 'running']);
  });
}

async function stateIn({ id }: Pick<Session, 'id'>): Promise<string> {
  return (await hf.sessions.get(id)).state;
}

test('a frozen backend is replaced, and when it goes on it is fenced and ends with its screens', async () => {
  const [host, pid] = [hostOf(), pidIn(stream)];
  const old = stack.processes.get(shard);
  const oldScreens = stack.processes.get(`${shard}.screens`);
  await echo.exchange('before the freeze');
  const thaw = await stack.processes.freeze(shard);
  const second = await startSecondBackend(stack, shard, await freePort());
  onTestFinished(() => second.stop());
  await until(async () => (await second.health())?.ptyhost === 'ok');
  expect((await second.health())?.active_pty_sessions).toBe(2);
  // Typed while it was frozen: in the old one's socket, or in the client. Once in the program, whoever brings it.
  echo.write('typed into the freeze\n');
  thaw();
  await until(() => !isAlive(old.pid) && !isAlive(oldScreens.pid));
  await stack.processes.back(shard, old); // the launcher's next one is the youngest, and fences the second in turn
  await until(() => second.process.exitCode !== null);
  await echo.waitFor('got:typed into the freeze\r\n');
  expect([await linesOf(stream, stream), hostOf(), isAlive(pid)]).toEqual([[], host, true]);
  expect(echo.text.split('got:typed into the freeze\r\n')).toHaveLength(2);
  expect(logsOf(stack)).toContain('another backend of this shard took over');
  expect(await stateIn(stream.session)).toBe('running');
});

test('a backend that is started beside a living one fences it at once', async () => {
  const [host, old] = [hostOf(), stack.processes.get(shard)];
  const second = await startSecondBackend(stack, shard, await freePort());
  onTestFinished(() => second.stop());
  await until(() => !isAlive(old.pid));
  await stack.processes.back(shard, old);
  await until(() => second.process.exitCode !== null);
  await echo.exchange('after both');
  expect([await linesOf(stream, stream), hostOf()]).toEqual([[], host]);
});

test('a host that does not answer is named as such while the connection stands, and then everything goes on', async () => {
  const states = () => hf.connections().map(({ shardId, state, host }) => [shardId, state, host].join(' '));
  const attachmentStates = stream.states.length;
  const thaw = await stack.processes.freeze(`${shard}.host`);
  echo.write('typed to a frozen host\n');
  await until(() => states().includes(`${shard} online blocked`));
  expect(await health(backendPort())).toMatchObject({ status: 'degraded', ptyhost: 'blocked' });
  expect((await fetch(`http://127.0.0.1:${backendPort()}/api/ready`)).status).toBe(503);
  // Asked for on this very shard; without a wish a new session goes to another one meanwhile.
  expect(refusalOf(await postSession(['/bin/cat']))).toBe('503 ptyhost.unavailable');
  thaw();
  await until(() => states().includes(`${shard} online ok`));
  await echo.waitFor('got:typed to a frozen host\r\n');
  expect(await linesOf(stream, stream)).toEqual([]);
  expect([stream.states.slice(attachmentStates), await health(backendPort())]).toEqual([
    [],
    expect.objectContaining({ status: 'ok', ptyhost: 'ok' }),
  ]);
  expect(echo.text.split('got:typed to a frozen host\r\n')).toHaveLength(2);
});

test('a backend that starts beside a frozen host says so, starts no other and adopts when it goes on', async () => {
  const host = hostOf();
  const thaw = await stack.processes.freeze(`${shard}.host`);
  await stack.processes.kill(shard);
  await until(async () => (await health(backendPort()).catch(() => null))?.ptyhost === 'blocked');
  expect(
    await hf.sessions.list().then(
      (all) => all.map(({ state }) => state),
      () => 'away',
    ),
  ).not.toContain('lost');
  thaw();
  await until(async () => (await health(backendPort())).ptyhost === 'ok');
  await echo.exchange('after the thaw');
  expect([await linesOf(stream, stream), hostOf(), await stateIn(stream.session)]).toEqual([[], host, 'running']);
});

test('a closed session leaves no process, file or row, also of children that left the terminal', async () => {
  const script =
    'setsid sh -c "trap \\"\\" HUP TERM; while :; do sleep 1; done" & (setsid sleep 1000 &) ; echo begun; wait';
  const terminal = await openHere(['/bin/sh', '-c', script]);
  await terminal.waitFor('begun');
  const { id } = terminal.session;
  const generation = readHostFile(
    join(stack.home, 'run', hostFileNames(shard, HOST_PROTOCOL_VERSION).file),
  )!.hostGeneration;
  const processes = () => {
    const table = new ProcessTable();
    return table.ofHost(generation).filter(({ pid }) => table.markOf(pid).includes(id));
  };
  await until(() => processes().length >= 4);
  await hf.sessions.close(id);
  const rows = (await hf.sessions.list()).filter((session) => session.id === id);
  const files = readdirSync(join(stack.home, 'shards', shard, 'sessions')).filter((name) => name === id);
  expect([processes(), rows, files]).toEqual([[], [], []]);
});

test('20 programs that print 200 kB and end while their backend is killed deliver the last byte, then code and signal', async () => {
  const script = 'read -r go; head -c 204800 /dev/zero | tr "\\0" x; printf LAST; exit 5';
  const terminals: Terminal[] = [];
  for (let i = 0; i < 20; i++) {
    terminals.push(await openHere(['/bin/sh', '-c', `stty raw -echo; echo ok; ${script}`]));
  }
  await Promise.all(terminals.map((terminal) => terminal.waitFor('ok')));
  for (const terminal of terminals) terminal.write('\n');
  const restarted = stack.processes.restart(shard);
  const exits = await Promise.all(terminals.map((terminal) => terminal.exit));
  await restarted;
  expect(exits).toEqual(exits.map(() => ({ code: 5, signal: null })));
  expect(terminals.map(({ text }) => [text.length, text.endsWith('xLAST')])).toEqual(
    terminals.map(() => [204_807, true]),
  );
  for (const { session } of terminals) await hf.sessions.close(session.id);
});

test("a host's death is told at once to who is attached and to who attaches later, and nothing takes its place", async () => {
  const pid = pidIn(stream);
  const before = hostOf();
  await stack.processes.kill(`${shard}.host`);
  await until(() => [stream, echo].every(({ attachment }) => attachment.state === 'ended'));
  await until(async () => (await stateIn(stream.session)) === 'lost');
  const later = await clientOf(stack.port, ADA);
  await expect(later.sessions.attach(echo.session.id, { onOutput: () => undefined })).rejects.toMatchObject({
    code: 'session.not_running',
  });
  await until(async () => (await health(backendPort()).catch(() => null))?.ptyhost === 'ok');
  await until(() => !isAlive(pid));
  const rows = (await hf.sessions.list()).map(({ state }) => state);
  expect([rows, hostOf().pid === before.pid]).toEqual([['lost', 'lost'], false]);
  const fresh = await openHere(ECHO_LINES);
  await fresh.waitFor('ready');
  await fresh.exchange('in the new host');
});

test('hosts that nobody comes back to are listed and ended with all their children', async () => {
  const stubborn = 'trap "" HUP TERM; setsid sh -c "trap \\"\\" HUP TERM; echo away; while :; do sleep 1; done" & wait';
  const terminal = await openHere(['/bin/sh', '-c', stubborn]);
  await terminal.waitFor('away');
  const owner = shard;
  const pid = hostPid(stack, owner);
  const children = descendants(pid);
  const servers: Role[] = ['frontend', 'backend-1', 'backend-2'];
  await stack.processes.kill('launcher');
  await until(() => servers.every((role) => stack.processes.find(role) === null)); // they end with their launcher
  const thaw = await stack.processes.freeze(`${owner}.host`); // it cannot end anything itself
  const listed = await runStop('--list');
  expect(listed).toContain(`pty host of ${owner}: process ${pid}, 2 sessions`);
  expect(isAlive(pid)).toBe(true);
  const stopped = await runStop();
  thaw();
  expect(stopped).toMatch(new RegExp(`Ended pty host of ${owner} \\(process ${pid}\\)\\.`));
  expect([pid, ...children].filter(isAlive)).toEqual([]);
  expect(await runStop('--list')).toContain('No pty host runs');
});

async function runStop(...args: string[]): Promise<string> {
  const program = resolve(import.meta.dirname, '../../scripts/run.mjs');
  const options = { env: { ...process.env, HOLDFAST_HOME: stack.home } };
  const { stdout } = await promisify(execFile)(process.execPath, [program, 'stop', ...args], options);
  return stdout;
}
