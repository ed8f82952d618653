import { fc } from '../testing/property.ts';
import { expect, test } from 'vitest';
import { LEASE_RENEW_MS, SHARD_LOST_MS } from '../../protocol/limits.ts';
import { leaseState, type LeaseRow } from './lease.ts';
import { firstSighting, nextSighting, stateOf, type Answer, type Sighting } from './shardState.ts';

const NOW = 1_000_000;
const lease = (ageMs: number, drainingForMs: number | null = null): LeaseRow => ({
  shardId: 'backend-1',
  ageMs,
  drainingForMs,
});
const silentFor = (ms: number): Sighting => ({ ...firstSighting(0), since: NOW - ms, answeredAt: NOW - ms });
const up: Sighting = { isUp: true, since: NOW - 60_000, answeredAt: NOW, lateCount: 0 };

test('a lease is held until it was not renewed for SHARD_LOST_MS', () => {
  const ages = [-3_000, 0, LEASE_RENEW_MS, SHARD_LOST_MS - 1, SHARD_LOST_MS];
  expect(ages.map((ageMs) => leaseState({ ageMs }))).toEqual(['held', 'held', 'held', 'held', 'stale']);
  expect(leaseState(undefined)).toBe('none');
});

test('a shard that answers is up, or draining since it was set to', () => {
  expect(stateOf(up, lease(0), true, NOW)).toEqual({ state: 'up', since: up.since });
  expect(stateOf(up, lease(0, 5_000), true, NOW)).toEqual({ state: 'draining', since: NOW - 5_000 });
  expect(stateOf(up, undefined, false, NOW)).toEqual({ state: 'up', since: up.since });
});

test('a shard is lost when both the gateway and its lease have been without a sign of it for long enough', () => {
  const state = (silentMs: number, ageMs: number) => stateOf(silentFor(silentMs), lease(ageMs), true, NOW).state;
  expect(state(SHARD_LOST_MS - 1, SHARD_LOST_MS)).toBe('unreachable');
  expect(state(SHARD_LOST_MS, SHARD_LOST_MS - 1)).toBe('unreachable');
  expect(state(SHARD_LOST_MS, SHARD_LOST_MS)).toBe('lost');
});

test('while the database is away the gateway alone decides', () => {
  expect(stateOf(silentFor(SHARD_LOST_MS), undefined, false, NOW).state).toBe('lost');
  expect(stateOf(silentFor(SHARD_LOST_MS - 1), undefined, false, NOW).state).toBe('unreachable');
});

test('a shard without a row has no lease to wait for', () => {
  expect(stateOf(silentFor(SHARD_LOST_MS), undefined, true, NOW).state).toBe('lost');
});

test('a frontend that began after the shard was gone tells since when from the lease', () => {
  const neverSeen = firstSighting(NOW - 20_000);
  expect(stateOf(neverSeen, lease(3_600_000), true, NOW)).toEqual({ state: 'lost', since: NOW - 3_600_000 });
  expect(stateOf(silentFor(20_000), lease(25_000), true, NOW)).toEqual({ state: 'lost', since: NOW - 20_000 });
});

test('a shard that is no longer configured is lost, unless its lease is renewed for another frontend', () => {
  expect(stateOf(undefined, lease(86_400_000), true, NOW)).toEqual({ state: 'lost', since: NOW - 86_400_000 });
  expect(stateOf(undefined, lease(2_000), true, NOW)).toEqual({ state: 'unreachable', since: NOW - 2_000 });
});

test('lost is never said of a shard with a sign of life in the last SHARD_LOST_MS, and always told by then', () => {
  fc.assert(
    fc.property(fc.nat(40_000), fc.nat(40_000), fc.boolean(), (silentMs, ageMs, isDatabaseUp) => {
      const row = isDatabaseUp ? lease(ageMs) : undefined;
      const { state } = stateOf(silentFor(silentMs), row, isDatabaseUp, NOW);
      const lastSignMs = isDatabaseUp ? Math.min(silentMs, ageMs) : silentMs;
      return (state === 'lost') === lastSignMs >= SHARD_LOST_MS;
    }),
  );
});

test('a shard that refuses is away at once, one that is late only when it is late again', () => {
  const after = (...answers: Answer[]) =>
    answers.reduce((last, answer, i) => nextSighting(last, answer, i), firstSighting(0));
  expect(after('yes', 'no').isUp).toBe(false);
  expect(after('yes', 'late').isUp).toBe(true);
  expect(after('yes', 'late', 'yes', 'late').isUp).toBe(true);
  expect(after('yes', 'late', 'late').isUp).toBe(false);
  expect(after('late').isUp).toBe(false);
});

test('what is told as since is the first of the answers, and the last one once they have ended', () => {
  const answers: Answer[] = ['yes', 'yes', 'late', 'yes', 'no', 'no', 'yes'];
  let sighting = firstSighting(0);
  const told = answers.map((answer, i) => (sighting = nextSighting(sighting, answer, i + 1)).since);
  expect(told).toEqual([1, 1, 1, 1, 4, 4, 7]);
});
