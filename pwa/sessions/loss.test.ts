import { expect, test } from 'vitest';
import type { Session } from '../../protocol/sessions.ts';
import type { ShardSeen } from '../../protocol/shards.ts';
import { asSeen, lossText, lostShardsOf, putAwayText } from './loss.ts';

const noon = new Date(2026, 10, 24, 12, 3);
const seen = (id: string, state: ShardSeen['state']): ShardSeen => ({ id, url: '', state, since: noon.toISOString() });
const session = (shardId: string, state: Session['state'], endedAt: string | null = null) =>
  ({ id: 's', shardId, state, endedAt }) as Session;

test('only what runs on a lost shard is lost with it', () => {
  const lost = lostShardsOf([
    seen('one', 'up'),
    seen('two', 'lost'),
    seen('three', 'unreachable'),
    seen('four', 'draining'),
  ]);
  const states = (['one', 'two', 'three', 'four'] as const).map((id) => asSeen(session(id, 'running'), lost).state);
  expect(states).toEqual(['running', 'lost', 'running', 'running']);
  expect(asSeen(session('two', 'exited'), lost).state).toBe('exited');
  expect(asSeen(session('two', 'hibernated'), lost).state).toBe('hibernated');
  expect(asSeen(session('two', 'starting'), lost).endedAt).toBe(noon.toISOString());
});

test('a loss is told with its place and its time, and the day when that was another', () => {
  const lost = lostShardsOf([seen('backend-2', 'lost')]);
  const later = new Date(2026, 10, 25, 9, 0);
  expect([
    lossText(session('backend-2', 'lost'), lost, noon),
    lossText(session('backend-2', 'lost'), lost, later),
    lossText(session('backend-1', 'lost', noon.toISOString()), lost, noon),
    lossText(session('backend-1', 'lost'), lost, noon),
  ]).toEqual([
    'backend-2 is lost since 12:03.',
    'backend-2 is lost since 2026-11-24 12:03.',
    'Lost on backend-1 at 12:03.',
    'Lost on backend-1.',
  ]);
});

test('what was put away is told with its time, once that is known', () => {
  const told = [noon.toISOString(), null].map((endedAt) => putAwayText({ endedAt }, noon));
  expect(told).toEqual(['Put away at 12:03.', 'Put away.']);
});
