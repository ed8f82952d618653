/** One backend's hold on its shard: renewed by its heartbeat, given up for good when a newer life of the shard holds it. */
import { randomUUID } from 'node:crypto';
import type { Log } from '../base/log.ts';
import type { LeaseClaim, ShardStore } from './shardStore.ts';

export interface LeaseEvents {
  /** The shard was set to drain, or no longer is; told at the first renewal as well when it is. */
  onDraining(isDraining: boolean): void;
  /** A newer backend of this shard holds the lease; told once. This one must end, its pty host lives on. */
  onFenced(): void;
}

export class ShardLease {
  readonly holder = randomUUID();
  #startedAt: Promise<string> | undefined;
  #isFenced = false;
  #isDraining = false;

  constructor(
    private readonly store: Pick<ShardStore, 'now' | 'renewLease'>,
    private readonly describe: () => Pick<LeaseClaim, 'shardId' | 'version' | 'hostGeneration'>,
    private readonly events: LeaseEvents,
    private readonly log: Log,
  ) {}

  /** Rejects when the database does not answer; the lease then grows old, and terminals go on. */
  async renew(): Promise<void> {
    if (this.#isFenced) return;
    const startedAt = await this.#start();
    const held = await this.store.renewLease({ ...this.describe(), holder: this.holder, startedAt });
    if (!held) return this.#fence();
    if (held.isDraining === this.#isDraining) return;
    this.#isDraining = held.isDraining;
    this.log.info({ isDraining: held.isDraining }, 'draining was set');
    this.events.onDraining(held.isDraining);
  }

  /** Something of the shard's row changed. The next renewal finds what this one misses. */
  async refresh(): Promise<void> {
    await this.renew().catch((error: unknown) => this.log.debug({ err: error }, 'the lease could not be renewed'));
  }

  /** Asked for once, because a life begins once; asked again when there was no answer. */
  #start(): Promise<string> {
    this.#startedAt ??= this.store.now().catch((error: unknown) => {
      this.#startedAt = undefined;
      throw error;
    });
    return this.#startedAt;
  }

  #fence(): void {
    if (this.#isFenced) return;
    this.#isFenced = true;
    this.events.onFenced();
  }
}
