import { expect, test } from 'vitest';
import { ManualClock } from '../../server/testing/manualClock.ts';
import { createBackGuard, LEAVE_MS } from './backGuard.ts';

/** A page with a history as a browser has it: what came before the page is left for. */
function setUp({ hasTerminal = true } = {}) {
  const clock = new ManualClock();
  const seen = { said: 0, open: [] as string[], hasLeft: false };
  let [entries, at]: [unknown[], number] = [[null], 0];
  const go = (to: number) => {
    if (to < 0) return void (seen.hasLeft = true);
    if (to >= entries.length) return;
    at = to;
    guard.moved();
  };
  const history = {
    get state(): unknown {
      return entries[at];
    },
    pushState: (state: unknown) => void ((entries = [...entries.slice(0, at + 1), state]), at++),
    replaceState: (state: unknown) => void (entries[at] = state),
    forward: () => go(at + 1),
    back: () => go(at - 1),
  };
  const guard = createBackGuard({
    ...{ history, clock },
    closeTop: () => seen.open.pop() !== undefined,
    hasTerminal: () => hasTerminal,
    say: () => seen.said++,
  });
  return { clock, seen, guard, back: () => history.back(), entries: () => entries.length };
}

test('going back closes what is open, one after the other, and the page stays', () => {
  const { seen, guard, back } = setUp();
  guard.used();
  seen.open.push('dialog', 'menu');
  back();
  expect(seen.open).toEqual(['dialog']);
  back();
  expect(seen).toEqual({ said: 0, open: [], hasLeft: false });
});

test('with a terminal open the first step says a word, and a second one right after it leaves', () => {
  const { seen, guard, back } = setUp();
  guard.used();
  back();
  expect([seen.said, seen.hasLeft]).toEqual([1, false]);
  back();
  expect(seen.hasLeft).toBe(true);
});

test('who goes on working, or does nothing for a while, has to be told again', () => {
  const { seen, guard, back, clock, entries } = setUp();
  guard.used();
  back();
  guard.used();
  back();
  clock.advance(LEAVE_MS);
  back();
  guard.used();
  expect([seen.said, seen.hasLeft, entries()]).toEqual([3, false, 2]);
});

test('without a terminal one step leaves', () => {
  const { seen, guard, back } = setUp({ hasTerminal: false });
  guard.used();
  back();
  expect([seen.said, seen.hasLeft]).toEqual([0, true]);
});

test('however much is done in the page, one entry lies above it', () => {
  const { guard, entries } = setUp();
  for (let i = 0; i < 5; i++) guard.used();
  expect(entries()).toBe(2);
});
