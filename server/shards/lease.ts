/** What the age of a shard's lease says. Ages are measured by the database's clock alone: no two machines agree on the time. */
import { SHARD_LOST_MS } from '../../protocol/limits.ts';
import type { LeaseState } from '../../protocol/shards.ts';

/** The lease of one shard as the database told it. */
export interface LeaseRow {
  shardId: string;
  /** Since the last renewal, in ms. Below 0 when a clock was set back, which says nothing against the holder. */
  ageMs: number;
  /** Since the shard was set to drain, in ms; null when it is not draining. */
  drainingForMs: number | null;
}

/** @param row undefined when the database has none for this shard */
export function leaseState(row: Pick<LeaseRow, 'ageMs'> | undefined): LeaseState {
  if (!row) return 'none';
  return row.ageMs < SHARD_LOST_MS ? 'held' : 'stale';
}
