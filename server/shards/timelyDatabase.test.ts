import { expect, test } from 'vitest';
import { deferred } from '../base/deferred.ts';
import { ManualClock } from '../testing/manualClock.ts';
import { TimelyDatabase } from './timelyDatabase.ts';

const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'answered',
    (error: { code?: string; message: string }) => error.code ?? error.message,
  );
const never = () => new Promise<never>(() => undefined);

test('a database that freezes is waited for once, and not by everyone in turn', async () => {
  const clock = new ManualClock();
  const database = new TimelyDatabase(() => false, clock);
  const answers = [never, never, never].map((work) => codeOf(database.askInTurn(work)));
  await Promise.resolve();
  clock.advance(5_000);
  expect(await Promise.all(answers)).toEqual(Array(3).fill('database.unavailable'));
  expect(clock.pendingTimers).toBe(0);
});

test('after a moment it is asked again', async () => {
  const clock = new ManualClock();
  const database = new TimelyDatabase((error) => error === 'away', clock);
  // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- stands for any error of the driver
  await database.ask(() => Promise.reject('away')).catch(() => undefined);
  expect(await codeOf(database.ask(() => Promise.resolve()))).toBe('database.unavailable');
  clock.advance(1_000);
  expect(await codeOf(database.ask(() => Promise.resolve()))).toBe('answered');
});

test('an error of the question itself holds up nobody else', async () => {
  const database = new TimelyDatabase(() => false, new ManualClock());
  const failing = database.askInTurn(() => Promise.reject(new Error('no such column')));
  const next = database.askInTurn(() => Promise.resolve());
  expect([await codeOf(failing), await codeOf(next)]).toEqual(['no such column', 'answered']);
});

test('of those who ask in turn one is under way at a time', async () => {
  const database = new TimelyDatabase(() => false, new ManualClock());
  const first = deferred<void>();
  const order: string[] = [];
  const one = database.askInTurn(() => first.promise.then(() => order.push('one')));
  const two = database.askInTurn(() => Promise.resolve(order.push('two')));
  first.resolve();
  await Promise.all([one, two]);
  expect(order).toEqual(['one', 'two']);
});
