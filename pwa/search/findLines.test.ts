import type { Terminal } from '@xterm/xterm';
import { expect, test } from 'vitest';
import { feed, newTerminal } from '../../server/testing/grid.ts';
import { findLines, MAX_HITS_PER_SESSION } from './findLines.ts';
import { showHit } from './showHit.ts';

test('lines are found in any case, the newest first, and alike ones told apart', () => {
  const lines = ['error: one', 'fine', 'ERROR: two', 'error: one'];
  expect(findLines('s', lines, 'error').map(({ line, text, sameBelow }) => [line, text, sameBelow])).toEqual([
    [4, 'error: one', 0],
    [3, 'ERROR: two', 0],
    [1, 'error: one', 1],
  ]);
  expect(findLines('s', lines, 'n').map(({ at, length }) => [at, length])).toEqual([
    [8, 1],
    [2, 1],
    [8, 1],
  ]);
  expect([findLines('s', lines, ''), findLines('s', lines, 'one.')]).toEqual([[], []]);
  expect(findLines('s', Array(500).fill('x') as string[], 'x')).toHaveLength(MAX_HITS_PER_SESSION);
});

/** What a terminal without a display lacks. */
async function shown(printed: string) {
  const terminal = newTerminal(10, 4);
  await feed(terminal, printed);
  const selected: number[][] = [];
  const scrolled: number[] = [];
  const seen = {
    cols: 10,
    rows: 4,
    buffer: terminal.buffer,
    select: (...place: number[]) => selected.push(place),
    scrollToLine: (line: number) => scrolled.push(line),
  };
  return { terminal: seen as unknown as Terminal, selected, scrolled };
}

test('a line is found again from the end, over wrapped rows, whatever was printed since', async () => {
  const { terminal, selected, scrolled } = await shown('same\r\nsame\r\n0123456789needle\r\nsame\r\nlater\r\nlater');
  const lines = ['same', 'same', '0123456789needle', 'same'];
  const [needle] = findLines('s', lines, 'needle');
  expect(showHit(terminal, needle!)).toBe(true);
  const oldest = findLines('s', lines, 'same').at(-1)!;
  expect(showHit(terminal, oldest)).toBe(true);
  expect([selected, scrolled]).toEqual([
    [
      [0, 3, 6],
      [0, 0, 4],
    ],
    [0, 0],
  ]);
  expect(showHit(terminal, { ...needle!, text: 'gone' })).toBe(false);
});
