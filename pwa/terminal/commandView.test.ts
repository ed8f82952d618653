import { expect, test } from 'vitest';
import { nextOf } from './commandView.ts';

test('a jump goes to the nearest command in its direction, and nowhere when there is none', () => {
  const marks = [{ line: 2 }, { line: 9 }, { line: 30 }];
  expect([
    nextOf(marks, 30, -1)?.line,
    nextOf(marks, 9, 1)?.line,
    nextOf(marks, 2, -1),
    nextOf(marks, 31, 1),
    nextOf([], 0, -1),
  ]).toEqual([9, 30, null, null, null]);
});
