import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { hostFileNames } from '../base/hostFile.ts';
import { HOST_PROTOCOL_VERSION } from '../ptyhost/hostProtocol.ts';
import { until } from './until.ts';
import type { Role } from './processes.ts';
import { startStack, type Stack } from './stack.ts';
import { clientOf, ECHO_LINES, Terminal } from './terminal.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack?.remove());

const EVERY_ROLE: Role[] = [
  'launcher',
  'frontend',
  'postgres',
  'backend-1',
  'backend-1.host',
  'backend-1.screens',
  'backend-2',
  'backend-2.host',
  'backend-2.screens',
];

test('every process is found by its role, each another one', () => {
  const pids = EVERY_ROLE.map((role) => stack.processes.get(role).pid);
  expect(new Set(pids).size).toBe(EVERY_ROLE.length);
});

test('a process that is not of this stack is never found, whatever a file says', () => {
  const file = join(stack.home, 'run', hostFileNames('backend-9', HOST_PROTOCOL_VERSION).file);
  writeFileSync(file, JSON.stringify({ pid: process.pid }));
  expect(() => stack.processes.get('backend-9.host')).toThrow('does not run');
  expect(() => stack.processes.get('backend-7')).toThrow('does not run');
});

test('what is killed comes back as another process', async () => {
  for (const role of ['frontend', 'backend-1', 'backend-2.screens', 'postgres'] as const) {
    const before = stack.processes.get(role);
    const after = await stack.processes.restart(role);
    expect([role, after.pid === before.pid, stack.processes.get(role)]).toEqual([role, false, after]);
  }
});

test('what is held down stays dead while the rest goes on, and comes back when it may', async () => {
  const hf = await clientOf(stack.port, 'ada@example.com');
  const terminals = await Promise.all([1, 2].map(() => Terminal.open(hf, ECHO_LINES)));
  await Promise.all(terminals.map((terminal) => terminal.waitFor('ready')));
  // The shard that she is not on.
  const down = terminals[0]!.session.shardId === 'backend-1' ? 'backend-2' : 'backend-1';
  const bringBack = await stack.processes.holdDown(`${down}.host`, down);
  for (let i = 0; i < 20; i++) await terminals[i % 2]!.exchange(`line ${i}`);
  const roles = ['', '.host', '.screens'].map((part) => `${down}${part}` as Role);
  expect(roles.map((role) => stack.processes.find(role))).toEqual([null, null, null]);
  await bringBack();
  expect(roles.map((role) => stack.processes.find(role) !== null)).toEqual([true, true, true]);
});

test('a frozen database answers nobody, and goes on when it is let go', async () => {
  const health = async () =>
    ((await (await fetch(`${stack.origin}/api/health`)).json()) as { database: string }).database;
  const thaw = await stack.processes.freeze('postgres');
  await until(async () => (await health()) !== 'ok');
  thaw();
  await until(async () => (await health()) === 'ok');
});
