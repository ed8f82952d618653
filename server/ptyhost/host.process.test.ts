import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { afterEach, expect, test } from 'vitest';
import { factsOf, ProcessTable } from '../base/processTable.ts';
import { readHostFile } from '../base/hostFile.ts';
import { NOTHING_LEFT, spawnAndEnd, tails } from '../testing/hostCycles.ts';
import { RealHost, shellSpec, spawnShell } from '../testing/realHost.ts';
import { until } from '../testing/until.ts';
import { HostRefused, type CloseReason, type HostClient } from '../sessions/hostClient.ts';
import type { HostedSession } from './hostProtocol.ts';

// Real host processes, started from the sources.
const TIMEOUT_MS = 120_000;
let host: RealHost | undefined;
afterEach(() => host?.remove().then(() => (host = undefined)));

const whyClosed = (client: HostClient) => new Promise<CloseReason>((resolve) => (client.onClose = resolve));
const textOf = async (client: HostClient, sessionId: string) =>
  (await client.requestBytes({ t: 'read', sessionId, from: 0 })).toString();
const input = (client: HostClient, sessionId: string, text: string, seq: number) =>
  client.tell({ t: 'input', sessionId, attachmentId: 'attachment', seq }, Buffer.from(text));

test('of two hosts started at the same moment one serves and the other ends', { timeout: TIMEOUT_MS }, async () => {
  host = RealHost.prepare();
  const both = [host.run(), host.run(), host.run()];
  const exits = both.map((child) => once(child, 'exit') as Promise<[number | null]>);
  const client = await host.connect();
  const loser = both.filter(({ pid }) => pid !== client.welcome.pid);
  const codes = await Promise.all(both.flatMap((child, i) => (loser.includes(child) ? [exits[i]!] : [])));
  expect(codes.map(([code]) => code)).toEqual([0, 0]);
  const { sessionId } = await spawnShell(client, 'echo served; read -r line');
  await until(async () => (await textOf(client, sessionId)).includes('served'));
  client.close();
});

test(
  'the newest backend wins; an older one is fenced, also when it speaks later',
  { timeout: TIMEOUT_MS },
  async () => {
    host = await RealHost.start();
    const old = await host.connect(100);
    const { sessionId } = await spawnShell(
      old,
      'stty -echo; echo ready; while read -r line; do echo "got:$line"; done',
    );
    await until(async () => (await textOf(old, sessionId)).includes('ready'));
    const closed = whyClosed(old);
    const young = await host.connect(200);
    input(old, sessionId, 'from the old one\n', 1);
    old.tell({ t: 'unpause', sessionId });
    expect(await closed).toBe('fenced');
    await expect(host.connect(150)).rejects.toEqual(new HostRefused('fenced'));
    input(young, sessionId, 'from the new one\n', 1);
    await until(async () => (await textOf(young, sessionId)).includes('from the new one'));
    expect(await textOf(young, sessionId)).toBe('ready\r\ngot:from the new one\r\n');
    young.close();
  },
);

test('input that floods in when another backend takes over ends at that point', { timeout: TIMEOUT_MS }, async () => {
  host = await RealHost.start();
  const old = await host.connect();
  const { sessionId } = await spawnShell(old, 'stty raw -echo; echo ready; exec cat');
  await until(async () => (await textOf(old, sessionId)).includes('ready'));
  const closed = whyClosed(old);
  for (let seq = 1; seq <= 5_000; seq++) input(old, sessionId, 'o'.repeat(50), seq);
  const taking = host.connect();
  for (let seq = 5_001; seq <= 10_000; seq++) input(old, sessionId, 'o'.repeat(50), seq);
  const young = await taking;
  expect(await closed).toBe('fenced');
  young.tell({ t: 'input', sessionId, attachmentId: 'of-the-new-one', seq: 1 }, Buffer.from('END'));
  let end = '';
  await until(async () => {
    const { end: at } = await young.request<{ end: number }>({ t: 'attach_state', sessionId, attachmentId: 'other' });
    end = (await young.requestBytes({ t: 'read', sessionId, from: Math.max(0, at - 60) })).toString();
    return end.includes('END');
  });
  expect(end.endsWith('END')).toBe(true);
  young.close();
});

