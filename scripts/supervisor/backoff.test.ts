import { expect, test } from 'vitest';
import { Backoff } from './backoff.ts';

test('waits double from a quarter second to ten, and begin anew after a good life', () => {
  const backoff = new Backoff();
  expect(Array.from({ length: 8 }, () => backoff.after(1_000))).toEqual([
    250, 500, 1000, 2000, 4000, 8000, 10_000, 10_000,
  ]);
  expect(backoff.after(60_000)).toBe(250);
});
