import headless from '@xterm/headless';
import type { Terminal } from '@xterm/xterm';
import { expect, test } from 'vitest';
import type { Freshness } from './freshness.ts';
import { Signals } from './signals.ts';

function setup() {
  const terminal = new headless.Terminal({ cols: 40, rows: 6, allowProposedApi: true }) as unknown as Terminal;
  const gate = { now: 'live' as Freshness };
  const told: unknown[] = [];
  let clock = 0;
  const signals = new Signals(
    terminal,
    gate,
    { signal: (signal) => told.push(signal), progress: (progress) => told.push(progress) },
    () => clock,
  );
  const write = (data: string) => new Promise<void>((done) => terminal.write(data, done));
  return { gate, told, signals, write, pass: (ms: number) => (clock += ms) };
}

test('a bell of old output does not ring', async () => {
  const { gate, told, write } = setup();
  gate.now = 'old';
  await write('a\x07\x1b]9;text\x07\x1b]777;notify;a;b\x07\x1b]99;;x\x07');
  expect(told).toEqual([]);
});

test('many bells in one piece of output are one, and the next piece rings again', async () => {
  const { told, write } = setup();
  await write('\x07'.repeat(500));
  await write('\x07');
  expect(told).toEqual([
    { kind: 'bell', isLate: false },
    { kind: 'bell', isLate: false },
  ]);
});

test('what came while the connection was away is told as late', async () => {
  const { gate, told, write } = setup();
  gate.now = 'late';
  await write('\x1b]9;needs you\x1b\\');
  expect(told).toMatchObject([{ kind: 'notification', source: 'osc9', body: 'needs you', isLate: true }]);
});

test('progress is a state: told when it changes, from old output too, and over after a reset', async () => {
  const { gate, told, write } = setup();
  gate.now = 'old';
  await write('\x1b]9;4;1;10\x07\x1b]9;4;1;10\x07\x1b]9;4;3\x07\x1bc');
  expect(told).toEqual([{ state: 'normal', percent: 10 }, { state: 'indeterminate', percent: null }, null]);
});

test('a flood of notifications is cut off, and over after a while', async () => {
  const { told, write, pass } = setup();
  await write('\x1b]9;again\x07'.repeat(100));
  expect(told.length).toBe(10);
  pass(10_000);
  await write('\x1b]9;again\x07');
  expect(told.length).toBe(11);
});
