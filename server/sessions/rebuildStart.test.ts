import { expect, test } from 'vitest';
import { bytesToSkip, sizesFrom } from './rebuildStart.ts';

const skipped = (text: string) => bytesToSkip(new TextEncoder().encode(text));

test.each([
  ['the rest of a colour', '1;31mred\r\nnext', 9],
  ['the rest of a title', 'title\x07text\x1b[mnext', 10],
  ['a sequence', '\x1b[31m', 0],
  ['a line', '\ntext', 0],
  ['nothing clean', 'text', 0],
  ['nothing', '', 0],
  ['a line that is too far away', `${'x'.repeat(5000)}\n`, 0],
])('at %s', (_, text, skip) => {
  expect(skipped(text)).toBe(skip);
});

test('the rest of a character is passed over, though nothing else is clean', () => {
  expect(bytesToSkip(new TextEncoder().encode('漢x').subarray(1))).toBe(2);
});

const marks = [
  { offset: 0, cols: 80, rows: 24 },
  { offset: 100, cols: 90, rows: 30 },
  { offset: 200, cols: 20, rows: 5 },
];

test('the size is that of the output at the place, and later ones follow', () => {
  expect(sizesFrom(marks, 100, { cols: 1, rows: 1 })).toEqual({ cols: 90, rows: 30, changes: [marks[2]] });
});

test('when nobody knows the size of the oldest output, it is the next one, or the present one', () => {
  expect(sizesFrom(marks.slice(1), 50, { cols: 1, rows: 1 })).toMatchObject({ cols: 90, rows: 30 });
  expect(sizesFrom([], 50, { cols: 7, rows: 8 })).toEqual({ cols: 7, rows: 8, changes: [] });
});
