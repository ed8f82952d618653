import { expect, test } from 'vitest';
import { deferred } from '../base/deferred.ts';
import { silentLog } from '../base/log.ts';
import { ManualClock } from '../testing/manualClock.ts';
import type { LiveSession } from './liveSession.ts';
import { ScreenSaver, type Screens } from './screenSaver.ts';
import type { Drawn } from './screenStore.ts';

const settle = () => new Promise((resolve) => setImmediate(resolve));

/** A saver of `count` running sessions, and what it stored: `id` for a screen alone, `id+` with the transcript. */
function savedSessions(count: number) {
  const clock = new ManualClock();
  const live = Array.from({ length: count }, (_, i) => ({
    id: `s${i}`,
    incarnation: 1,
    state: 'running',
    feed: { end: 10 },
  }));
  const stored: string[] = [];
  const world = { isAway: false, stored, deleted: [] as string[] };
  const screens: Screens = {
    visible: () => Promise.resolve({ offset: 9, cols: 80, rows: 24, text: '\x1bc' }),
    transcript: (_id, maxBytes) => Promise.resolve(`up to ${maxBytes}`),
  };
  const store = {
    save({ sessionId, transcript }: Drawn) {
      if (world.isAway) return Promise.reject(new Error('away'));
      stored.push(transcript === undefined ? sessionId : `${sessionId}+`);
      return Promise.resolve();
    },
    delete: (id: string) => Promise.resolve(void world.deleted.push(id)),
  };
  const saver = new ScreenSaver(() => live as unknown as LiveSession[], screens, store, clock, silentLog);
  /** Second by second, each turn to its end; what was stored in it. */
  const pass = async (seconds: number) => {
    const before = stored.length;
    for (let second = 0; second < seconds; second++) {
      clock.advance(1_000);
      for (let step = 0; step < 20; step++) await settle();
    }
    return stored.slice(before);
  };
  const session = (i: number) => live[i] as unknown as LiveSession;
  return { clock, live, world, saver, screens, pass, session };
}

test('a session is stored whole at first, then when it changed, at most every 30 s', async () => {
  const { live, pass } = savedSessions(1);
  expect(await pass(60)).toEqual(['s0+']);
  live[0]!.feed.end = 20;
  expect(await pass(1)).toEqual(['s0']);
  live[0]!.feed.end = 30;
  expect(await pass(28)).toEqual([]);
  expect(await pass(2)).toEqual(['s0']);
});

test('75 sessions that all change are spread over the period, and none is left out', async () => {
  const { live, pass } = savedSessions(75);
  const turns: string[][] = [];
  for (let second = 0; second < 30; second++) turns.push(await pass(1));
  expect(Math.max(...turns.map((turn) => turn.length))).toBe(4);
  expect(new Set(turns.flat()).size).toBe(live.length);
});

test('when the last viewer has gone the transcript is stored soon, if there is anything new in it', async () => {
  const { live, saver, session, pass } = savedSessions(1);
  await pass(31);
  saver.unwatched(session(0));
  expect(await pass(10)).toEqual([]);
  live[0]!.feed.end = 20;
  await pass(1);
  saver.unwatched(session(0));
  saver.unwatched(session(0));
  expect(await pass(6)).toEqual(['s0+']);
});

test('a database that is away is not tried by every session, and what it missed is stored later, whole', async () => {
  const { world, pass } = savedSessions(2);
  world.isAway = true;
  await pass(40);
  world.isAway = false;
  expect((await pass(31)).sort()).toEqual(['s0+', 's1+']);
});

test('an ended program’s screen is deleted, and not stored again', async () => {
  const { live, saver, session, world, pass } = savedSessions(1);
  await pass(1);
  live[0]!.state = 'exited';
  live[0]!.feed.end = 99;
  saver.ended(session(0));
  expect([world.deleted, await pass(60)]).toEqual([['s0'], []]);
});

test('what the pty host printed last is stored before its death is told, but is waited for only so long', async () => {
  const { live, saver, session, screens, clock, world } = savedSessions(2);
  live[0]!.state = live[1]!.state = 'lost';
  await saver.lost(session(0));
  expect(world.stored).toEqual(['s0+']);
  screens.visible = () => deferred<never>().promise;
  const told = saver.lost(session(1));
  await settle();
  clock.advance(2_000);
  await told;
  expect(world.stored).toEqual(['s0+']);
});

test('at the end everything that changed is stored at once, and what is not stored in time is named', async () => {
  const { live, saver, screens, clock, pass } = savedSessions(3);
  await pass(1);
  live[0]!.feed.end = 20;
  live[1]!.feed.end = 20;
  const never = deferred<never>();
  const drawn = await screens.visible('s0');
  screens.visible = (id) => (id === 's1' ? never.promise : Promise.resolve(drawn));
  const finished = saver.finish(8_000);
  await settle();
  clock.advance(8_000);
  expect(await finished).toEqual(['s1']);
  expect(clock.pendingTimers).toBe(0);
});
