import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { processFacts } from '../../db/embedded/processes.ts';
import { openHoldfast } from '../../client/index.ts';
import { BusySession, intact, stateOf } from './busySession.ts';
import { feed, gridOf, newTerminal } from './grid.ts';
import { failuresIn, until } from './instances.ts';
import { childrenOf } from './processes.ts';
import { startStack, type Stack } from './stack.ts';

// One crowd, and one process after the other is taken from it.
const SCALE = Number(process.env.HOLDFAST_TEST_SCALE ?? 1);
const SESSIONS = 75;
const PEOPLE = 5;
const PHASES = 6;
const PHASE_BYTES = 48_000 * SCALE;
let stack: Stack;
let crowd: BusySession[];

beforeAll(async () => {
  stack = await startStack();
  crowd = [];
  for (let i = 0; i < SESSIONS; i++) {
    const email = `person-${i % PEOPLE}@example.com`;
    const shardId = 'backend-1';
    crowd.push(
      await BusySession.start({
        port: stack.port,
        email,
        shardId,
        seed: i + 1,
        phases: PHASES,
        phaseBytes: PHASE_BYTES,
        pace: 12_000,
      }),
    );
  }
});
afterAll(async () => {
  for (const busy of crowd) busy.close();
  await stack?.remove();
});
beforeEach(() => {
  for (const busy of crowd) busy.interruptions = 0;
});

/** The programs in the terminals, each with the time it began: the same after a fault, or something was lost. */
function programs(): string[] {
  const pids = childrenOf(stack.processes.get('backend-1.host').pid);
  return pids.map((pid) => `${pid} ${processFacts(pid)?.startTime}`).sort();
}

/** Lets everyone print, does `fault` when a third has come, and waits for the rest. */
async function whilePrinting(fault: () => Promise<unknown>): Promise<void> {
  const before = programs();
  expect(before).toHaveLength(SESSIONS);
  for (const busy of crowd) busy.beginPhase();
  await Promise.all(crowd.map((busy) => busy.untilDone(1 / 3)));
  await fault();
  await Promise.all(crowd.map((busy) => busy.untilDone()));
  expect(stateOf(crowd)).toEqual(intact(crowd));
  expect(programs()).toEqual(before);
}

const interrupted = () => crowd.filter(({ interruptions }) => interruptions > 0).length;

test('a killed backend: 75 programs go on, every client comes back, no byte is lost or doubled', async () => {
  await whilePrinting(() => stack.processes.restart('backend-1'));
  expect(interrupted()).toBe(SESSIONS);
}, 180_000);

test('a killed screens process: nobody is interrupted, and every screen is as if it had never been gone', async () => {
  await whilePrinting(() => stack.processes.restart('backend-1.screens'));
  expect(interrupted()).toBe(0);
  for (const busy of crowd) {
    const shown = newTerminal();
    const viewer = await openHoldfast({ url: stack.origin, headers: { 'X-Forwarded-Email': busy.email } });
    let offset = 0;
    await viewer.sessions.attach(busy.session.id, {
      onSnapshot: async (bytes, at) => {
        await feed(shown, bytes);
        offset = at;
      },
      onOutput: async (bytes, at) => {
        await feed(shown, bytes);
        offset = at + bytes.length;
      },
    });
    await until(() => offset === busy.expectedBytes);
    viewer.close();
    const never = newTerminal();
    await feed(never, busy.expectedText);
    expect(gridOf(shown)).toEqual(gridOf(never));
    shown.dispose();
    never.dispose();
  }
}, 180_000);

test('a killed frontend: every client comes back to where it was', async () => {
  await whilePrinting(() => stack.processes.restart('frontend'));
  expect(interrupted()).toBe(SESSIONS);
}, 180_000);

test('a killed database: no terminal notices', async () => {
  await whilePrinting(() => stack.processes.restart('postgres'));
  expect(interrupted()).toBe(0);
}, 180_000);

test('a frozen database: no terminal notices', async () => {
  await whilePrinting(async () => {
    const thaw = await stack.processes.freeze('postgres');
    await Promise.all(crowd.map((busy) => busy.untilDone()));
    thaw();
  });
  expect(interrupted()).toBe(0);
}, 180_000);

test('a backend that is ended and started again, as by an upgrade: the same programs, every byte once', async () => {
  await whilePrinting(() => stack.processes.restart('backend-1', 'SIGTERM'));
  const exits = await Promise.all(crowd.map((busy) => busy.finish()));
  expect(exits).toEqual(crowd.map(() => ({ code: 0, signal: null })));
  expect(failuresIn(stack)).toEqual([]);
}, 180_000);
