/** The shards as people and admins see them: who answers, who is being drained, who is lost, and how full each is. */
import { z } from 'zod';
import { endpoint } from './endpoint.ts';

/**
 * `up`: it answers · `draining`: it answers and takes no new people · `unreachable`: the gateway cannot reach it ·
 * `lost`: unreachable for SHARD_LOST_MS, and its lease is not held either (limits.ts), so it is not merely cut off from the gateway.
 */
export const ShardState = z.enum(['up', 'draining', 'unreachable', 'lost']);
export type ShardState = z.infer<typeof ShardState>;

export const ShardSeen = z.object({
  id: z.string(),
  /** As in ShardAddress. One that is no longer configured has an address as well, at which nothing answers. */
  url: z.string(),
  state: ShardState,
  /** When that began: it answered again, was set to drain, or was last heard of. */
  since: z.iso.datetime(),
});
export type ShardSeen = z.infer<typeof ShardSeen>;

/** The configured shards, and those of earlier configurations that the database still knows. */
export const getShardStates = endpoint({
  method: 'GET',
  path: '/api/shards',
  input: z.object({}),
  output: z.object({ shards: z.array(ShardSeen) }),
});

/** `held`: renewed lately · `stale`: not renewed for SHARD_LOST_MS · `none`: that shard was never there. */
export const LeaseState = z.enum(['held', 'stale', 'none']);
export type LeaseState = z.infer<typeof LeaseState>;

/** How full a shard is and who holds it, for an admin. */
export const ShardOverview = z.object({
  id: z.string(),
  /** Of the backend that last held the lease. */
  version: z.string(),
  /** People with a live session or a reservation; the bound is `capacity`. */
  people: z.number().int(),
  /** Live sessions. */
  sessions: z.number().int(),
  capacity: z.number().int(),
  lease: LeaseState,
  /** Since the last renewal of the lease, by the database's clock. */
  leaseAgeMs: z.number(),
  draining: z.boolean(),
  drainingSince: z.iso.datetime().nullable(),
});
export type ShardOverview = z.infer<typeof ShardOverview>;

/** For admins; others are answered with `auth.forbidden`. */
export const listShards = endpoint({
  method: 'GET',
  path: '/api/v1/shards',
  input: z.object({}),
  output: z.object({ shards: z.array(ShardOverview) }),
});
/** For admins. A draining shard takes no new people; those with a live session there go on. It stays so over restarts. */
export const updateShard = endpoint({
  method: 'PATCH',
  path: '/api/v1/shards/:shardId',
  input: z.object({ shardId: z.string().min(1).max(40), draining: z.boolean() }),
  output: ShardOverview,
});
