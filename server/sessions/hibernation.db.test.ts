import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../db/testing.ts';
import { AppError } from '../../protocol/errors.ts';
import { SHARD_LOST_MS } from '../../protocol/limits.ts';
import { silentLog } from '../base/log.ts';
import { ShardStore } from '../shards/shardStore.ts';
import { ManualClock } from '../testing/manualClock.ts';
import { Hibernation } from './hibernation.ts';
import type { LiveSession } from './liveSession.ts';
import { OwnershipCheck } from './ownershipCheck.ts';
import { SessionStore } from './sessionStore.ts';
import { Turns } from './turns.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());
beforeEach(() => database.knex.raw('truncate sessions, shards cascade'));

const ADA = 'ada@example.com';
const SHARD = 'backend-2';
const elsewhere = () => new SessionStore(database.knex, 'backend-1');
const never = new Promise<never>(() => undefined);
const settle = async () => {
  await new Promise((resolve) => setImmediate(resolve));
};

/** What a backend does to the world while it puts a session away, in order. */
const STEPS = ['keep', 'row', 'row written', 'end', 'ended', 'forgotten', 'keep last', 'rest', 'rest written'] as const;
type Step = (typeof STEPS)[number];

/** The pty host of a shard: it outlives backends, and what has ended in it is there until it is forgotten. */
class Host {
  programs = new Map<string, 'running' | 'exited'>();
}

/** One life of the shard's backend; `die` names the step at which it does nothing more. */
class Backend {
  readonly live = new Map<string, LiveSession>();
  readonly stored: string[] = [];
  readonly forgotten: string[] = [];
  isDead = false;
  readonly hibernation: Hibernation;
  readonly #check: OwnershipCheck;
  readonly #store = new SessionStore(database.knex, SHARD);
  readonly #ending = new Set<string>();
  /** What the check has begun and does not wait for. */
  #begun: Promise<unknown>[] = [];

  constructor(
    readonly host: Host,
    private readonly fault: { die?: Step; fail?: Step } = {},
  ) {
    for (const [id, state] of host.programs) this.live.set(id, sessionOf(id, state));
    const registry = {
      get: (id: string) => this.live.get(id),
      ids: [...host.programs.keys()],
      heldIds: [...host.programs.keys()],
      isEnding: (id: string) => this.#ending.has(id),
      stays: (session: LiveSession) => (session.state = 'running'),
      surrender: (session: LiveSession) => this.#surrender(session),
    };
    const keep = async (step: Step, { id }: LiveSession) => {
      await this.#at(step);
      this.stored.push(id);
      return { signs: '', leftOut: [] };
    };
    this.hibernation = new Hibernation({
      registry: registry,
      store: {
        hibernate: (life) => this.#write('row', 'row written', () => this.#store.hibernate(life)),
        hibernated: (life) => this.#write('rest', 'rest written', () => this.#store.hibernated(life)),
        stays: (life) => this.#store.stays(life),
        ownership: (ids) => this.#store.ownership(ids),
        finishHibernations: (ids) => this.#store.finishHibernations(ids),
      },
      confirm: () => Promise.resolve(),
      screens: { keep: () => Promise.resolve(), ended: ({ id }) => void this.forgotten.push(`screen of ${id}`) },
      checkpointer: {
        keep: (session, known) => keep(known ? 'keep last' : 'keep', session),
        ended: (id) => Promise.resolve(void this.forgotten.push(id)),
      },
      turns: new Turns(),
      onChanged: () => undefined,
      clock: new ManualClock(),
      log: silentLog,
    });
    this.#check = new OwnershipCheck({
      shardId: SHARD,
      store: this.#store,
      registry,
      saver: { changed: (session) => void this.#begin(this.#store.save(session, 'g')) },
      hibernation: { resolve: (session) => this.#begin(this.hibernation.resolve(session)) },
      clock: new ManualClock(),
      log: silentLog,
    });
  }

