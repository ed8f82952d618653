import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../db/testing.ts';
import { SHARD_LOST_MS } from '../../protocol/limits.ts';
import { ShardStore } from '../shards/shardStore.ts';
import type { LiveSession } from './liveSession.ts';
import { ScreenStore } from './screenStore.ts';
import { SessionStore } from './sessionStore.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());
beforeEach(() => database.knex.raw('truncate sessions, shards cascade'));

const ADA = 'ada@example.com';
const key = randomBytes(32);
const storeOf = (shardId: string) => new SessionStore(database.knex, shardId);
const screensOf = (shardId: string, sealKey = key) => new ScreenStore(database.knex, shardId, sealKey);
const rowOf = (id: string) => database.knex('sessions').where({ id }).first();

/** Time passes for every lease: the same as a database's clock that went on, because ages are all that is asked of it. */
const age = (ms: number) =>
  database.knex.raw(`update shards set heartbeat_at = heartbeat_at - ? * interval '1 millisecond'`, [ms]);
const beat = (shardId: string) =>
  new ShardStore(database.knex).renewLease({
    shardId,
    version: '1',
    hostGeneration: `host of ${shardId}`,
    holder: 'a life',
    startedAt: '2026-01-01',
  });

/** A session of Ada's that runs on this shard, under a fresh lease. */
async function runningOn(shardId: string, change: { state?: string; lease?: boolean } = {}): Promise<LiveSession> {
  const id = randomUUID();
  if (change.lease !== false) await beat(shardId);
  await storeOf(shardId).create({
    ...{ id, owner_email: ADA, project_id: null, incarnation: 1, host_generation: 'g1', name: 'bash' },
    ...{ command: ['bash'], cwd: '/', cols: 80, rows: 24, created_at: new Date(), conversation_id: null },
  });
  await database.knex.raw('update sessions set state = ? where id = ?', [change.state ?? 'running', id]);
  return { id, incarnation: 1, state: 'running', cols: 80, rows: 24, exit: null, endedAt: null } as LiveSession;
}

const revivalOf = ({ id }: LiveSession, incarnation = 1) => ({
  ...{ sessionId: id, ownerEmail: ADA, incarnation, conversationId: null, cols: 100, rows: 30 },
});

test('of ten that revive one lost session at once, exactly one does', async () => {
  const session = await runningOn('backend-2', { state: 'lost' });
  const tries = Array.from({ length: 10 }, (_, i) => storeOf(`backend-${i + 3}`).revive(revivalOf(session), 'g2'));
  const won = await Promise.all(tries);
  const { incarnation, shard_id, state } = (await rowOf(session.id))!;
  expect([won.filter(Boolean).length, incarnation, state]).toEqual([1, 2, 'starting']);
  expect(shard_id).toBe(`backend-${won.indexOf(true) + 3}`);
});

test('a session is revived when its shard is silent for long enough, or was never heard of; a live owner keeps it', async () => {
  const session = await runningOn('backend-2');
  const revive = () => storeOf('backend-1').revive(revivalOf(session), 'g2');
  expect(await revive()).toBe(false);
  await age(SHARD_LOST_MS - 1_000);
  expect(await revive()).toBe(false);
  await age(2_000);
  expect(await revive()).toBe(true);
  const homeless = await runningOn('backend-9', { lease: false });
  expect(await storeOf('backend-1').revive(revivalOf(homeless), 'g2')).toBe(true);
});

test('neither an ended session nor another person’s, nor another life of it, is revived', async () => {
  const ended = await runningOn('backend-2', { state: 'exited' });
  const lost = await runningOn('backend-2', { state: 'lost' });
  await age(3_600_000);
  const { revive } = { revive: storeOf('backend-1').revive.bind(storeOf('backend-1')) };
  const attempts = [
    revive(revivalOf(ended), 'g'),
    revive({ ...revivalOf(lost), ownerEmail: 'eve@example.com' }, 'g'),
    revive(revivalOf(lost, 2), 'g'),
  ];
  expect(await Promise.all(attempts)).toEqual([false, false, false]);
});

test('a session of a silent shard can be closed without it', async () => {
  const session = await runningOn('backend-2');
  expect(await storeOf('backend-1').deleteOrphan(session.id)).toBe(false);
  await age(SHARD_LOST_MS + 1);
  expect([await storeOf('backend-1').deleteOrphan(session.id), await rowOf(session.id)]).toEqual([true, undefined]);
});

