import { expect, test } from 'vitest';
import { ManualClock } from '../server/testing/manualClock.ts';
import { REFUSALS_BEFORE_POLLING, TransportChoice, WEBSOCKET_RETRY_MS } from './transportChoice.ts';

function setUp() {
  const clock = new ManualClock();
  const world = { isGiven: false, tries: 0, switches: 0 };
  const choice = new TransportChoice(
    () => (world.tries++, Promise.resolve(world.isGiven)),
    () => world.switches++,
    clock,
  );
  const refuse = (times: number) => {
    for (let i = 0; i < times; i++) choice.failed(true);
  };
  /** Lets what a timer began come to its end. */
  const retry = async () => {
    clock.advance(WEBSOCKET_RETRY_MS);
    await Promise.resolve();
    await Promise.resolve();
  };
  return { choice, world, clock, refuse, retry };
}

test('a websocket that is refused once, or with everything else, is asked for again', () => {
  const { choice, refuse } = setUp();
  refuse(REFUSALS_BEFORE_POLLING - 1);
  expect(choice.transport).toBe('websocket');
  choice.opened();
  refuse(REFUSALS_BEFORE_POLLING - 1);
  choice.failed(false); // the server is away
  refuse(REFUSALS_BEFORE_POLLING - 1);
  expect(choice.transport).toBe('websocket');
});

test('one that alone is refused again and again gives way to polling, and polling that fails to it', () => {
  const { choice, refuse } = setUp();
  refuse(REFUSALS_BEFORE_POLLING);
  expect(choice.transport).toBe('polling');
  choice.failed(true);
  expect(choice.transport).toBe('websocket');
});

test('a connection by polling comes back to a websocket as soon as one is given', async () => {
  const { choice, world, refuse, retry } = setUp();
  refuse(REFUSALS_BEFORE_POLLING);
  choice.opened();
  await retry();
  expect([world.tries, world.switches, choice.transport]).toEqual([1, 0, 'polling']);
  world.isGiven = true;
  await retry();
  expect([world.tries, world.switches, choice.transport]).toEqual([2, 1, 'websocket']);
});

test('nothing is tried beside a websocket, or beside a connection that has ended', async () => {
  const { choice, world, clock, refuse, retry } = setUp();
  choice.opened();
  await retry();
  refuse(REFUSALS_BEFORE_POLLING);
  choice.opened();
  choice.down();
  await retry();
  expect([world.tries, clock.pendingTimers]).toEqual([0, 0]);
});
