import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Session, StoredScreen } from '../../protocol/sessions.ts';
import type { Backend } from './processes.ts';
import { send } from './rawHttp.ts';
import { startStack, type Stack } from './stack.ts';
import { clientOf, headersOf, Terminal } from './terminal.ts';
import { until } from './until.ts';

// Sessions of one shard that are lost in different ways, and go on at the other.
let stack: Stack;
beforeAll(async () => {
  stack = await startStack({ env: { STATE_STORE: 'none' } }); // what a shard's disk had is gone with it
});
afterAll(() => stack?.remove());

const ADA = 'ada@example.com';
const SHELL = ['/bin/sh', '-c', 'stty -echo; echo "pid:$$:"; while read -r line; do echo "got:$line"; done'];
const size = { cols: 80, rows: 24 };

async function ask<T>(method: 'GET' | 'POST', path: string, body?: object, email = ADA) {
  const { status, text } = await send(stack.port, {
    method,
    path,
    headers: headersOf(email),
    ...(body ? { body } : {}),
  });
  const answer = JSON.parse(text) as T & { error?: { code: string; details?: Record<string, string> } };
  return { status, answer, code: answer.error?.code ?? 'ok' };
}

const openOn = async (shardId: string) =>
  (await ask<Session>('POST', `/api/shards/${shardId}/v1/sessions`, { command: SHELL, ...size })).answer;
const reviveAt = (shardId: string, { id }: Session, incarnation = 1) =>
  ask<Session>('POST', `/api/shards/${shardId}/v1/sessions/${id}/revive`, { incarnation, ...size });
const storedScreen = (id: string, email = ADA) =>
  ask<StoredScreen>('GET', `/api/v1/sessions/${id}/screen`, undefined, email);
const isAlive = (pid: number) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

/** A terminal of Ada's on this shard that has printed this line; its program's pid. */
async function terminalOn(shardId: string, line: string) {
  const hf = await clientOf(stack.port, ADA);
  const session = await openOn(shardId);
  const terminal = await Terminal.attach(hf, session);
  await terminal.exchange(line);
  const pid = Number(/pid:(\d+):/.exec(terminal.text)![1]);
  return { hf, session, terminal, pid };
}

async function whenStored(id: string, text: string): Promise<void> {
  await until(async () => ((await storedScreen(id)).answer.screen ?? '').includes(text));
}

/** Asks again while the owner counts as alive. */
async function whenLost(revive: () => ReturnType<typeof reviveAt>) {
  let outcome = await revive();
  await until(async () => {
    if (outcome.code === 'session.owner_alive') outcome = await revive();
    return outcome.code !== 'session.owner_alive';
  });
  return outcome;
}

test('a live session is revived by nobody, and its screen is shown to its owner alone', async () => {
  const { session, terminal } = await terminalOn('backend-2', 'only-mine');
  terminal.attachment.detach(); // its screen is stored soon when nobody looks
  expect((await reviveAt('backend-1', session)).code).toBe('session.owner_alive');
  expect((await reviveAt('backend-2', session)).code).toBe('session.owner_alive');
  await whenStored(session.id, 'only-mine');
  const { answer } = await storedScreen(session.id);
  expect(answer).toMatchObject({
    incarnation: 1,
    cols: 80,
    rows: 24,
    screen: expect.stringMatching(/^\x1bc/) as string,
  });
  const foreign = await storedScreen(session.id, 'eve@example.com');
  const unknown = await storedScreen('7c9e6679-7425-40de-944b-e07fc1f90ae7', 'eve@example.com');
  expect([foreign.code, unknown.code]).toEqual(['session.not_found', 'session.not_found']);
});

