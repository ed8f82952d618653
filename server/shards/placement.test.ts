import { fc } from '../testing/property.ts';
import { expect, test } from 'vitest';
import { shardPreference } from '../../protocol/routing.ts';
import { BookInMemory, shardsUp } from '../testing/bookInMemory.ts';
import { ManualClock } from '../testing/manualClock.ts';
import { Assigner } from './assigner.ts';
import { place, RESERVATION_MS, type ShardFacts } from './placement.ts';

const SHARDS = ['backend-1', 'backend-2', 'backend-3'];
const PEOPLE = Array.from({ length: 12 }, (_, i) => `person-${i}@example.com`);
const CAPACITY = 3;
/** What an open may take: 5 s for the answer of the database and 60 s for the gateway's request. */
const OPEN_MS = 65_000;

const ADA = 'ada@example.com';
const DEFAULT = shardPreference(ADA, SHARDS)[0]!;

/** What becomes of Ada, whose default is DEFAULT, when it is as said and the others have room. */
function placed(facts: Partial<ShardFacts>, question: { known?: string; isToOpen?: boolean } = {}) {
  const shards = SHARDS.map((id) => ({
    id,
    isUp: true,
    isDraining: false,
    others: 0,
    isHome: false,
    ...(id === DEFAULT ? facts : {}),
  }));
  const { known: knownShardId, isToOpen = false } = question;
  const placement = place({ email: ADA, shards, knownShardId, capacity: CAPACITY, isToOpen });
  return placement.kind === 'place' ? placement.reason : placement.kind;
}
const full = { others: CAPACITY };

test('who comes for the first time is told why they are not on their default', () => {
  expect([{}, full, { isDraining: true }, { isUp: false }].map((facts) => placed(facts))).toEqual([
    'hash',
    'default_full',
    'default_draining',
    'default_down',
  ]);
});

test('who has no session keeps a shard that has a place, and is moved from one that has none', () => {
  const known = DEFAULT;
  expect([{}, full, { isDraining: true }, { isUp: false }].map((facts) => placed(facts, { known }))).toEqual([
    'keep',
    'moved_full',
    'moved_draining',
    'moved_down',
  ]);
  expect(placed({}, { known: 'backend-9' })).toBe('moved_removed');
});

test('who has a live session is not moved, unless to open another while their shard is down', () => {
  const known = DEFAULT;
  for (const facts of [full, { isDraining: true }, { isUp: false }]) {
    expect(placed({ isHome: true, ...facts }, { known })).toBe('keep');
  }
  expect(placed({ isHome: true, isDraining: true, ...full }, { known, isToOpen: true })).toBe('keep');
  expect(placed({ isHome: true, isUp: false }, { known, isToOpen: true })).toBe('moved_down');
});

/** Two frontends on one database, and the people in front of them. */
class World {
  clock = new ManualClock();
  book = new BookInMemory(this.clock);
  up = new Set(SHARDS);
  /** Opens that were let in and whose rows are not there yet. */
  opens: { email: string; shardId: string; deadline: number }[] = [];
  refused = 0;
  /** Whether the step that runs has no others beside it. */
  isAlone = true;
  #frontends = [0, 1].map(
    () =>
      new Assigner(shardsUp(SHARDS, this.up), {
        store: this.book,
        capacity: CAPACITY,
        isAway: () => false,
        clock: this.clock,
      }),
  );

  async signIn(frontend: number, email: string): Promise<void> {
    const before = this.book.assignments.get(email);
    const wasHome = before && this.book.isHome(email, before.shardId);
    await this.#unlessFull(async () => {
      const { shardId, epoch } = await this.#frontends[frontend]!.assign(email);
      // Epoch 0 is a guess by hash, for as long as a database that was too slow a moment ago counts as away.
      const isGuess = epoch === 0;
      if (wasHome && this.isAlone && !isGuess)
        expect([email, shardId, epoch]).toEqual([email, before.shardId, before.epoch]);
    });
  }

  async open(frontend: number, email: string): Promise<void> {
    await this.#letIn(email, () => this.#frontends[frontend]!.shardToOpenOn(email));
  }

  async openOn(frontend: number, email: string, shardId: string): Promise<void> {
    await this.#letIn(email, async () => {
      await this.#frontends[frontend]!.takePlaceOn(email, shardId);
      return shardId;
    });
  }

  /** The rows of the opens that were let in appear; a shard that is down answers none. */
  born(): void {
    for (const { email, shardId, deadline } of this.opens.splice(0)) {
      if (this.up.has(shardId) && this.clock.now() < deadline) this.book.open(email, shardId);
    }
  }

  close(email: string): void {
    const index = this.book.sessions.findIndex((session) => session.email === email);
    if (index >= 0) this.book.sessions.splice(index, 1);
  }

  toggle(set: Set<string>, shardId: string): void {
    if (!set.delete(shardId)) set.add(shardId);
  }

  #letIn(email: string, ask: () => Promise<string>): Promise<void> {
    const deadline = this.clock.now() + OPEN_MS;
    return this.#unlessFull(async () => void this.opens.push({ email, shardId: await ask(), deadline }));
  }

  /** The clock may jump while the database is asked: then it was too slow, and nobody was let in. */
  async #unlessFull(work: () => Promise<void>): Promise<void> {
    await work().catch((error: { code?: string }) => {
      if (error.code === 'shard.full') this.refused++;
      else if (error.code !== 'database.unavailable') throw error;
    });
  }
}