test('an older life never writes over a newer one', async () => {
  const session = await runningOn('backend-2', { state: 'lost' });
  await storeOf('backend-1').revive(revivalOf(session), 'g2');
  await storeOf('backend-2').save({ ...session, state: 'exited', exit: { code: 0, signal: null } }, 'g1');
  await storeOf('backend-1').save({ ...session, state: 'exited' }, 'g1');
  expect(await rowOf(session.id)).toMatchObject({ shard_id: 'backend-1', state: 'starting', host_generation: 'g2' });
  await storeOf('backend-1').save({ ...session, incarnation: 2 }, 'g2');
  expect(await rowOf(session.id)).toMatchObject({ state: 'running', incarnation: 2 });
});

test('a revival whose program did not start is lost again, and can be tried again under the next number', async () => {
  const session = await runningOn('backend-2', { state: 'lost' });
  const store = storeOf('backend-1');
  await store.revive(revivalOf(session), 'g2');
  await store.reviveFailed(session.id, 2, false);
  expect(await rowOf(session.id)).toMatchObject({ state: 'lost', incarnation: 2 });
  expect(await store.revive(revivalOf(session, 2), 'g2')).toBe(true);
});

test('the sweep marks what is older than the timeout, and only one backend sweeps at a time', async () => {
  await beat('backend-1');
  const orphan = await runningOn('backend-2');
  await age(31 * 60_000);
  const alive = await runningOn('backend-1');
  const done = await runningOn('backend-1', { state: 'exited' });
  const store = storeOf('backend-1');
  const held = await database.knex.transaction();
  await held.raw('select pg_advisory_xact_lock(7236003)');
  expect(await store.sweepOrphans(30 * 60_000)).toEqual([]);
  await held.commit();
  expect(await store.sweepOrphans(30 * 60_000)).toEqual([ADA]);
  const states = await Promise.all([orphan, alive, done].map(async ({ id }) => (await rowOf(id))!.state));
  expect(states).toEqual(['lost', 'running', 'exited']);
});

const drawn = ({ id: sessionId }: LiveSession, incarnation: number, text: string, transcript?: string) => ({
  ...{ sessionId, incarnation, offset: 5_000_000_000, cols: 80, rows: 24 },
  ...{ screen: `\x1bc${text}`, recent: `${text}\x1b[m\r\n`, transcript },
});

test('a stored screen is read by any shard with the key, and by nobody without', async () => {
  const session = await runningOn('backend-2');
  await screensOf('backend-2').save(drawn(session, 1, 'secret-word', 'old\x1b[m\r\n'));
  const stored = await screensOf('backend-1').find(session.id);
  expect(stored).toMatchObject({
    incarnation: 1,
    offset: 5_000_000_000,
    cols: 80,
    rows: 24,
    screen: '\x1bcsecret-word',
  });
  expect(Date.parse(stored!.storedAt)).not.toBeNaN();
  expect(await screensOf('backend-1', randomBytes(32)).find(session.id)).toBeUndefined();
  const raw = JSON.stringify(await database.knex('session_screens').select());
  expect([raw.includes('secret-word'), raw.includes(Buffer.from('secret-word').toString('hex'))]).toEqual([
    false,
    false,
  ]);
});

test('the lines above the dividing line are the transcript, gone on with by what was stored later', async () => {
  const session = await runningOn('backend-2');
  const screens = screensOf('backend-2');
  const line = (text: string) => `${text}\x1b[m\r\n`;
  const recent = (...lines: string[]) => ({ ...drawn(session, 1, ''), recent: lines.map(line).join('') });
  expect(await screens.lines(session.id)).toBe('');
  await screens.save({ ...recent('3', '4', '5'), transcript: ['1', '2', '3', '4', '5'].map(line).join('') });
  await screens.save(recent('4', '5', '6', '7'));
  await screens.save(recent('3', '4', '5', '6', '7', '8'));
  expect(await screens.lines(session.id)).toBe(['1', '2', '3', '4', '5', '6', '7', '8'].map(line).join(''));
});

test('an owner of the past stores nothing; what the session leaves goes with it', async () => {
  const session = await runningOn('backend-2', { state: 'lost' });
  await screensOf('backend-2').save(drawn(session, 1, 'before', 'all\x1b[m\r\n'));
  await storeOf('backend-1').revive(revivalOf(session), 'g2');
  await screensOf('backend-2').save(drawn(session, 1, 'too late'));
  expect((await screensOf('backend-1').find(session.id))!.screen).toBe('\x1bcbefore');
  await screensOf('backend-1').save(drawn(session, 2, 'after'));
  expect(await screensOf('backend-1').find(session.id)).toMatchObject({ incarnation: 2, screen: '\x1bcafter' });
  expect(await screensOf('backend-1').lines(session.id)).toBe('after\x1b[m\r\n');
  await storeOf('backend-1').delete(session.id);
  expect(await database.knex('session_screens').select()).toEqual([]);
});
