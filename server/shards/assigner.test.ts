import { expect, test } from 'vitest';
import { defaultShardIndex, shardPreference } from '../../protocol/routing.ts';
import { ManualClock } from '../testing/manualClock.ts';
import { Assigner, chooseShard } from './assigner.ts';
import { RESERVATION_MS } from './placement.ts';
import { BookInMemory, shardsUp } from '../testing/bookInMemory.ts';

const shards = ['backend-1', 'backend-2', 'backend-3'];
const email = 'ada@example.com';
const byHash = shards[defaultShardIndex(email, 3)]!;
const next = shardPreference(email, shards)[1]!;

function setUp({ ids = shards, capacity = 75, book }: { ids?: string[]; capacity?: number; book?: BookInMemory } = {}) {
  const clock = book?.clock ?? new ManualClock();
  const rows = book ?? new BookInMemory(clock);
  const up = new Set(ids);
  const options = { store: rows, capacity, isAway: (error: unknown) => error === 'away', clock };
  return { clock, rows, up, assigner: new Assigner(shardsUp(ids, up), options) };
}
const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'none',
    (error: { code: string }) => error.code,
  );

test('without a database the published default is taken when it is up, and else the next in order', () => {
  expect(chooseShard(email, shards, () => true)).toEqual({ shardId: byHash, reason: 'hash' });
  expect(chooseShard(email, shards, (id) => id !== byHash)).toEqual({ shardId: next, reason: 'default_down' });
  expect(chooseShard(email, shards, () => false)).toEqual({ shardId: byHash, reason: 'hash' });
});

test('an assignment is made once, and a second device is given the same', async () => {
  const { assigner, rows } = setUp();
  const first = await assigner.assign(email);
  expect(first).toEqual({ email, shardId: byHash, url: `/api/shards/${byHash}`, epoch: 1, reason: 'hash' });
  expect(await assigner.assign(email)).toEqual({ ...first, reason: 'kept' });
  expect(rows.lockedCount).toBe(1);
});

test('an assignment is kept when the number of shards grows', async () => {
  const before = setUp({ ids: ['backend-1', 'backend-2'] });
  const { shardId } = await before.assigner.assign(email);
  const after = await setUp({ book: before.rows }).assigner.assign(email);
  expect([after.shardId, after.epoch, after.reason]).toEqual([shardId, 1, 'kept']);
});

test('a person whose shard is no longer configured is moved, sessions or not, and the epoch tells', async () => {
  const { assigner, rows } = setUp();
  rows.assignments.set(email, { shardId: 'backend-9', epoch: 4, reason: 'hash' });
  rows.open(email, 'backend-9');
  expect(await assigner.assign(email)).toMatchObject({ shardId: byHash, epoch: 5, reason: 'moved_removed' });
});

test('while the database is away the hash alone decides, and no session is opened uncounted', async () => {
  const { assigner, rows, clock } = setUp();
  rows.isAway = true;
  const guess = { email, shardId: byHash, url: `/api/shards/${byHash}`, epoch: 0, reason: 'hash' };
  expect(await assigner.assign(email)).toEqual(guess);
  clock.advance(1_000);
  await expect(assigner.shardToOpenOn(email)).rejects.toBe('away');
  clock.advance(1_000);
  expect(await assigner.shardToAsk(email)).toBe(byHash);
  expect(rows.assignments.size).toBe(0);
});

test('while no shard answers the default stands, counted as ever', async () => {
  const { assigner, rows, up } = setUp({ capacity: 1 });
  up.clear();
  expect(await assigner.assign(email)).toMatchObject({ shardId: byHash, epoch: 1, reason: 'hash' });
  expect(await assigner.shardToOpenOn(email)).toBe(byHash);
  expect(await codeOf(assigner.takePlaceOn('bob@example.com', byHash))).toBe('shard.full');
  expect(rows.people(byHash)).toEqual([email]);
});

