import { expect, test } from 'vitest';
import { ASK_HELD_AFTER_MS, HELD_INPUT_BYTES } from '../protocol/limits.ts';
import { HeldInput } from './heldInput.ts';

const full = expect.objectContaining({ code: 'input.held_full' }) as Error;

test('what is young is sent, what is old is asked for, counted from the oldest byte', () => {
  const held = new HeldInput();
  held.typed(1, 1_000);
  held.typed(1, 9_000);
  expect(held.back(2, 1_000 + ASK_HELD_AFTER_MS)).toBe(false);
  held.typed(1, 1_000);
  held.typed(1, 9_000);
  expect(held.back(2, 1_001 + ASK_HELD_AFTER_MS)).toBe(true);
});

test('a clock that was set back proves no youth', () => {
  const held = new HeldInput();
  held.typed(1, 5_000);
  expect(held.back(1, 4_000)).toBe(true);
});

test('too much is refused whole, also while the person is asked', () => {
  const held = new HeldInput();
  held.typed(HELD_INPUT_BYTES - 1, 0);
  expect(() => held.typed(2, 0)).toThrow(full);
  expect(held.back(HELD_INPUT_BYTES - 1, 60_000)).toBe(true);
  expect(() => held.typed(2, 60_000)).toThrow(full);
  held.typed(1, 60_000);
  held.settled();
  held.typed(HELD_INPUT_BYTES, 60_000);
});

test('what was on its way when the line broke is as old as the break, and not counted as new typing', () => {
  const held = new HeldInput();
  held.away(5_000_000, 1_000);
  held.typed(HELD_INPUT_BYTES, 2_000);
  expect(held.since).toBe(1_000);
  expect(held.back(5_000_000, 1_000 + ASK_HELD_AFTER_MS)).toBe(false);
});

test('a break while the person is asked changes nothing about the age', () => {
  const held = new HeldInput();
  held.typed(1, 0);
  expect(held.back(1, 20_000)).toBe(true);
  held.away(1, 21_000);
  expect([held.isAsking, held.since, held.back(1, 21_500)]).toEqual([false, 0, true]);
});

test('what an earlier page left is always asked for, and only once', () => {
  const held = new HeldInput(true);
  held.found(1_000);
  expect(held.back(3, 1_001)).toBe(true);
  held.settled();
  held.typed(1, 2_000);
  expect(held.back(1, 2_001)).toBe(false);
});
