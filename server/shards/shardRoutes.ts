/** Shards over HTTP, for admins. */
import { Router } from 'express';
import { AppError } from '../../protocol/errors.ts';
import { listShards, updateShard, type ShardOverview } from '../../protocol/shards.ts';
import type { Caller } from '../http/caller.ts';
import { serve } from '../http/serve.ts';
import { leaseState } from './lease.ts';
import type { CountedShardRow, ShardStore } from './shardStore.ts';

/** @param capacity people that one shard holds */
export function shardRoutes(shards: Pick<ShardStore, 'overview' | 'setDraining'>, capacity: number): Router {
  const router = Router();
  serve(router, listShards, async (_input, caller) => {
    requireAdmin(caller);
    return { shards: (await shards.overview()).map((row) => toOverview(row, capacity)) };
  });
  serve(router, updateShard, async ({ shardId, draining }, caller) => {
    requireAdmin(caller);
    await shards.setDraining(shardId, draining);
    const row = (await shards.overview()).find(({ id }) => id === shardId);
    if (!row) throw new AppError('shard.not_found', 'there is no such shard');
    return toOverview(row, capacity);
  });
  return router;
}

function requireAdmin({ roles }: Caller): void {
  if (!roles.includes('admin')) throw new AppError('auth.forbidden', 'this is for admins');
}

function toOverview(row: CountedShardRow, capacity: number): ShardOverview {
  const { drainingSince, ...figures } = row;
  return {
    ...figures,
    capacity,
    lease: leaseState({ ageMs: row.leaseAgeMs }),
    draining: drainingSince !== null,
    drainingSince: drainingSince?.toISOString() ?? null,
  };
}