  /** What a backend does when it begins, and with each renewal of its lease. */
  async beat(): Promise<void> {
    for (const session of this.live.values()) if (session.state === 'exited') await this.hibernation.ended(session);
    for (const session of this.live.values()) await this.#store.save(session, 'g');
    await this.#store.markLost([...this.live.keys()]);
    await this.#check.run();
    await Promise.all(this.#begun);
    await this.hibernation.finishOthers();
  }

  #begin<T>(work: Promise<T>): Promise<T> {
    this.#begun.push(work);
    return work;
  }

  async #surrender(session: LiveSession): Promise<void> {
    this.live.delete(session.id);
    this.#ending.add(session.id);
    await this.#at('end');
    this.host.programs.set(session.id, 'exited');
    await this.#at('ended');
    this.host.programs.delete(session.id);
    await this.#at('forgotten');
    this.#ending.delete(session.id);
  }

  async #write<T>(before: Step, after: Step, query: () => Promise<T>): Promise<T> {
    await this.#at(before);
    const answer = await query();
    await this.#at(after);
    return answer;
  }

  async #at(step: Step): Promise<void> {
    if (this.fault.die === step) this.isDead = true;
    if (this.isDead) return never;
    if (this.fault.fail === step) throw new AppError('database.unavailable', 'the connection broke');
  }
}

function sessionOf(id: string, state: 'running' | 'exited'): LiveSession {
  const exit = state === 'exited' ? { code: 0, signal: null } : null;
  const what = { id, incarnation: 1, state, cols: 80, rows: 24, exit, endedAt: null, ownerEmail: ADA };
  return { ...what, conversation: { id: 'c', directory: '/' }, createdAt: new Date().toISOString() } as LiveSession;
}

async function openedOn(host: Host): Promise<string> {
  const id = randomUUID();
  await new ShardStore(database.knex).renewLease({
    ...{ shardId: SHARD, version: '1', hostGeneration: 'g', holder: 'a life', startedAt: '2026-01-01' },
  });
  const store = new SessionStore(database.knex, SHARD);
  await store.create({
    ...{ id, owner_email: ADA, project_id: null, incarnation: 1, host_generation: 'g', name: 'bash' },
    ...{ command: ['bash'], cwd: '/', cols: 80, rows: 24, created_at: new Date(), conversation_id: null },
  });
  host.programs.set(id, 'running');
  await store.save(sessionOf(id, 'running'), 'g');
  return id;
}

const wake = (id: string, incarnation = 1) =>
  elsewhere().revive(
    { sessionId: id, ownerEmail: ADA, incarnation, conversationId: null, cols: 80, rows: 24 },
    'other host',
  );
const found = async (id: string) => (await elsewhere().find(id))!;

test('a session that was put away has its state stored, no program, and can be woken; the row keeps its place', async () => {
  const host = new Host();
  const id = await openedOn(host);
  const backend = new Backend(host);
  await backend.hibernation.putAway(backend.live.get(id)!, false);
  const { state, incarnation, shardId, endedAt } = await found(id);
  expect([state, incarnation, shardId, typeof endedAt]).toEqual(['hibernated', 1, SHARD, 'string']);
  expect([host.programs.size, backend.live.size, backend.stored]).toEqual([0, 0, [id, id]]);
  expect([await wake(id), await wake(id)]).toEqual([true, false]);
  expect(await found(id)).toMatchObject({ state: 'starting', incarnation: 2, shardId: 'backend-1' });
});