type Step = (world: World) => void | Promise<void>;
const frontend = fc.nat(1);
const person = fc.constantFrom(...PEOPLE);
const shard = fc.constantFrom(...SHARDS);
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.tuple(frontend, person).map(
    ([at, who]): Step =>
      (world) =>
        world.signIn(at, who),
  ),
  fc.tuple(frontend, person).map(
    ([at, who]): Step =>
      (world) =>
        world.open(at, who),
  ),
  fc.tuple(frontend, person, shard).map(
    ([at, who, where]): Step =>
      (world) =>
        world.openOn(at, who, where),
  ),
  fc.constant<Step>((world) => world.born()),
  person.map(
    (who): Step =>
      (world) =>
        world.close(who),
  ),
  fc.nat(RESERVATION_MS).map(
    (ms): Step =>
      (world) =>
        world.clock.advance(ms),
  ),
  shard.map(
    (id): Step =>
      (world) =>
        world.toggle(world.book.draining, id),
  ),
  shard.map(
    (id): Step =>
      (world) =>
        world.toggle(world.up, id),
  ),
);

test('whatever happens at once and in whatever order, no shard ever has more people than it can hold', async () => {
  let refused = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(step, { minLength: 1, maxLength: 6 }), { maxLength: 40 }), async (rounds) => {
      const world = new World();
      for (const round of rounds) {
        world.isAlone = round.length === 1;
        await Promise.all(round.map(async (run) => run(world)));
        for (const id of SHARDS) expect(world.book.people(id).length).toBeLessThanOrEqual(CAPACITY);
      }
      refused += world.refused;
    }),
    { numRuns: 300 },
  );
  expect(refused).toBeGreaterThan(0);
});

test('the same person is on the same shard from two devices, through two frontends, at once', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(frontend, person), { minLength: 2, maxLength: 8 }), async (devices) => {
      const clock = new ManualClock();
      const book = new BookInMemory(clock);
      const options = { store: book, capacity: 8, isAway: () => false, clock };
      const frontends = [0, 1].map(() => new Assigner(shardsUp(SHARDS, new Set(SHARDS)), options));
      const answers = await Promise.all(devices.map(([at, email]) => frontends[at]!.assign(email)));
      for (const { email, shardId, epoch } of answers) {
        expect([email, shardId, epoch]).toEqual([email, book.assignments.get(email)!.shardId, 1]);
      }
    }),
  );
});

test('nobody is refused while a shard that takes people has a place', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.subarray(SHARDS),
      fc.subarray(SHARDS),
      fc.integer({ min: 1, max: 12 }),
      async (down, draining, n) => {
        const world = new World();
        down.forEach((id) => world.up.delete(id));
        draining.forEach((id) => world.book.draining.add(id));
        for (const email of PEOPLE.slice(0, n)) await world.signIn(0, email);
        const answering = world.up.size > 0 ? [...world.up] : SHARDS;
        const takers = answering.filter((id) => !world.book.draining.has(id)).length;
        expect(world.refused).toBe(Math.max(0, n - takers * CAPACITY));
      },
    ),
  );
});
