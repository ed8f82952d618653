import { expect, onTestFinished, test } from 'vitest';
import { AppError } from '../../protocol/errors.ts';
import { deferred } from '../base/deferred.ts';
import { silentLog } from '../base/log.ts';
import type { CommandResult, ShardCommand, ShardStore } from '../shards/shardStore.ts';
import { ManualClock } from '../testing/manualClock.ts';
import { CommandWorker } from './commandWorker.ts';
import type { SessionRegistry } from './sessionRegistry.ts';
import type { SessionService } from './sessionService.ts';

const ADA = 'ada@example.com';
const settle = async () => {
  for (let step = 0; step < 20; step++) await new Promise((resolve) => setImmediate(resolve));
};

/** A worker of a shard on which Ada has the session `s`, and what came of its commands. */
function setUp(commands: Partial<ShardCommand>[]) {
  const pending = commands.map((command, i) => ({
    ...{ id: String(i), sessionId: 's', requestedBy: ADA, kind: 'hibernate', ageMs: 0 },
    ...{ arguments: { incarnation: 1, evenIfNotStored: true, onlyIfIdle: false } },
    ...command,
  }));
  const outcomes: Record<string, string> = {};
  const did: string[] = [];
  const storing = deferred<void>();
  const shards = {
    pending: () => Promise.resolve(pending.filter(({ id }) => !(id in outcomes))),
    finish: (id: string, error: CommandResult['error']) =>
      Promise.resolve(void (outcomes[id] = error?.code ?? 'carried out')),
  };
  const service = {
    closeHere: () => Promise.resolve(did.push('closed') > 0),
    whenAtRest: () => Promise.resolve(),
    async putAwayHere(_session: unknown, how: { evenIfNotStored: boolean }) {
      did.push(`putting away, ${how.evenIfNotStored}`);
      await storing.promise;
    },
  };
  const registry = { get: (id: string) => (id === 's' ? { id, ownerEmail: ADA } : undefined) };
  const worker = new CommandWorker(
    'backend-1',
    shards as unknown as ShardStore,
    registry as unknown as SessionRegistry,
    service as unknown as SessionService,
    new ManualClock(),
    silentLog,
  );
  onTestFinished(() => worker.close());
  return { worker, outcomes, did, storing };
}

test('a session that takes long to be put away keeps no close waiting, and is put away once', async () => {
  const { worker, outcomes, did, storing } = setUp([{}, { kind: 'close' }]);
  await worker.wake();
  await settle();
  await worker.wake();
  await settle();
  expect([did, outcomes]).toEqual([['putting away, true', 'closed'], { 1: 'carried out' }]);
  storing.resolve();
  await settle();
  expect(outcomes).toEqual({ 0: 'carried out', 1: 'carried out' });
});

test('what nobody waits for any more is not put away, and is closed all the same', async () => {
  const hour = { ageMs: 3_600_000 };
  const { worker, outcomes, did } = setUp([hour, { ...hour, kind: 'close' }]);
  await worker.wake();
  await settle();
  expect([did, outcomes]).toEqual([['closed'], { 0: 'shard.unreachable', 1: 'carried out' }]);
});

test('another person’s session is not put away, nor one that is not here, nor by words that are not understood', async () => {
  const { worker, outcomes, did } = setUp([
    { requestedBy: 'eve@example.com' },
    { sessionId: 'other' },
    { arguments: { incarnation: 'first' } },
  ]);
  await worker.wake();
  await settle();
  expect([did, outcomes]).toEqual([[], { 0: 'session.not_running', 1: 'session.not_running', 2: 'internal' }]);
});

test('what refuses is answered with its own code', async () => {
  const { worker, outcomes, storing } = setUp([{}]);
  storing.reject(new AppError('state.incomplete', 'not all of it was stored'));
  await worker.wake();
  await settle();
  expect(outcomes).toEqual({ 0: 'state.incomplete' });
});
