import { expect, test } from 'vitest';
import { RECONNECT_MAX_DELAY_MS } from '../protocol/limits.ts';
import { retryDelayMs } from './backoff.ts';

test('the first retry is immediate', () => {
  expect(retryDelayMs(0, 0.99)).toBe(0);
});

test('later ones are spread from zero to a bound that grows and then stays', () => {
  expect(retryDelayMs(3, 0)).toBe(0);
  expect([1, 2, 3, 4, 5, 6, 1000].map((attempt) => retryDelayMs(attempt, 1))).toEqual([
    500,
    1000,
    2000,
    4000,
    8000,
    8000,
    RECONNECT_MAX_DELAY_MS,
  ]);
});
