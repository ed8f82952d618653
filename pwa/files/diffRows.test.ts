import { expect, test } from 'vitest';
import { sentenceWithoutRows, sideRows, unifiedRows, type DiffRow } from './diffRows.ts';

const DIFF = `diff --git a/x b/x
index 1..2 100644
--- a/x
+++ b/x
@@ -1,4 +1,4 @@
 one
-two
-three
+TWO
 four
+five
\\ No newline at end of file
`;

const told = (row: DiffRow) => {
  if (row.kind === 'place') return row.text;
  if (row.kind === 'line') return `${row.oldNumber ?? ''}|${row.newNumber ?? ''} ${row.cell.kind} ${row.cell.text}`;
  const side = (cell: (typeof row)['left']) => (cell ? `${cell.number} ${cell.kind} ${cell.text}` : '');
  return `${side(row.left)} | ${side(row.right)}`;
};

test('one under the other, with the numbers of both files', () => {
  expect(unifiedRows(DIFF).map(told)).toEqual([
    '@@ -1,4 +1,4 @@',
    '1|1 same one',
    '2| deleted two',
    '3| deleted three',
    '|2 added TWO',
    '4|3 same four',
    '|4 added five',
  ]);
});

test('the old beside the new', () => {
  expect(sideRows(DIFF).map(told)).toEqual([
    '@@ -1,4 +1,4 @@',
    '1 same one | 1 same one',
    '2 deleted two | 2 added TWO',
    '3 deleted three | ',
    '4 same four | 3 same four',
    ' | 4 added five',
  ]);
});

test('a line that nobody can read is cut, and half a diff is shown as far as it goes', () => {
  const long = DIFF.replace('TWO', 'x'.repeat(10_000));
  expect(unifiedRows(long).some((row) => row.kind === 'line' && row.cell.text.length === 2_001)).toBe(true);
  expect(unifiedRows(DIFF.slice(0, DIFF.indexOf('+TWO'))).map(told)).toHaveLength(4);
});

test('of a file without lines it is said whether it is new, gone, or only named or marked otherwise', () => {
  const sentenceOf = (...lines: string[]) =>
    sentenceWithoutRows(['diff --git a/x b/x', ...lines].map((line) => `${line}\n`).join(''));
  const empty = ['new file mode 100644', 'index 0000000..e69de29'];
  expect(unifiedRows(['diff --git a/x b/x', ...empty].join('\n'))).toEqual([]);
  expect(sentenceOf(...empty)).toBe('It is new, and empty.');
  expect(sentenceOf('deleted file mode 100644', 'index e69de29..0000000')).toBe('It was deleted, and was empty.');
  expect(sentenceOf('old mode 100644', 'new mode 100755')).toMatch(/^Its contents are the same/);
  expect(sentenceOf('similarity index 100%', 'rename from x', 'rename to new file mode 1')).toMatch(/^Its contents/);
});
