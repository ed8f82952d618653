import { expect, test } from 'vitest';
import { startOf } from './viewer.ts';

const log = { start: 100, end: 500 };

test.each([
  ['everything kept', 0, true, { mode: 'replay', from: 100 }],
  ['a byte that is kept', 300, true, { mode: 'replay', from: 300 }],
  ['the end', 500, true, { mode: 'replay', from: 500 }],
  ['a byte that is gone', 99, true, { mode: 'snapshot', wanted: 99 }],
  ['a snapshot', null, true, { mode: 'snapshot', wanted: null }],
  ['a byte that never was', 501, true, { mode: 'snapshot', wanted: null }],
  ['a byte of another incarnation', 300, false, { mode: 'snapshot', wanted: null }],
])('who asks for %s begins there', (_, from, isSame, start) => {
  expect(startOf(from, isSame, log)).toEqual(start);
});
