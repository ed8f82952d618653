import { expect, test } from 'vitest';
import pino from 'pino';
import type { ChangedSubject } from '../../protocol/terminal.ts';
import { ManualClock } from '../testing/manualClock.ts';
import { ChangeWatch, LOOK_MS } from './changeWatch.ts';
import type { ListPrint } from './listStore.ts';

const ADA = 'ada@example.com';

function setUp() {
  const clock = new ManualClock();
  const told: ChangedSubject[] = [];
  const state = { prints: [] as ListPrint[], isAway: false, asked: 0 };
  const lists = {
    prints: () => {
      state.asked++;
      return state.isAway ? Promise.reject(new Error('away')) : Promise.resolve([...state.prints]);
    },
  };
  const people = [ADA];
  const watch = new ChangeWatch(
    lists,
    () => people,
    (_email, subject) => told.push(subject),
    clock,
    pino({ level: 'silent' }),
  );
  const sessionsAre = (print: string) => (state.prints = [{ email: ADA, subject: 'sessions', print }]);
  const heard = () => told.splice(0);
  return { clock, state, people, watch, sessionsAre, heard };
}

const bell = JSON.stringify({ email: ADA, subject: 'sessions' });

test('whoever is new is told once, and then of what has changed', async () => {
  const { watch, sessionsAre, heard } = setUp();
  await watch.look();
  expect(heard()).toEqual(['sessions', 'projects', 'preferences']);
  await watch.look();
  expect(heard()).toEqual([]);
  sessionsAre('1');
  await watch.look();
  expect(heard()).toEqual(['sessions']);
  await watch.look();
  expect(heard()).toEqual([]);
});

test('what was rung for is told at once and not a second time', async () => {
  const { watch, sessionsAre, heard } = setUp();
  await watch.look();
  heard();
  sessionsAre('1');
  watch.rung(bell);
  expect(heard()).toEqual(['sessions']);
  await watch.look();
  expect(heard()).toEqual([]);
});

test('what is rung for during a look is told again by the next one, because the look may have been too early', async () => {
  const { watch, sessionsAre, heard } = setUp();
  await watch.look();
  heard();
  const looking = watch.look();
  sessionsAre('1');
  watch.rung(bell);
  await looking;
  expect(heard()).toEqual(['sessions']);
  await watch.look();
  expect(heard()).toEqual(['sessions']);
  await watch.look();
  expect(heard()).toEqual([]);
});

test('after a time without a bell all are told, also when it began during a look', async () => {
  const { watch, heard } = setUp();
  await watch.look();
  heard();
  const looking = watch.look();
  watch.reconnected();
  await looking;
  expect(heard()).toEqual(['sessions', 'projects', 'preferences']);
});

test('a look that fails forgets nothing', async () => {
  const { watch, state, sessionsAre, heard } = setUp();
  await watch.look();
  heard();
  state.isAway = true;
  sessionsAre('1');
  await watch.look();
  expect(heard()).toEqual([]);
  state.isAway = false;
  await watch.look();
  expect(heard()).toEqual(['sessions']);
});

test('it looks by itself, at nothing while nobody is connected, and no more when it is closed', () => {
  const { watch, clock, state, people } = setUp();
  clock.advance(LOOK_MS);
  expect(state.asked).toBe(1);
  people.pop();
  const other = setUp();
  other.people.pop();
  other.clock.advance(LOOK_MS);
  expect(other.state.asked).toBe(0);
  watch.close();
  other.watch.close();
  expect(clock.pendingTimers).toBe(0);
});
