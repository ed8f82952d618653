/** For tests: the book of assignments and places in memory, with the rules of its SQL. */
import type { AssignmentReason } from '../../protocol/identity.ts';
import type { ManualClock } from './manualClock.ts';
import type { AssignmentRecord, AssignmentStore, Places, StandingAssignment } from '../shards/assignmentStore.ts';
import { RESERVATION_MS } from '../shards/placement.ts';

export function shardsUp(ids: string[], up: ReadonlySet<string>) {
  return {
    ids,
    has: (id: string) => ids.includes(id),
    isUp: (id: string) => up.has(id),
    publicUrl: (id: string) => `/api/shards/${id}`,
  };
}

export class BookInMemory implements Pick<AssignmentStore, 'find' | 'underLocks'> {
  assignments = new Map<string, AssignmentRecord>();
  /** `<shard> <email>` → until when */
  reservations = new Map<string, number>();
  sessions: { email: string; shardId: string }[] = [];
  draining = new Set<string>();
  isAway = false;
  findCount = 0;
  lockedCount = 0;
  #locks: Promise<unknown> = Promise.resolve();

  constructor(readonly clock: ManualClock) {}

  open(email: string, shardId: string): void {
    this.sessions.push({ email, shardId });
  }

  isHome(email: string, shardId: string): boolean {
    return this.sessions.some((session) => session.email === email && session.shardId === shardId);
  }

  /** By the definition of people.ts. */
  people(shardId: string): string[] {
    const owners = this.sessions.filter((session) => session.shardId === shardId).map(({ email }) => email);
    const reserved = [...this.reservations]
      .filter(([key, until]) => key.startsWith(`${shardId} `) && until > this.clock.now())
      .map(([key]) => key.split(' ')[1]!);
    return [...new Set([...owners, ...reserved])].sort();
  }

  async find(email: string): Promise<StandingAssignment | undefined> {
    await this.#travel();
    this.findCount++;
    const known = this.assignments.get(email);
    if (!known) return undefined;
    const until = this.reservations.get(`${known.shardId} ${email}`) ?? 0;
    return {
      ...known,
      reservedMs: Math.max(0, until - this.clock.now()),
      isHome: this.isHome(email, known.shardId),
      isDraining: this.draining.has(known.shardId),
    };
  }

  underLocks<Result>(shardIds: readonly string[], work: (places: Places) => Promise<Result>): Promise<Result> {
    const run = this.#locks.then(async () => {
      this.lockedCount++;
      await this.#travel();
      return work(this.#places(shardIds));
    });
    this.#locks = run.catch(() => undefined);
    return run;
  }

  #places(shardIds: readonly string[]): Places {
    return {
      known: async (email) => (await this.#travel(), this.assignments.get(email)),
      count: async (email) => {
        await this.#travel();
        return shardIds.map((id) => ({
          id,
          isDraining: this.draining.has(id),
          others: this.people(id).filter((other) => other !== email).length,
          isHome: this.isHome(email, id),
        }));
      },
      reserve: async (email, shardId) => {
        await this.#travel();
        this.reservations.set(`${shardId} ${email}`, this.clock.now() + RESERVATION_MS);
      },
      assign: async (email: string, shardId: string, reason: AssignmentReason) => {
        await this.#travel();
        const record = { shardId, reason, epoch: (this.assignments.get(email)?.epoch ?? 0) + 1 };
        this.assignments.set(email, record);
        return record;
      },
    };
  }

  /** As a query would, it takes a moment in which others run. */
  async #travel(): Promise<void> {
    await Promise.resolve();
    // eslint-disable-next-line @typescript-eslint/only-throw-error -- stands for any error of the driver
    if (this.isAway) throw 'away';
  }
}
