import headless from '@xterm/headless';
import { expect, test } from 'vitest';
import { InTurn } from './inTurn.ts';

function terminalOf() {
  const terminal = new headless.Terminal({ cols: 10, rows: 6, allowProposedApi: true });
  const turns = new InTurn(terminal);
  const rows = () =>
    Array.from({ length: 6 }, (_, y) => terminal.buffer.active.getLine(y)!.translateToString(true)).filter(Boolean);
  const done = () => new Promise<void>((resolve) => turns.write(new Uint8Array(0), resolve));
  return { terminal, turns, rows, done };
}

test('what is written before and after a change of size is drawn for its own', async () => {
  const { terminal, turns, rows, done } = terminalOf();
  turns.write('\x1b[99Ga\r\n');
  turns.write('', () => terminal.resize(20, 6));
  turns.write('\x1b[99Gb\r\n');
  turns.write('', () => terminal.resize(30, 6));
  turns.write('', () => terminal.resize(25, 6));
  turns.write('\x1b[99Gc\r\n');
  await done();
  expect(rows().map((row) => row.length)).toEqual([10, 20, 25]);
  terminal.dispose();
});

test('a size that changes before a sequence that takes its time costs nothing of what comes after', async () => {
  const { terminal, turns, rows, done } = terminalOf();
  // Typed as if no sequence took its time.
  const takeTime = () => new Promise((resolve) => setImmediate(() => resolve(true))) as unknown as boolean;
  terminal.parser.registerOscHandler(9999, takeTime);
  turns.write('one\r\n');
  turns.write('', () => terminal.resize(20, 6));
  turns.write('\x1b]9999;\x07two\r\n');
  turns.write('three');
  await done();
  expect([terminal.cols, rows()]).toEqual([20, ['one', 'two', 'three']]);
  terminal.dispose();
});

test('an act that fails keeps nothing back', () => {
  const written: unknown[] = [];
  let act = () => {};
  const turns = new InTurn({ write: (data, parsed) => (data === '' ? (act = parsed!) : written.push(data)) });
  turns.write('', () => {
    throw new Error('no size');
  });
  turns.write('after');
  expect(written).toEqual([]);
  expect(act).toThrow('no size');
  expect(written).toEqual(['after']);
});
