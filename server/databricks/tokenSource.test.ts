import { expect, test } from 'vitest';
import { ManualClock } from '../testing/manualClock.ts';
import { TokenSource } from './tokenSource.ts';

const HOUR_MS = 3_600_000;

function setUp(lifeMs = HOUR_MS) {
  const clock = new ManualClock();
  const state = { count: 0, isFailing: false };
  const source = new TokenSource(async () => {
    await Promise.resolve();
    if (state.isFailing) throw new Error('no token');
    return { value: `t${++state.count}`, expiresAt: clock.now() + lifeMs };
  }, clock);
  return { clock, state, source };
}

test('all who ask at the same time share one request', async () => {
  const { source, state } = setUp();
  expect(await Promise.all([source.get(), source.get(), source.get()])).toEqual(['t1', 't1', 't1']);
  expect(state.count).toBe(1);
});

test('a token is replaced 20 minutes before its end, or at half of a short life', async () => {
  for (const [lifeMs, refreshMs] of [
    [HOUR_MS, HOUR_MS - 20 * 60_000],
    [4_000, 2_000],
  ] as const) {
    const { source, clock } = setUp(lifeMs);
    await source.get();
    clock.advance(refreshMs - 1);
    expect(await source.get()).toBe('t1');
    clock.advance(1);
    expect(await source.get()).toBe('t2');
  }
});

test('while no other can be had a token is used until its end, and then the failure is told', async () => {
  const { source, clock, state } = setUp();
  await source.get();
  state.isFailing = true;
  clock.advance(HOUR_MS - 1);
  expect(await source.get()).toBe('t1');
  clock.advance(1);
  await expect(source.get()).rejects.toThrow('no token');
});

test('a refused token is given out no more, and refusing it late does not cost the next one', async () => {
  const { source } = setUp();
  const refused = await source.get();
  source.reject(refused);
  expect(await source.get()).toBe('t2');
  source.reject(refused);
  expect(await source.get()).toBe('t2');
});