test('an answer to the backend before is not given to the one that took over', { timeout: TIMEOUT_MS }, async () => {
  host = await RealHost.start();
  const old = await host.connect();
  const { sessionId } = await spawnShell(old, 'trap "" HUP TERM; while :; do sleep 1; done');
  const ended = old.request({ t: 'end', sessionId }).catch((error: { code: string }) => error.code);
  const young = await host.connect();
  const answers: unknown[] = [];
  (young as unknown as { receive: (head: { t: string; id?: number }, body: Buffer) => void }).receive = ({ t, id }) =>
    void (t === 'reply' ? answers.push(id) : answers.push(t));
  await until(() => answers.includes('exited'));
  expect([await ended, answers]).toEqual(['ptyhost.unavailable', ['exited']]);
  young.close();
});

test(
  'a killed host leaves a stale socket and programs that ignore a hang-up; the next one clears both',
  { timeout: TIMEOUT_MS },
  async () => {
    host = RealHost.prepare();
    const first = host.run();
    const client = await host.connect();
    const session = await spawnShell(
      client,
      'trap "" HUP; echo ready; setsid sh -c "trap \\"\\" HUP; sleep 1000" & wait',
    );
    await until(async () => (await textOf(client, session.sessionId)).includes('ready'));
    const closed = whyClosed(client);
    first.kill('SIGKILL');
    expect(await closed).toBe('closed');
    expect([existsSync(host.settings.socketPath), factsOf(session.pid) !== undefined]).toEqual([true, true]);
    host.run();
    const next = await host.connect();
    expect(next.welcome.sessions).toEqual([]);
    await until(() => factsOf(session.pid) === undefined);
    next.close();
  },
);

test(
  'a host whose socket was tidied away listens again; one whose folder is gone ends',
  { timeout: TIMEOUT_MS },
  async () => {
    host = RealHost.prepare();
    const child = host.run();
    const client = await host.connect();
    const session = await spawnShell(client, 'exec sleep 1000');
    client.close();
    rmSync(host.settings.socketPath);
    // A second host must not take the place of one that lives.
    const [code] = (await once(host.run(), 'exit')) as [number];
    const again = await host.connect();
    expect([code, again.welcome.pid, again.welcome.sessions.length]).toEqual([0, child.pid, 1]);
    const exited = once(child, 'exit');
    again.close();
    renameSync(host.settings.directory, `${host.settings.directory}.moved`);
    expect([await exited, factsOf(session.pid)]).toEqual([[0, null], undefined]);
  },
);

test('SIGTERM ends every session with its children and leaves nothing', { timeout: TIMEOUT_MS }, async () => {
  host = RealHost.prepare();
  const child = host.run();
  const client = await host.connect();
  const sessions = [
    await spawnShell(client, 'exec sleep 1000'),
    await spawnShell(client, 'setsid sh -c "trap \\"\\" HUP TERM; echo away; sleep 1000" & wait'),
    await spawnShell(client, 'setsid sleep 1000 > /dev/null 2>&1 & exit 0'),
  ];
  await until(async () => (await textOf(client, sessions[1]!.sessionId)).includes('away'));
  await until(() => readHostFile(host!.settings.pidFile)?.sessions === 3);
  const mark = client.welcome.hostGeneration;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  expect(await exited).toEqual([0, null]);
  expect(new ProcessTable().ofHost(mark)).toEqual([]);
  expect(readdirSync(`${host.home}/run`)).toEqual([]);
});

test('a program knows of its host only a name of the session', { timeout: TIMEOUT_MS }, async () => {
  host = await RealHost.start();
  const client = await host.connect();
  const spec = shellSpec('env | grep HOLDFAST; exit', randomUUID());
  const session = await client.request<HostedSession>({ t: 'spawn', spec });
  const wanted = `HOLDFAST_PTY=${client.welcome.hostGeneration}/${session.sessionId}/1\r\n`;
  await until(async () => (await textOf(client, session.sessionId)).length >= wanted.length);
  expect(await textOf(client, session.sessionId)).toBe(wanted);
  client.close();
});

test(
  '400 sessions spawned and ended leave no descriptor, process, zombie, file or session',
  { timeout: TIMEOUT_MS },
  async () => {
    expect(await spawnAndEnd(400)).toEqual(NOTHING_LEFT);
  },
);

test(
  '60 programs that print 200 kB and end at once lose no byte, whatever happens at that moment',
  { timeout: TIMEOUT_MS },
  async () => {
    expect(await tails(60)).toEqual([]);
  },
);
