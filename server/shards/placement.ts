/** Decides where a person's new sessions go: bounded, so that no shard takes more people than it can hold. */
import type { AssignmentReason } from '../../protocol/identity.ts';
import { shardPreference } from '../../protocol/routing.ts';

/** A place is held this long for a person who has no session there yet. */
export const RESERVATION_MS = 120_000;
/** A session may be opened on a reservation that has this long to go: above the 60 s that the gateway gives to a request. */
export const MIN_RESERVED_MS = 65_000;

/** One configured shard at the moment of the decision. */
export interface ShardFacts {
  id: string;
  isUp: boolean;
  isDraining: boolean;
  /** People other than this one who have a live session or a reservation there. */
  others: number;
  /** Whether this person has a live session there. */
  isHome: boolean;
}

export interface Question {
  email: string;
  /** In the configured order, which the published default goes by. */
  shards: readonly ShardFacts[];
  /** The shard of the person's row, configured or not. */
  knownShardId: string | undefined;
  /** People that one shard holds. */
  capacity: number;
  /** A session is to be opened at once, so a shard that does not answer will not do. */
  isToOpen: boolean;
}

export type Placement =
  /** The row stands, and the place is held. */
  | { kind: 'keep' }
  /** A new row, or the next epoch of the known one. */
  | { kind: 'place'; shardId: string; reason: AssignmentReason }
  | { kind: 'refuse'; why: 'draining' | 'full' };

type Obstacle = 'down' | 'draining' | 'full';

/**
 * Who has a live session on their shard stays there, whatever the count; only an open does not wait for a shard that is down.
 * Others keep their shard while it has a place, and else take the first in their order that has. When no shard answers, that
 * says nothing for or against any: they will be back.
 */
export function place({ email, shards, knownShardId, capacity, isToOpen }: Question): Placement {
  const isAnyUp = shards.some(({ isUp }) => isUp);
  const obstacleAt = (shard: ShardFacts) => (isAnyUp && !shard.isUp ? 'down' : obstacle(shard, capacity));
  const known = shards.find(({ id }) => id === knownShardId);
  if (known && (!obstacleAt(known) || (known.isHome && !isToOpen))) return { kind: 'keep' };
  const order = preferred(email, shards);
  const first = order[0]!;
  const chosen = order.find((shard) => !obstacleAt(shard));
  if (!chosen) return { kind: 'refuse', why: commonObstacle(shards, obstacleAt) };
  if (knownShardId === undefined) {
    return { kind: 'place', shardId: chosen.id, reason: chosen === first ? 'hash' : `default_${obstacleAt(first)!}` };
  }
  const reason = known ? (`moved_${obstacleAt(known)!}` as const) : 'moved_removed';
  return { kind: 'place', shardId: chosen.id, reason };
}

/** What keeps this person from a place on a shard that answers; undefined when nothing does. A live session there is a place. */
export function obstacle(shard: ShardFacts, capacity: number): 'draining' | 'full' | undefined {
  if (shard.isHome) return undefined;
  if (shard.isDraining) return 'draining';
  return shard.others < capacity ? undefined : 'full';
}

function preferred(email: string, shards: readonly ShardFacts[]): ShardFacts[] {
  const ids = shards.map(({ id }) => id);
  return shardPreference(email, ids).map((id) => shards.find((shard) => shard.id === id)!);
}

/** Draining only when every shard that answers is: otherwise it is a matter of places. */
function commonObstacle(
  shards: readonly ShardFacts[],
  of: (shard: ShardFacts) => Obstacle | undefined,
): 'draining' | 'full' {
  return shards.some((shard) => of(shard) === 'full') ? 'full' : 'draining';
}