test('who has no session lapses after two minutes, and keeps the shard if it has a place then', async () => {
  const { assigner, rows, clock } = setUp({ ids: ['backend-1'], capacity: 1 });
  await assigner.assign(email);
  expect(await codeOf(assigner.assign('bob@example.com'))).toBe('shard.full');
  clock.advance(RESERVATION_MS);
  await assigner.assign('bob@example.com');
  expect(await codeOf(assigner.assign(email))).toBe('shard.full');
  clock.advance(RESERVATION_MS);
  expect(await assigner.assign(email)).toMatchObject({ epoch: 1, reason: 'kept' });
  expect(rows.people('backend-1')).toEqual([email]);
});

test('who is lapsed and finds the shard full is moved', async () => {
  const { assigner, clock } = setUp({ ids: ['backend-1', 'backend-2'], capacity: 1 });
  const { shardId } = await assigner.assign(email);
  clock.advance(RESERVATION_MS);
  await assigner.takePlaceOn('bob@example.com', shardId);
  const moved = await assigner.assign(email);
  expect([moved.shardId === shardId, moved.epoch, moved.reason]).toEqual([false, 2, 'moved_full']);
});

test('a session is opened only on a place that is held until its row is there', async () => {
  const { assigner, rows, clock } = setUp({ ids: ['backend-1'], capacity: 1 });
  await assigner.assign(email);
  clock.advance(RESERVATION_MS - 64_999); // less is left than an open may take
  await assigner.shardToOpenOn(email);
  clock.advance(64_999);
  expect(rows.people('backend-1')).toEqual([email]);
  expect(await codeOf(assigner.assign('bob@example.com'))).toBe('shard.full');
});

test('who has a live session stays on a shard that is draining or does not answer, but opens elsewhere while it is away', async () => {
  const { assigner, rows, up } = setUp();
  await assigner.assign(email);
  rows.open(email, byHash);
  rows.draining.add(byHash);
  expect(await assigner.shardToOpenOn(email)).toBe(byHash);
  up.delete(byHash);
  expect(await assigner.assign(email)).toMatchObject({ shardId: byHash, epoch: 1, reason: 'kept' });
  expect(await assigner.shardToOpenOn(email)).toBe(next);
  expect(await assigner.assign(email)).toMatchObject({ shardId: next, epoch: 2 });
});

test('who has none leaves a draining shard, and newcomers are told why they are elsewhere', async () => {
  const { assigner, rows } = setUp();
  await assigner.assign(email);
  rows.draining.add(byHash);
  expect(await assigner.assign(email)).toMatchObject({ shardId: next, epoch: 2, reason: 'moved_draining' });
  const { rows: fresh, assigner: other } = setUp();
  fresh.draining.add(byHash);
  expect(await other.assign(email)).toMatchObject({ shardId: next, epoch: 1, reason: 'default_draining' });
});

test('when every shard is draining the sentence says so, with the code of full', async () => {
  const { assigner, rows } = setUp();
  shards.forEach((id) => rows.draining.add(id));
  await expect(assigner.assign(email)).rejects.toMatchObject({
    code: 'shard.full',
    message: expect.stringContaining('being drained') as string,
  });
});

test('a place on a shard by name is counted too', async () => {
  const { assigner, rows } = setUp({ capacity: 1 });
  await assigner.takePlaceOn(email, 'backend-2');
  expect(await codeOf(assigner.takePlaceOn('bob@example.com', 'backend-2'))).toBe('shard.full');
  rows.draining.add('backend-3');
  expect(await codeOf(assigner.takePlaceOn('bob@example.com', 'backend-3'))).toBe('shard.full');
  await assigner.takePlaceOn('bob@example.com', 'backend-9'); // the gateway says that there is none
  expect(rows.reservations.size).toBe(1);
});

test('requests that need no place ask the database once in a while', async () => {
  const { assigner, rows, clock, up } = setUp();
  await assigner.assign(email);
  const finds = rows.findCount;
  for (let i = 0; i < 10; i++) expect(await assigner.shardToAsk(email)).toBe(byHash);
  expect(rows.findCount).toBe(finds);
  up.delete(byHash);
  expect(await assigner.shardToAsk(email)).not.toBe(byHash);
  clock.advance(30_000);
  await assigner.shardToAsk(email);
  expect(rows.findCount).toBe(finds + 1);
});
