import headless from '@xterm/headless';
import type { Terminal } from '@xterm/xterm';
import { expect, test } from 'vitest';
import { parseProgress, ProgressWatch } from './progress.ts';

test('progress has five states', () => {
  expect(['4;0', '4;1;40', '4;2;140', '4;3', '4;4;10', '4;1', '4;9', '4;1;abc', 'text'].map(parseProgress)).toEqual([
    null,
    { state: 'normal', percent: 40 },
    { state: 'error', percent: 100 },
    { state: 'indeterminate', percent: null },
    { state: 'paused', percent: 10 },
    { state: 'normal', percent: 0 },
    undefined,
    undefined,
    undefined,
  ]);
});

test('progress is a state: told when it changes, and over after a reset', async () => {
  const terminal = new headless.Terminal({ allowProposedApi: true }) as unknown as Terminal;
  const told: unknown[] = [];
  new ProgressWatch(terminal, (progress) => told.push(progress));
  const sequences = '\x1b]9;4;1;10\x07\x1b]9;a text\x07\x1b]9;4;1;10\x07\x1b]9;4;3\x07\x1bc';
  await new Promise<void>((done) => terminal.write(sequences, done));
  expect(told).toEqual([{ state: 'normal', percent: 10 }, { state: 'indeterminate', percent: null }, null]);
});