test.each(STEPS.flatMap((die) => [false, true].map((isHostDead) => ({ die, isHostDead, at: STEPS.indexOf(die) }))))(
  'a backend that dies at: $die (its host with it: $isHostDead) leaves it running or lost, or put away, and never between',
  async ({ at, die, isHostDead }) => {
    const host = new Host();
    const id = await openedOn(host);
    const first = new Backend(host, { die });
    void first.hibernation.putAway(first.live.get(id)!, false);
    while (!first.isDead) await settle();
    // Nobody wakes what is being ended still, while the shard lives.
    if (at < STEPS.indexOf('rest written')) expect(await wake(id)).toBe(false);
    if (isHostDead) host.programs.clear();
    const second = new Backend(host);
    await second.beat();
    const { state, endedAt } = await found(id);
    const isGivenUp = at >= STEPS.indexOf('row written');
    expect(state).toBe(isGivenUp ? 'hibernated' : isHostDead ? 'lost' : 'running');
    expect([host.programs.get(id), endedAt === null]).toEqual(
      state === 'running' ? ['running', true] : [undefined, false],
    );
    expect(second.forgotten).toEqual([]); // what it is woken with
    expect(await wake(id)).toBe(state !== 'running');
  },
);

test('a put-away whose backend never comes back is woken elsewhere when the shard counts as lost', async () => {
  const host = new Host();
  const id = await openedOn(host);
  const first = new Backend(host, { die: 'end' });
  void first.hibernation.putAway(first.live.get(id)!, false);
  while (!first.isDead) await settle();
  expect(await wake(id)).toBe(false);
  await database.knex.raw(`update shards set heartbeat_at = heartbeat_at - ? * interval '1 millisecond'`, [
    SHARD_LOST_MS + 1,
  ]);
  expect(await wake(id)).toBe(true);
  // The owner comes back: what runs there is an older life, whatever it had been about to do.
  const { state, incarnation } = await found(id);
  await new SessionStore(database.knex, SHARD).hibernated({ id, incarnation: 1 });
  expect([state, incarnation, await elsewhere().find(id)]).toEqual(['starting', 2, await found(id)]);
});

test.each(['row', 'row written'] as const)(
  'when the database breaks off at “%s” the session goes on, and its row says so',
  async (fail) => {
    const host = new Host();
    const id = await openedOn(host);
    const backend = new Backend(host, { fail });
    const session = backend.live.get(id)!;
    await expect(backend.hibernation.putAway(session, false)).rejects.toMatchObject({ code: 'database.unavailable' });
    expect([session.state, host.programs.get(id)]).toEqual(['running', 'running']);
    await backend.beat();
    expect([(await found(id)).state, host.programs.get(id)]).toEqual(['running', 'running']);
    const again = new Backend(host);
    await again.hibernation.putAway(again.live.get(id)!, false);
    expect((await found(id)).state).toBe('hibernated');
  },
);

test('what was on its way to the row before does not write over it, and a failed wake leaves it put away', async () => {
  const host = new Host();
  const id = await openedOn(host);
  const backend = new Backend(host);
  await backend.hibernation.putAway(backend.live.get(id)!, false);
  const store = new SessionStore(database.knex, SHARD);
  for (const late of ['running', 'exited'] as const) await store.save(sessionOf(id, late), 'g');
  expect([await store.markLost([]), await store.sweepOrphans(0), (await found(id)).state]).toEqual([
    0,
    [],
    'hibernated',
  ]);
  expect(await wake(id)).toBe(true);
  await elsewhere().reviveFailed(id, 2, true);
  expect(await found(id)).toMatchObject({ state: 'hibernated', incarnation: 2 });
  expect(await wake(id, 2)).toBe(true);
  await elsewhere().reviveFailed(id, 3, false);
  expect((await found(id)).state).toBe('lost');
});

test('what is stored of a program that ended by itself goes with it', async () => {
  const host = new Host();
  const id = await openedOn(host);
  host.programs.set(id, 'exited');
  const backend = new Backend(host);
  await backend.beat();
  expect([(await found(id)).state, backend.forgotten]).toEqual(['exited', [`screen of ${id}`, id]]);
});

test('to the release before it is a lost session', async () => {
  const host = new Host();
  const id = await openedOn(host);
  const backend = new Backend(host);
  await backend.hibernation.putAway(backend.live.get(id)!, false);
  const row = await database.knex('sessions').where({ id }).first('state', 'ended_at');
  expect([row!.state, row!.ended_at]).toEqual(['lost', expect.any(Date)]);
});
