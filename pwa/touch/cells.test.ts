import type { IBuffer } from '@xterm/xterm';
import { expect, test } from 'vitest';
import { cellAt, cornerOf, lengthOf, spanning, wordAt } from './cells.ts';

const grid = { left: 10, top: 100, width: 800, height: 400, cols: 80, rows: 20, firstRow: 500 };

/** A buffer of one line; `＠` stands for a sign that is two cells wide. */
function bufferOf(text: string): Pick<IBuffer, 'getLine'> {
  const cells = [...text].flatMap((sign): [string, number][] =>
    sign === '＠'
      ? [
          [sign, 2],
          ['', 0],
        ]
      : [[sign, 1]],
  );
  const line = {
    getCell: (at: number) => cells[at] && { getChars: () => cells[at]![0], getWidth: () => cells[at]![1] },
  };
  return { getLine: (row: number) => (row === 0 ? line : undefined) } as unknown as Pick<IBuffer, 'getLine'>;
}

test('a finger is on a cell, and on the nearest one when it is outside', () => {
  expect([cellAt({ x: 25, y: 130 }, grid), cellAt({ x: 0, y: 99 }, grid), cellAt({ x: 9999, y: 9999 }, grid)]).toEqual([
    { col: 1, row: 501 },
    { col: 0, row: 500 },
    { col: 79, row: 519 },
  ]);
});

test('a corner is where the cell ends', () => {
  expect(cornerOf({ col: 2, row: 501 }, grid)).toEqual({ x: 30, y: 140 });
});

test.each([
  ['a path', 'see src/a-b.ts:7 now', 6, [4, 15]],
  ['not the brackets around it', '(word)', 2, [1, 4]],
  ['a blank alone', 'a b', 1, [1, 1]],
  ['wide signs, from either half', 'x ＠＠ y', 3, [2, 5]],
  ['nothing past the end', 'ab', 40, [40, 40]],
])('a word is %s', (_, text, col, [from, to]) => {
  expect(wordAt(bufferOf(text), { col, row: 0 })).toEqual({ start: { col: from, row: 0 }, end: { col: to, row: 0 } });
});

test('what lies between two cells is counted row by row, whichever comes first', () => {
  const selected = spanning({ col: 5, row: 3 }, { col: 70, row: 2 });
  expect([selected, lengthOf(selected, 80)]).toEqual([{ start: { col: 70, row: 2 }, end: { col: 5, row: 3 } }, 16]);
});
