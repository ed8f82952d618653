/** Decides how a shard is told to people, from what the gateway saw of it and what the database knows of its lease. */
import { SHARD_LOST_MS } from '../../protocol/limits.ts';
import type { ShardState } from '../../protocol/shards.ts';
import { leaseState, type LeaseRow } from './lease.ts';

/** A shard that is late may merely be busy; this many late answers in a row are silence. */
const MAX_LATE = 2;

/** What the gateway saw of a configured shard; times in ms since the epoch, by the frontend's clock. */
export interface Sighting {
  isUp: boolean;
  /** Since when it answers; while it does not, when it last did, or when the frontend began to ask. */
  since: number;
  /** When it last answered this frontend; null when it never did. */
  answeredAt: number | null;
  /** Late answers in a row. */
  lateCount: number;
}

/** The answer to a question of the gateway; `late`: nothing came in time. */
export type Answer = 'yes' | 'no' | 'late';

export function firstSighting(now: number): Sighting {
  return { isUp: false, since: now, answeredAt: null, lateCount: 0 };
}

export function nextSighting(last: Sighting, answer: Answer, now: number): Sighting {
  if (answer === 'yes') return { isUp: true, since: last.isUp ? last.since : now, answeredAt: now, lateCount: 0 };
  const lateCount = answer === 'late' ? last.lateCount + 1 : 0;
  const isUp = last.isUp && answer === 'late' && lateCount < MAX_LATE;
  return { ...last, isUp, since: isUp ? last.since : (last.answeredAt ?? last.since), lateCount };
}

export interface StateOfShard {
  state: ShardState;
  /** ms since the epoch, by the frontend's clock */
  since: number;
}

/**
 * Neither witness alone makes a shard lost: the gateway's network may be at fault, or the shard's way to the database.
 * While the database is away the gateway has to do.
 * @param sighting undefined for a shard that is not configured here: nothing of ours asks it
 * @param lease its row; undefined when there is none
 * @param isDatabaseUp false when `lease` could not be read
 * @param now ms since the epoch
 */
export function stateOf(
  sighting: Sighting | undefined,
  lease: LeaseRow | undefined,
  isDatabaseUp: boolean,
  now: number,
): StateOfShard {
  if (sighting?.isUp) {
    const drainingForMs = lease?.drainingForMs ?? null;
    return drainingForMs === null
      ? { state: 'up', since: sighting.since }
      : { state: 'draining', since: now - drainingForMs };
  }
  const since = lastHeardOf(sighting, lease, now);
  const isGone = !sighting || now - (sighting.answeredAt ?? sighting.since) >= SHARD_LOST_MS;
  const hasNoLease = !isDatabaseUp || leaseState(lease) !== 'held';
  return { state: isGone && hasNoLease ? 'lost' : 'unreachable', since };
}

/** A frontend that began after the shard was gone knows from the lease alone when that was. */
function lastHeardOf(sighting: Sighting | undefined, lease: LeaseRow | undefined, now: number): number {
  const renewedAt = lease ? Math.min(now, now - lease.ageMs) : now;
  if (!sighting) return renewedAt;
  return sighting.answeredAt === null ? Math.min(sighting.since, renewedAt) : sighting.answeredAt;
}
