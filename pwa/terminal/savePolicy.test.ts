import { expect, test } from 'vitest';
import { IDLE_MS, MAX_UNSAVED_MS, saveDelay } from './savePolicy.ts';

test('a screen is stored once the output has paused', () => {
  expect([saveDelay(5_000, 5_000, 5_000), saveDelay(5_400, 5_000, 5_000), saveDelay(9_000, 5_000, 5_000)]).toEqual([
    IDLE_MS,
    IDLE_MS - 400,
    0,
  ]);
});

test('output that never pauses does not put it off for ever', () => {
  expect(saveDelay(MAX_UNSAVED_MS, 0, MAX_UNSAVED_MS)).toBe(0);
});
