import { expect, test } from 'vitest';
import { defaultShardIndex, shardPreference } from '../../protocol/routing.ts';
import { Assigner, chooseShard } from './assigner.ts';
import type { AssignmentRecord, AssignmentStore } from './assignmentStore.ts';
import { ManualClock } from '../testing/manualClock.ts';
import { ShardDirectory } from './shardDirectory.ts';

const shards = ['backend-1', 'backend-2', 'backend-3'];
const email = 'ada@example.com';
const byHash = shards[defaultShardIndex(email, 3)]!;

test('the published default is taken when it is up', () => {
  expect(chooseShard(email, shards, () => true)).toEqual({ shardId: byHash, reason: 'hash' });
});

test('when it is down the next in the order is taken, and the reason is told', () => {
  const next = shardPreference(email, shards)[1]!;
  expect(chooseShard(email, shards, (id) => id !== byHash)).toEqual({ shardId: next, reason: 'default_down' });
});

test('when all are down the default stands: it will be back', () => {
  expect(chooseShard(email, shards, () => false)).toEqual({ shardId: byHash, reason: 'hash' });
});

/** A table in memory. */
class Rows implements Pick<AssignmentStore, 'find' | 'create' | 'move'> {
  rows = new Map<string, AssignmentRecord>();
  find = (key: string) => Promise.resolve(this.rows.get(key));
  create = (key: string, shardId: string, reason: AssignmentRecord['reason']) => {
    this.rows.set(key, { shardId, reason, epoch: 1 });
    return Promise.resolve(this.rows.get(key)!);
  };
  move = (key: string, from: AssignmentRecord, shardId: string, reason: AssignmentRecord['reason']) => {
    this.rows.set(key, { shardId, reason, epoch: from.epoch + 1 });
    return Promise.resolve(this.rows.get(key)!);
  };
}

const directoryOf = (ids: string[]) =>
  new ShardDirectory(
    ids.map((id) => ({ id, url: 'http://127.0.0.1:1' })),
    new ManualClock(),
  );
const assignerOf = (ids: string[], rows: Rows) =>
  new Assigner(directoryOf(ids), rows as unknown as AssignmentStore, (error) => error === 'away');

test('an assignment is kept when the number of shards changes', async () => {
  const rows = new Rows();
  const before = await assignerOf(['backend-1', 'backend-2'], rows).assign(email);
  const after = await assignerOf(shards, rows).assign(email);
  expect([after.shardId, after.epoch, after.reason]).toEqual([before.shardId, 1, 'kept']);
});

test('a person whose shard is no longer configured is moved, and the epoch tells', async () => {
  const rows = new Rows();
  rows.rows.set(email, { shardId: 'backend-9', epoch: 4, reason: 'hash' });
  const { shardId, epoch } = await assignerOf(shards, rows).assign(email);
  expect([shards.includes(shardId), epoch]).toEqual([true, 5]);
});

test('while the database is away the hash alone decides', async () => {
  const rows = new Rows();
  // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- stands for any error of the driver
  rows.find = () => Promise.reject('away');
  expect(await assignerOf(shards, rows).assign(email)).toEqual({
    email,
    shardId: byHash,
    url: `/api/shards/${byHash}`,
    epoch: 0,
    reason: 'hash',
  });
});
