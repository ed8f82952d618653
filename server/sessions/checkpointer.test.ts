import { expect, test } from 'vitest';
import { deferred, type Deferred } from '../base/deferred.ts';
import { silentLog } from '../base/log.ts';
import { ManualClock } from '../testing/manualClock.ts';
import type { Kept } from '../state/sessionStates.ts';
import { Checkpointer } from './checkpointer.ts';
import type { LiveSession } from './liveSession.ts';

const settle = async () => {
  for (let step = 0; step < 20; step++) await new Promise((resolve) => setImmediate(resolve));
};

/** A checkpointer of `count` running sessions, and what it did in order. */
function setUp(count: number) {
  const clock = new ManualClock();
  const live = Array.from({ length: count }, (_, i) => ({
    id: `s${i}`,
    incarnation: 1,
    state: 'running',
    feed: { end: 1 },
  }));
  const world = {
    did: [] as string[],
    isAway: false,
    gate: undefined as Deferred<void> | undefined,
    atOnce: 0,
    most: 0,
  };
  const checkpoints = {
    async checkpoint({ id }: LiveSession, known: Kept | undefined) {
      world.most = Math.max(world.most, ++world.atOnce);
      await world.gate?.promise;
      world.atOnce--;
      if (world.isAway) throw new Error('away');
      world.did.push(`${id} after ${known?.signs ?? 'nothing'}`);
      return { signs: `${id}:${world.did.length}`, leftOut: [] };
    },
    forget: (id: string) => Promise.resolve(void world.did.push(`forgot ${id}`)),
  };
  const checkpointer = new Checkpointer(() => live as unknown as LiveSession[], checkpoints, clock, silentLog);
  const pass = async (seconds: number) => {
    const before = world.did.length;
    for (let second = 0; second < seconds; second++) {
      clock.advance(1_000);
      await settle();
    }
    return world.did.slice(before);
  };
  const session = (i: number) => live[i] as unknown as LiveSession;
  return { clock, live, world, checkpointer, pass, session };
}

test('a session is looked at every two minutes, and what was stored is said the next time', async () => {
  const { pass } = setUp(1);
  expect(await pass(120)).toEqual([]);
  expect(await pass(1)).toEqual(['s0 after nothing']);
  expect(await pass(119)).toEqual([]);
  expect(await pass(1)).toEqual(['s0 after s0:1']);
});

test('soon after its last viewer has gone it is looked at once, however often viewers come and go', async () => {
  const { checkpointer, pass, session } = setUp(1);
  checkpointer.unwatched(session(0));
  expect(await pass(4)).toEqual([]);
  checkpointer.unwatched(session(0));
  expect(await pass(2)).toEqual(['s0 after nothing']);
  expect(await pass(30)).toEqual([]);
});

test('a few at a time, never two of one session, and everyone in turn', async () => {
  const { checkpointer, world, pass, session } = setUp(5);
  world.gate = deferred();
  for (let i = 0; i < 5; i++) checkpointer.unwatched(session(i));
  expect(await pass(300)).toEqual([]); // the store hangs, and many turns pass
  expect(world.atOnce).toBe(2);
  world.gate.resolve();
  expect((await pass(5)).map((one) => one.split(' ')[0]).sort()).toEqual(['s0', 's1', 's2', 's3', 's4']);
  expect(world.most).toBe(2);
});

test('who leaves while a session is being stored has it looked at again, after that', async () => {
  const { checkpointer, live, world, pass, session } = setUp(1);
  world.gate = deferred();
  checkpointer.unwatched(session(0));
  await pass(6);
  checkpointer.unwatched(session(0));
  expect(await pass(20)).toEqual([]);
  live[0]!.state = 'lost';
  checkpointer.lost(session(0));
  await pass(1);
  expect(world.most).toBe(1);
  world.gate.resolve();
  expect(await pass(1)).toEqual(['s0 after nothing', 's0 after s0:1']);
  expect(world.most).toBe(1);
});

test('while the store is away each is tried in its turn, and what was known stays known', async () => {
  const { world, pass } = setUp(1);
  await pass(121);
  world.isAway = true;
  expect(await pass(240)).toEqual([]);
  world.isAway = false;
  expect(await pass(120)).toEqual(['s0 after s0:1']);
});

test('a session that ended is forgotten after what was being stored of it, and not stored again', async () => {
  const { checkpointer, live, world, pass, session } = setUp(1);
  world.gate = deferred();
  checkpointer.unwatched(session(0));
  await pass(6);
  live[0]!.state = 'exited';
  const forgotten = checkpointer.ended('s0');
  expect(await pass(1)).toEqual([]);
  world.gate.resolve();
  await forgotten;
  expect(world.did).toEqual(['s0 after nothing', 'forgot s0']);
  expect(await pass(300)).toEqual([]);
});

test('what was lost with its host is stored at once; the next life begins anew', async () => {
  const { checkpointer, live, pass, session } = setUp(1);
  await pass(121);
  live[0]!.state = 'lost';
  checkpointer.lost(session(0));
  expect(await pass(1)).toEqual(['s0 after s0:1']);
  Object.assign(live[0]!, { state: 'running', incarnation: 2 });
  expect(await pass(122)).toEqual(['s0 after nothing']);
});

test('at the end all are stored, what was used last first; what takes too long is named', async () => {
  const { checkpointer, clock, live, world, pass } = setUp(6);
  await pass(1);
  for (const i of [4, 1]) {
    await pass(1);
    live[i]!.feed.end++;
  }
  const all = checkpointer.finish(8_000);
  await settle();
  expect(await all).toEqual([]);
  expect(world.did.slice(0, 2)).toEqual(['s1 after nothing', 's4 after nothing']);
  expect([world.did.length, world.most, clock.pendingTimers]).toEqual([6, 4, 0]);

  const slow = setUp(3);
  slow.world.gate = deferred();
  const unstored = slow.checkpointer.finish(8_000);
  await settle();
  slow.clock.advance(8_000);
  expect(await unstored).toEqual(['s0', 's1', 's2']);
  slow.world.gate.resolve();
});
