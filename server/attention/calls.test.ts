import pino from 'pino';
import { expect, test } from 'vitest';
import type { SessionSignal, SignalKind } from '../../protocol/attention.ts';
import { ManualClock } from '../testing/manualClock.ts';
import { Calls, CALL_GAP_MS } from './calls.ts';
import type { SignalSource } from './sessionSignals.ts';

const SESSION: SignalSource = {
  ...{ id: 's', incarnation: 1, ownerEmail: 'ada@example.com', projectId: 'p', name: 'shell', state: 'running' },
};

function setUp() {
  const clock = new ManualClock();
  const called: string[] = [];
  const world = { isAlive: false, settings: {} as Record<string, unknown> };
  const calls = new Calls({
    store: {
      call: (email, { signal, sessionName, projectName }) =>
        Promise.resolve(void called.push(`${email} ${projectName}/${sessionName}: ${signal.kind}`)),
    },
    presence: { isAlive: () => Promise.resolve(world.isAlive) },
    settingsOf: () => Promise.resolve(world.settings),
    projectNameOf: () => Promise.resolve('project'),
    clock,
    log: pino({ level: 'silent' }),
  });
  const tell = (kind: SignalKind) =>
    calls.consider(SESSION, {
      ...{ sessionId: 's', incarnation: 1, offset: 1, at: 0, kind, text: '', when: 'always', name: null },
    } satisfies SessionSignal);
  return { clock, called, world, tell };
}

test('a device is called with what the person knows the session by', async () => {
  const { called, tell } = setUp();
  await tell('bell');
  expect(called).toEqual(['ada@example.com project/shell: bell']);
});

test('nobody is called while a window shows life, and for nothing they do not want', async () => {
  const { called, world, tell } = setUp();
  world.isAlive = true;
  await tell('needsInput');
  world.isAlive = false;
  world.settings = { attention: 'needsMe' };
  await tell('done');
  world.settings = { attention: 'all', attentionOf: { s: 'nothing' } };
  await tell('needsInput');
  expect(called).toEqual([]);
  world.settings = { attention: 'nothing', attentionOf: { s: 'needsMe', other: 7 } };
  await tell('failed');
  expect(called).toHaveLength(1);
});

test('for one session a device is called again after a while, or for what is graver', async () => {
  const { clock, called, tell } = setUp();
  await tell('notice');
  await tell('notice');
  await tell('done');
  await tell('needsInput');
  await tell('needsInput');
  clock.advance(CALL_GAP_MS);
  await tell('notice');
  expect(called.map((call) => call.split(': ')[1])).toEqual(['notice', 'needsInput', 'notice']);
});
