import { expect, test } from 'vitest';
import { deferred } from '../base/deferred.ts';
import { silentLog } from '../base/log.ts';
import { AppError } from '../../protocol/errors.ts';
import type { LeftOut } from '../state/manifest.ts';
import { ManualClock } from '../testing/manualClock.ts';
import { Hibernation } from './hibernation.ts';
import type { LiveSession } from './liveSession.ts';
import { Turns } from './turns.ts';

const settle = async () => {
  for (let step = 0; step < 20; step++) await new Promise((resolve) => setImmediate(resolve));
};

/** A shard with one running session, and what happened to it in order. */
function setUp(change: { agent?: boolean; store?: 'none'; leftOut?: LeftOut[] } = {}) {
  const clock = new ManualClock();
  const did: string[] = [];
  const gate = deferred<void>();
  const world = {
    isStoreAway: false,
    isScreenAway: false,
    isHostAway: false,
    isFenced: false,
    isTaken: true,
    isGated: false,
  };
  const conversation = change.agent ? { id: 'c', directory: '/' } : null;
  const session = { id: 's', incarnation: 1, state: 'running', ownerEmail: 'ada@example.com', conversation };
  const one = session as unknown as LiveSession;
  const live = new Map([['s', one]]);
  const turns = new Turns();
  const away = (isAway: boolean, code: 'state.unavailable' | 'screen.unavailable') =>
    isAway ? Promise.reject(new AppError(code, 'away')) : Promise.resolve();
  const parts = {
    registry: {
      get: (id: string) => live.get(id),
      stays: () => void (one.state = 'running'),
      isEnding: () => world.isHostAway,
      heldIds: [],
      surrender: (_session: LiveSession, { code }: AppError) => {
        live.delete('s');
        return Promise.resolve(void did.push(`ended: ${code}`));
      },
    },
    store: {
      hibernate: () => Promise.resolve(world.isTaken && did.push(`row, ${one.state}`) > 0),
      hibernated: () => Promise.resolve(void did.push('can be woken')),
      stays: () => Promise.resolve(),
      finishHibernations: () => Promise.resolve([]),
      ownership: () => Promise.resolve([]),
    },
    confirm: () =>
      world.isFenced ? Promise.reject(new AppError('ptyhost.unavailable', 'another one has it')) : Promise.resolve(),
    screens: { keep: () => away(world.isScreenAway, 'screen.unavailable'), ended: () => undefined },
    checkpointer:
      change.store === 'none'
        ? undefined
        : {
            keep: async () => {
              if (world.isGated) await gate.promise;
              await away(world.isStoreAway, 'state.unavailable');
              did.push('stored');
              return { signs: 'x', leftOut: change.leftOut ?? [] };
            },
            ended: () => Promise.resolve(),
          },
    onChanged: () => undefined,
    ...{ turns, clock, log: silentLog },
  };
  const hibernation = new Hibernation(parts);
  const putAway = (evenIfNotStored = false) =>
    hibernation.putAway(one, evenIfNotStored).then(
      () => 'put away',
      (error: AppError) => `${error.code}: ${error.message}`,
    );
  return { did, world, gate, clock, live, turns, session: one, putAway, hibernation };
}

test('first it is stored, then given up, then ended, then what it did at its end is stored, and then it can be woken', async () => {
  const { did, putAway } = setUp();
  expect(await putAway()).toBe('put away');
  expect(did).toEqual(['stored', 'row, hibernated', 'ended: session.hibernated', 'stored', 'can be woken']);
});

test.each([
  { what: 'a store that is away', set: { isStoreAway: true }, says: 'state.unavailable' },
  { what: 'a screen that cannot be drawn', set: { isScreenAway: true }, says: 'screen.unavailable' },
  {
    what: 'a bound',
    leftOut: [{ what: 'big.bin', why: 'too large' }],
    says: 'state.incomplete: not all of it was stored: big.bin (too large)',
  },
  { what: 'an agent without a store', agent: true, store: 'none' as const, says: 'state.incomplete' },
])('$what keeps a session from being put away, unless it is to be at any rate', async ({ set, says, ...change }) => {
  const { did, world, session, putAway } = setUp(change);
  Object.assign(world, set);
  expect(await putAway()).toContain(says);
  expect([session.state, did.includes('row, hibernated')]).toEqual(['running', false]);
  expect(await putAway(true)).toBe('put away');
  expect(did).toContain('ended: session.hibernated');
});

test('a shell needs no store', async () => {
  expect(await setUp({ store: 'none' }).putAway()).toBe('put away');
});

test('a store that hangs is given up after a while, and the session goes on', async () => {
  const { did, world, clock, session, putAway } = setUp();
  world.isGated = true;
  const outcome = putAway();
  await settle();
  clock.advance(35_000);
  expect(await outcome).toContain('state.unavailable');
  expect([session.state, did, clock.pendingTimers]).toEqual(['running', [], 0]);
});

test('whoever asks meanwhile is answered the same, and it is done once', async () => {
  const { did, world, gate, putAway } = setUp();
  world.isGated = true;
  const outcomes = [putAway(), putAway(), putAway()];
  await settle();
  gate.resolve();
  expect(await Promise.all(outcomes)).toEqual(['put away', 'put away', 'put away']);
  expect(did.filter((what) => what.startsWith('row'))).toHaveLength(1);
});

test('who asks for it at any rate is not answered with what another was refused', async () => {
  const { world, putAway } = setUp();
  world.isStoreAway = true;
  const [first, second] = await Promise.all([putAway(), putAway(true)]);
  expect([first.split(':')[0], second]).toEqual(['state.unavailable', 'put away']);
});

test.each(['exited', 'lost'] as const)('a session that %s while it was being stored is not put away', async (state) => {
  const { did, world, gate, session, putAway } = setUp();
  world.isGated = true;
  const outcome = putAway();
  await settle();
  session.state = state;
  gate.resolve();
  expect([await outcome, did]).toEqual([expect.stringContaining('session.not_running'), ['stored']]);
  expect(session.state).toBe(state);
});

test('a close that came first is not undone', async () => {
  const { did, world, gate, live, turns, putAway } = setUp();
  world.isGated = true;
  const outcome = putAway();
  await settle();
  const closing = deferred<void>();
  const closed = turns.take('s', async () => {
    await closing.promise;
    live.delete('s');
  });
  gate.resolve();
  await settle();
  expect(did).toEqual(['stored']);
  closing.resolve();
  await closed;
  expect([await outcome, did]).toEqual([expect.stringContaining('session.not_running'), ['stored']]);
});

test('a row that another has is left alone, and so is the session', async () => {
  const { did, world, session, putAway } = setUp();
  world.isTaken = false;
  expect(await putAway()).toContain('session.not_running');
  expect([session.state, did]).toEqual(['running', ['stored']]);
});

test('a backend that was replaced while it stored changes nothing', async () => {
  const { did, world, session, putAway } = setUp();
  world.isFenced = true;
  expect(await putAway(true)).toContain('ptyhost.unavailable');
  expect([session.state, did]).toEqual(['running', ['stored']]);
});

test('when the pty host stops answering after that, it is put away and cannot be woken yet', async () => {
  const { did, world, putAway } = setUp();
  world.isHostAway = true;
  expect(await putAway()).toBe('put away');
  expect(did).toEqual(['stored', 'row, hibernated', 'ended: session.hibernated']);
});
