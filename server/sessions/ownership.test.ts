import { expect, test } from 'vitest';
import { verdictOn } from './ownership.ts';
import type { Ownership } from './sessionStore.ts';

const live = { shardId: 'backend-1', incarnation: 2 };
const row = (change: Partial<Ownership> = {}): Ownership => ({
  id: 'a',
  shardId: 'backend-1',
  incarnation: 2,
  state: 'running',
  ...change,
});

test('what the row says is ours is kept, and taken back when a sweep gave it up', () => {
  const verdicts = [row(), row({ state: 'starting' }), row({ state: 'exited' }), row({ state: 'lost' })];
  expect(verdicts.map((one) => verdictOn(live, one))).toEqual(['keep', 'keep', 'keep', 'take_back']);
});

test('an older life ends, wherever the newer one is and however it is', () => {
  const newer = [
    row({ incarnation: 3, shardId: 'backend-2' }),
    row({ incarnation: 3 }),
    row({ incarnation: 3, shardId: 'backend-2', state: 'lost' }),
    row({ shardId: 'backend-2' }),
  ];
  expect(newer.map((one) => verdictOn(live, one))).toEqual(newer.map(() => 'superseded'));
});

test('a row of an earlier life, as a restored database has it, ends nothing', () => {
  expect(verdictOn(live, row({ incarnation: 1, state: 'lost' }))).toBe('keep');
});

test('a session without a row was closed', () => {
  expect(verdictOn(live, undefined)).toBe('missing');
});
