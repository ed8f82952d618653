import { expect, test } from 'vitest';
import { ManualClock } from '../testing/manualClock.ts';
import { AttemptLimit, MAX_FAILURES_PER_MINUTE } from './attemptLimit.ts';

test('an address that fails too often is held back for the rest of its minute, and no other', () => {
  const clock = new ManualClock();
  const limit = new AttemptLimit(clock);
  for (let i = 1; i < MAX_FAILURES_PER_MINUTE; i++) limit.failed('a');
  expect(limit.isExceeded('a')).toBe(false);
  limit.failed('a');
  expect([limit.isExceeded('a'), limit.isExceeded('b')]).toEqual([true, false]);
  clock.advance(60_000);
  expect(limit.isExceeded('a')).toBe(false);
});
