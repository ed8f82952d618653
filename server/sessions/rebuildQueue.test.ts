import { expect, test } from 'vitest';
import { nextRebuild } from './rebuildQueue.ts';

const waiting = [
  { sessionId: 'idle', isWanted: false, endWhenAsked: 10 },
  { sessionId: 'live', isWanted: false, endWhenAsked: 10 },
  { sessionId: 'wanted', isWanted: true, endWhenAsked: 10 },
];
const endOf = (sessionId: string) => (sessionId === 'live' ? 20 : 10);

test('who is waited for comes first, then who prints, then who came first', () => {
  const order: string[] = [];
  for (let left = waiting; left.length > 0;) {
    const next = nextRebuild(left, 0, endOf)!;
    order.push(next.sessionId);
    left = left.filter((entry) => entry !== next);
  }
  expect(order).toEqual(['wanted', 'live', 'idle']);
});

test('no more than two at a time', () => {
  expect([0, 1, 2, 3].map((running) => nextRebuild(waiting, running, endOf)?.sessionId)).toEqual([
    'wanted',
    'wanted',
    undefined,
    undefined,
  ]);
});
