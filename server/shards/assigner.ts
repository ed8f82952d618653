/** Gives each person a shard and a place on it, and remembers both: see placement.ts for the rule. */
import { AppError } from '../../protocol/errors.ts';
import type { Assignment, AssignmentReason } from '../../protocol/identity.ts';
import { shardPreference } from '../../protocol/routing.ts';
import type { Clock } from '../base/clock.ts';
import type { AssignmentRecord, AssignmentStore, Places, StandingAssignment } from './assignmentStore.ts';
import { MIN_RESERVED_MS, obstacle, place, type ShardFacts } from './placement.ts';
import type { ShardDirectory } from './shardDirectory.ts';
import { TimelyDatabase } from './timelyDatabase.ts';

export interface Choice {
  shardId: string;
  reason: AssignmentReason;
}

/** Without the database: the first shard in the person's order that answers; the default when none does. */
export function chooseShard(email: string, shards: readonly string[], isUp: (shardId: string) => boolean): Choice {
  const order = shardPreference(email, shards);
  const shardId = order.find(isUp) ?? order[0]!;
  return { shardId, reason: shardId === order[0] ? 'hash' : 'default_down' };
}

type Store = Pick<AssignmentStore, 'find' | 'underLocks'>;

export interface AssignerOptions {
  /** Undefined where there is no database. */
  store: Store | undefined;
  /** People that one shard holds. */
  capacity: number;
  isAway: (error: unknown) => boolean;
  clock: Clock;
}

/** Any backend answers any request that needs no place, so where such a request goes may be this old. */
const REMEMBERED_MS = 30_000;
const MAX_REMEMBERED = 10_000;

export class Assigner {
  #database: TimelyDatabase;
  #remembered = new Map<string, { shardId: string; at: number }>();

  constructor(
    private readonly directory: Pick<ShardDirectory, 'ids' | 'isUp' | 'has' | 'publicUrl'>,
    private readonly options: AssignerOptions,
  ) {
    this.#database = new TimelyDatabase(options.isAway, options.clock);
  }

  /**
   * Where this person's sessions go; a place there is held for two minutes. While the database is away the hash alone decides,
   * and nothing is remembered.
   * @throws AppError `shard.full`
   */
  async assign(email: string): Promise<Assignment> {
    try {
      return await this.#assign(email, false);
    } catch (error) {
      if (!this.#database.isAway(error)) throw error;
      return this.#byHash(email);
    }
  }

  /**
   * The shard on which this person opens a session now: one that answers and has a place for them.
   * @throws AppError `shard.full`; `database.unavailable`, because without counting nobody is let in
   */
  async shardToOpenOn(email: string): Promise<string> {
    return (await this.#assign(email, true)).shardId;
  }

  /**
   * Takes a place on a shard that the caller named, beside the one they are assigned to.
   * @throws AppError `shard.full`, `database.unavailable`
   */
  async takePlaceOn(email: string, shardId: string): Promise<void> {
    const { store, capacity } = this.options;
    if (!store || !this.directory.has(shardId)) return; // what is unknown or down is for the gateway to say
    await this.#underLocks(store, async (places) => {
      const shard = (await this.#facts(places, email)).find(({ id }) => id === shardId)!;
      const why = obstacle(shard, capacity);
      if (why) throw refusal(why, capacity, shardId);
      await places.reserve(email, shardId);
    });
  }

  /** Where a request goes that needs no place: the person's shard as last heard of, if it answers. */
  async shardToAsk(email: string): Promise<string> {
    const shardId = await this.#lastKnown(email);
    return this.directory.isUp(shardId)
      ? shardId
      : (this.directory.ids.find((id) => this.directory.isUp(id)) ?? shardId);
  }

  async #assign(email: string, isToOpen: boolean): Promise<Assignment> {
    const { store } = this.options;
    if (!store) return this.#byHash(email);
    const standing = await this.#database.ask(() => store.find(email));
    const record =
      standing && this.#holds(standing, isToOpen)
        ? kept(standing)
        : await this.#underLocks(store, (places) => this.#place(places, email, isToOpen));
    this.#remember(email, record.shardId);
    return { email, url: this.directory.publicUrl(record.shardId), ...record };
  }

  /** The usual case, for which nothing is locked or written. */
  #holds({ shardId, isHome, isDraining, reservedMs }: StandingAssignment, isToOpen: boolean): boolean {
    if (!this.directory.has(shardId)) return false;
    if (isHome && !isToOpen) return true;
    return this.directory.isUp(shardId) && (isHome || !isDraining) && reservedMs >= MIN_RESERVED_MS;
  }

  async #place(places: Places, email: string, isToOpen: boolean): Promise<AssignmentRecord> {
    const { capacity } = this.options;
    const known = await places.known(email);
    const shards = await this.#facts(places, email);
    const placement = place({ email, shards, knownShardId: known?.shardId, capacity, isToOpen });
    if (placement.kind === 'refuse') throw refusal(placement.why, capacity);
    const record =
      placement.kind === 'keep' ? kept(known!) : await places.assign(email, placement.shardId, placement.reason);
    await places.reserve(email, record.shardId);
    return record;
  }

  async #facts(places: Places, email: string): Promise<ShardFacts[]> {
    return (await places.count(email)).map((shard) => ({ ...shard, isUp: this.directory.isUp(shard.id) }));
  }

  #byHash(email: string): Assignment {
    const choice = chooseShard(email, this.directory.ids, (id) => this.directory.isUp(id));
    return { email, url: this.directory.publicUrl(choice.shardId), epoch: 0, ...choice };
  }

  async #lastKnown(email: string): Promise<string> {
    const now = this.options.clock.now();
    const remembered = this.#remembered.get(email);
    if (remembered && now - remembered.at < REMEMBERED_MS) return remembered.shardId;
    const standing = await this.#findUnlessAway(email);
    const shardId = standing && this.directory.has(standing.shardId) ? standing.shardId : this.#byHash(email).shardId;
    this.#remember(email, shardId);
    return shardId;
  }

  async #findUnlessAway(email: string): Promise<StandingAssignment | undefined> {
    const { store } = this.options;
    try {
      return store && (await this.#database.ask(() => store.find(email)));
    } catch (error) {
      if (!this.#database.isAway(error)) throw error;
      return undefined;
    }
  }

  /** Those who take a place wait here, not in the database: there they would hold a connection each and wait just as long. */
  #underLocks<Result>(store: Store, work: (places: Places) => Promise<Result>): Promise<Result> {
    return this.#database.askInTurn(() => store.underLocks(this.directory.ids, work));
  }

  #remember(email: string, shardId: string): void {
    if (this.#remembered.size >= MAX_REMEMBERED) this.#remembered.clear();
    this.#remembered.set(email, { shardId, at: this.options.clock.now() });
  }
}

function kept({ shardId, epoch }: AssignmentRecord): AssignmentRecord {
  return { shardId, epoch, reason: 'kept' };
}

/** @param shardId the shard that was asked for; without it, all were tried */
function refusal(why: 'draining' | 'full', capacity: number, shardId?: string): AppError {
  const sentences = {
    full: shardId
      ? `${shardId} is full (capacity ${capacity})`
      : `every shard that answers is full (capacity ${capacity}); a place is free when someone has closed their last session`,
    draining: shardId
      ? `${shardId} is being drained and takes no new people`
      : 'every shard that answers is being drained and takes no new people just now; sessions that run go on',
  };
  return new AppError('shard.full', sentences[why]);
}