test('a shard that is gone with its pty host: of two who revive a session one does, below its old lines', async () => {
  const { hf, session, terminal } = await terminalOn('backend-2', 'before-the-end');
  await terminal.exchange('last-line-kept');
  terminal.attachment.detach(); // the transcript is stored when nobody looks any more
  await whenStored(session.id, 'last-line-kept');
  const bringBack = await stack.processes.holdDown('backend-2', 'backend-2.host');

  const outcomes = await Promise.all([0, 1].map(() => whenLost(() => reviveAt('backend-1', session))));
  expect(outcomes.map(({ code }) => code).sort()).toEqual(['ok', 'session.revived']);
  const revived = outcomes.find(({ code }) => code === 'ok')!.answer;
  expect(revived).toMatchObject({ id: session.id, shardId: 'backend-1', incarnation: 2, state: 'running' });
  const { details } = outcomes.find(({ code }) => code !== 'ok')!.answer.error!;
  expect(details).toEqual({ shardId: 'backend-1', incarnation: '2' });
  // Also who comes much later, and asks the shard that has it now.
  expect((await reviveAt('backend-1', session)).code).toBe('session.revived');

  const second = await Terminal.attach(hf, revived);
  const text = await second.exchange('works-again');
  const order = [
    '\x1bc',
    'got:before-the-end',
    'got:last-line-kept',
    '── revived on backend-1 at ',
    'pid:',
    'got:works-again',
  ];
  const places = order.map((part) => text.lastIndexOf(part));
  expect([places.includes(-1), places]).toEqual([false, [...places].sort((a, b) => a - b)]);

  await bringBack();
  // Its own row is not its own any more: what it lost, and what went elsewhere.
  const { answer } = await ask<Session>('GET', `/api/v1/sessions/${session.id}`);
  expect(answer).toMatchObject({ shardId: 'backend-1', incarnation: 2, state: 'running' });
  await second.exchange('still-there');
});

test('an agent is resumed by its conversation’s id; when its state is gone a new one is begun only when asked for', async () => {
  // A stand-in that tells how it was started and keeps what the agent would keep.
  const program = join(stack.home, 'claude');
  const script =
    '#!/bin/sh\nmkdir -p "$HOME/.claude/projects/here"; : > "$HOME/.claude/projects/here/$2.jsonl"; echo "told:$*:"; exec cat\n';
  writeFileSync(program, script, { mode: 0o755 });
  const hf = await clientOf(stack.port, ADA);
  const opened = await hf.sessions.open({ command: [program, '--verbose'], ...size });
  const told = async (incarnation: number) => {
    const session = () => hf.sessions.get(opened.id);
    await expect.poll(async () => (await session()).state).toBe('running'); // its row is written a moment later
    expect((await session()).incarnation).toBe(incarnation);
    const terminal = await Terminal.attach(hf, await session());
    const line = () => /.*told:(--\S+) (\S+) (\S+):/s.exec(terminal.text)?.slice(1);
    await until(() => line()?.[0] !== undefined && (terminal.text.match(/told:/g) ?? []).length === incarnation);
    terminal.attachment.detach();
    return line()!;
  };
  const [flag, id, own] = await told(1);
  expect([flag, own]).toEqual(['--session-id', '--verbose']);
  const lose = async (incarnation: number) => {
    await stack.processes.kill(`${opened.shardId as Backend}.host`);
    await until(async () => (await hf.sessions.get(opened.id)).state === 'lost');
    return (fresh: boolean) =>
      ask<Session>('POST', `/api/shards/${opened.shardId}/v1/sessions/${opened.id}/revive`, {
        incarnation,
        fresh,
        ...size,
      });
  };
  expect((await (await lose(1))(false)).code).toBe('ok');
  expect(await told(2)).toEqual(['--resume', id, '--verbose']);
  const revive = await lose(2);
  rmSync(join(stack.home, 'people'), { recursive: true }); // as on a new disk
  expect((await revive(false)).code).toBe('session.agent_state_missing');
  expect((await revive(true)).code).toBe('ok');
  const [freshFlag, freshId] = await told(3);
  expect([freshFlag, freshId === id]).toEqual(['--session-id', false]);
});

test('an owner that comes back ends its pty, sends its viewers to the new one, and leaves the row alone', async () => {
  const { session, terminal, pid } = await terminalOn('backend-2', 'first-life');
  const thaw = await stack.processes.freeze('backend-2');
  const outcome = await whenLost(() => reviveAt('backend-1', session));
  expect(outcome.code).toBe('ok');
  expect(isAlive(pid)).toBe(true);
  thaw();
  await until(() => !isAlive(pid));
  const { answer } = await ask<Session>('GET', `/api/v1/sessions/${session.id}`);
  expect(answer).toMatchObject({ shardId: 'backend-1', incarnation: 2, state: 'running' });
  await until(() => terminal.attachment.incarnation === 2 && terminal.attachment.state === 'live');
});
