import { expect, test } from 'vitest';
import { SHARD_LOST_MS } from '../../protocol/limits.ts';
import { ManualClock } from '../testing/manualClock.ts';
import type { LeaseRow } from './lease.ts';
import type { Sighting } from './shardState.ts';
import { ShardWatch } from './shardWatch.ts';

const clock = new ManualClock();
const up: Sighting = { isUp: true, since: clock.now(), answeredAt: clock.now(), lateCount: 0 };
const away: Sighting = { ...up, isUp: false, answeredAt: clock.now() - SHARD_LOST_MS };
const held = (shardId: string): LeaseRow => ({ shardId, ageMs: 1_000, drainingForMs: null });

function watchOver(sightings: Record<string, Sighting>, leases: () => Promise<LeaseRow[]>): ShardWatch {
  const directory = {
    ids: Object.keys(sightings),
    publicUrl: (id: string) => `/api/shards/${id}`,
    sighting: (id: string) => sightings[id],
  };
  return new ShardWatch(directory, { leases }, clock);
}
const statesOf = async (watch: ShardWatch) => (await watch.states()).map(({ id, state }) => [id, state]);

test('configured shards come first, then those of earlier configurations', async () => {
  const rows = [held('backend-1'), held('backend-2'), { ...held('a-removed-one'), ageMs: 60_000 }];
  const watch = watchOver({ 'backend-1': up, 'backend-2': away }, () => Promise.resolve(rows));
  expect(await statesOf(watch)).toEqual([
    ['backend-1', 'up'],
    ['backend-2', 'unreachable'],
    ['a-removed-one', 'lost'],
  ]);
});

test('a database that fails or freezes leaves it to the gateway', async () => {
  const failing = watchOver({ 'backend-1': away }, () => Promise.reject(new Error('away')));
  expect(await statesOf(failing)).toEqual([['backend-1', 'lost']]);
  const frozen = watchOver({ 'backend-1': away }, () => new Promise(() => undefined));
  const states = statesOf(frozen);
  clock.advance(1_000);
  expect(await states).toEqual([['backend-1', 'lost']]);
});

test('many who wait at once ask the database once', async () => {
  let reads = 0;
  const watch = watchOver({ 'backend-1': up }, () => Promise.resolve(reads++ ? [] : [held('backend-1')]));
  await Promise.all(Array.from({ length: 75 }, () => watch.states()));
  expect(reads).toBe(1);
  clock.advance(500);
  await watch.states();
  expect(reads).toBe(2);
});
