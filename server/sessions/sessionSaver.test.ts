import { expect, test } from 'vitest';
import { silentLog } from '../base/log.ts';
import { ManualClock } from '../testing/manualClock.ts';
import type { LiveSession } from './liveSession.ts';
import { SessionSaver } from './sessionSaver.ts';

const session = (id: string, state: LiveSession['state']) => ({ id, state }) as LiveSession;
const settle = () => new Promise((resolve) => setImmediate(resolve));

test('what a database that is away did not take is written when it is back, in its last state', async () => {
  const rows = new Map<string, string>();
  let isAway = true;
  const refuseWhenAway = () => (isAway ? Promise.reject(new Error('away')) : Promise.resolve());
  const clock = new ManualClock();
  const store = {
    save: (one: LiveSession) => refuseWhenAway().then(() => void rows.set(one.id, one.state)),
    delete: (id: string) => refuseWhenAway().then(() => void rows.delete(id)),
  };
  const saver = new SessionSaver(store, clock, silentLog);
  rows.set('closed', 'running');
  saver.changed(session('a', 'running'));
  saver.changed(session('a', 'exited'));
  void saver.removed('closed');
  await settle();
  expect([...rows]).toEqual([['closed', 'running']]);
  isAway = false;
  clock.advance(1_000);
  await settle();
  expect([...rows]).toEqual([['a', 'exited']]);
});

test('a removed session is gone from the database before its close is answered, also while others are written', async () => {
  const rows = new Set(['a', 'b']);
  const store = {
    save: () => settle().then(() => undefined),
    delete: (id: string) => settle().then(() => void rows.delete(id)),
  };
  const saver = new SessionSaver(store, new ManualClock(), silentLog);
  saver.changed(session('b', 'running'));
  await saver.removed('a');
  expect([...rows]).toEqual(['b']);
});

test('a database that does not answer holds up no close for ever', async () => {
  const clock = new ManualClock();
  const never = () => new Promise<void>(() => undefined);
  const saver = new SessionSaver({ save: never, delete: never }, clock, silentLog);
  let isAnswered = false;
  const closing = saver.removed('a').then(() => (isAnswered = true));
  await settle();
  expect(isAnswered).toBe(false);
  clock.advance(2_000);
  expect(await closing).toBe(true);
});
