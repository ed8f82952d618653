/** How all shards stand, for whoever waits for one: what the gateway saw, beside the leases in the database. */
import type { ShardSeen } from '../../protocol/shards.ts';
import type { Clock } from '../base/clock.ts';
import type { LeaseRow } from './lease.ts';
import type { ShardDirectory } from './shardDirectory.ts';
import { stateOf } from './shardState.ts';
import type { ShardStore } from './shardStore.ts';

/** Many wait at once when a shard is gone: they share what was read within this time. */
const SHARED_MS = 500;
/** A frozen database answers nothing, ever; people who wait are told without it. */
const ANSWER_TIMEOUT_MS = 1_000;

export class ShardWatch {
  #reading: Promise<LeaseRow[] | undefined> | undefined;

  constructor(
    private readonly directory: Pick<ShardDirectory, 'ids' | 'publicUrl' | 'sighting'>,
    private readonly store: Pick<ShardStore, 'leases'>,
    private readonly clock: Clock,
  ) {}

  /** The configured shards in their order, then the others that the database knows. Never rejects. */
  async states(): Promise<ShardSeen[]> {
    const leases = await this.#inTime((this.#reading ??= this.#read()));
    const now = this.clock.now();
    const known = leases?.map(({ shardId }) => shardId).sort() ?? [];
    return [...new Set([...this.directory.ids, ...known])].map((id) => {
      const lease = leases?.find(({ shardId }) => shardId === id);
      const { state, since } = stateOf(this.directory.sighting(id), lease, leases !== undefined, now);
      return { id, url: this.directory.publicUrl(id), state, since: new Date(since).toISOString() };
    });
  }

  /** undefined when the database does not answer. One question at a time, however long it takes. */
  async #read(): Promise<LeaseRow[] | undefined> {
    const leases = await this.store.leases().catch(() => undefined);
    this.clock.after(SHARED_MS, () => (this.#reading = undefined));
    return leases;
  }

  #inTime(reading: Promise<LeaseRow[] | undefined>): Promise<LeaseRow[] | undefined> {
    return new Promise((resolve) => {
      const cancel = this.clock.after(ANSWER_TIMEOUT_MS, () => resolve(undefined));
      void reading.then((leases) => {
        cancel();
        resolve(leases);
      });
    });
  }
}
