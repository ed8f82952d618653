import { expect, test } from 'vitest';
import { fontSizeAfter } from './fontSize.ts';

test('text grows and shrinks within bounds, and 0 is the usual size', () => {
  expect([
    fontSizeAfter(13, 1),
    fontSizeAfter(8, -1),
    fontSizeAfter(32, 2),
    fontSizeAfter(20, 0),
    fontSizeAfter(99, null),
  ]).toEqual([14, 8, 32, 13, 32]);
});
