/** Decides and remembers a person's shard: the published default, kept once made, moved only when its shard is no longer configured. */
import type { Assignment, AssignmentReason } from '../../protocol/identity.ts';
import { shardPreference } from '../../protocol/routing.ts';
import type { AssignmentRecord, AssignmentStore } from './assignmentStore.ts';
import type { ShardDirectory } from './shardDirectory.ts';

export interface Choice {
  shardId: string;
  reason: AssignmentReason;
}

/** The first shard in the person's order that answers; the default when none does. */
export function chooseShard(email: string, shards: readonly string[], isUp: (shardId: string) => boolean): Choice {
  const order = shardPreference(email, shards);
  const shardId = order.find(isUp) ?? order[0]!;
  return { shardId, reason: shardId === order[0] ? 'hash' : 'default_down' };
}

export class Assigner {
  constructor(
    private readonly directory: ShardDirectory,
    private readonly store: AssignmentStore | undefined,
    private readonly isAway: (error: unknown) => boolean,
  ) {}

  /** Without a database, or while it is away, the hash alone decides, and nothing is remembered. */
  async assign(email: string): Promise<Assignment> {
    const choice = chooseShard(email, this.directory.ids, (id) => this.directory.isUp(id));
    try {
      const record = this.store ? await this.#remembered(email, choice) : { ...choice, epoch: 0 };
      return { email, url: this.directory.publicUrl(record.shardId), ...record };
    } catch (error) {
      if (!this.isAway(error)) throw error;
      return { email, url: this.directory.publicUrl(choice.shardId), epoch: 0, ...choice };
    }
  }

  async #remembered(email: string, choice: Choice): Promise<AssignmentRecord> {
    const store = this.store!;
    const known = await store.find(email);
    if (!known) return store.create(email, choice.shardId, choice.reason);
    if (this.directory.has(known.shardId)) return { ...known, reason: 'kept' };
    return store.move(email, known, choice.shardId, choice.reason);
  }
}
