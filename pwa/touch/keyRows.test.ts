import { expect, test } from 'vitest';
import { barKey, OFFERED } from './barKeys.ts';
import { inOtherRow, keyRows, movedKey, USUAL_ROWS, withKey, withoutKey, type KeyRows } from './keyRows.ts';

const rows: KeyRows = [
  ['Escape', 'Tab'],
  ['|', '/'],
];

test('what a document holds may be anything: no key is there twice, and what is none is left out', () => {
  expect(
    keyRows([
      ['Escape', 7, 'Tab', ''],
      ['Tab', '|', 'a text longer than a word'],
    ]),
  ).toEqual([['Escape', 'Tab'], ['|']]);
  expect([undefined, null, {}, [], [['']], 'x'].map(keyRows)).toEqual(Array.from({ length: 6 }, () => USUAL_ROWS));
});

test('keys come, go and move, and stay within their rows', () => {
  expect([
    withKey(rows, 'Home'),
    withKey(rows, 'Tab'),
    withoutKey(rows, '|'),
    movedKey(rows, 'Tab', -1),
    movedKey(rows, 'Tab', 1),
    inOtherRow(rows, 'Tab'),
    inOtherRow(rows, '/'),
    movedKey(rows, 'Nobody', 1),
  ]).toEqual([
    [rows[0], ['|', '/', 'Home']],
    rows,
    [rows[0], ['/']],
    [['Tab', 'Escape'], rows[1]],
    rows,
    [['Escape'], ['Tab', '|', '/']],
    [['Escape', 'Tab', '/'], ['|']],
    rows,
  ]);
});

test('every key of the usual rows is offered, and a text is typed as it stands', () => {
  expect(USUAL_ROWS.flat().filter((id) => !OFFERED.includes(id))).toEqual([]);
  expect([barKey('^C'), barKey('/compact')]).toMatchObject([
    { kind: 'text', text: '\x03', name: 'Ctrl+C' },
    { kind: 'text', text: '/compact', label: '/compact' },
  ]);
});
