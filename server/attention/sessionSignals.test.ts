import { expect, test } from 'vitest';
import type { HeardSignal } from '../../protocol/attention.ts';
import { Looks } from './looks.ts';
import { SessionSignals, type SignalSource } from './sessionSignals.ts';

const ADA = 'ada@example.com';
const SESSION: SignalSource = {
  ...{ id: 's', incarnation: 1, ownerEmail: ADA, projectId: null, name: 'shell', state: 'running' },
};
const heard = (kind: HeardSignal['kind'], name: string | null = null): HeardSignal => ({
  ...{ kind, text: kind, when: 'always', name },
});

function setUp(agentName: string | null = null) {
  const [told, called]: [string[], string[]] = [[], []];
  const looks = new Looks();
  const signals = new SessionSignals(looks, {
    tell: ({ signal, seen }) => told.push(signal ? `${signal.kind} at ${signal.offset}` : `seen ${seen!.offset}`),
    call: (_session, { kind, offset }) => called.push(`${kind} at ${offset}`),
    now: () => 0,
    agentName: () => agentName,
  });
  const hear = (offset: number, signal: HeardSignal | null, closed: string[] = [], session = SESSION) =>
    signals.heard(session, { offset, signal, closed });
  return { told, called, looks, signals, hear };
}

test('a flood of bells is told once, until somebody has looked', () => {
  const { told, called, signals, hear } = setUp();
  for (let i = 1; i <= 100; i++) hear(i, heard('bell'));
  signals.looked(ADA, { sessionId: 's', isAlive: true });
  hear(200, heard('bell'));
  expect([told, called]).toEqual([
    ['bell at 1', 'seen 1', 'bell at 200'],
    ['bell at 1', 'bell at 200'],
  ]);
});

test('what is looked at is told to nobody, and neither is what has ended', () => {
  const { told, called, looks, hear } = setUp();
  looks.set('w', ADA, { sessionId: 's', isAlive: true });
  hear(1, heard('needsInput'));
  looks.remove('w');
  hear(2, heard('needsInput'), [], { ...SESSION, state: 'exited' });
  expect([told, called]).toEqual([[], []]);
});

test('a look of another person, or of a window in which nobody is, changes nothing', () => {
  const { told, signals, hear } = setUp();
  hear(1, heard('notice'));
  signals.looked('bob@example.com', { sessionId: 's', isAlive: true });
  signals.looked(ADA, { sessionId: 's', isAlive: false });
  expect([told, signals.unseenOf('bob@example.com')]).toEqual([['notice at 1'], []]);
});

test('a look at several panes is one at each of them', () => {
  const { told, signals, hear } = setUp();
  hear(1, heard('notice'));
  signals.looked(ADA, { sessionId: 'other', beside: ['s'], isAlive: true });
  expect(told).toEqual(['notice at 1', 'seen 1']);
});

test('a new window is told the gravest that stands, up to the newest', () => {
  const { signals, hear } = setUp();
  hear(1, heard('needsInput'));
  hear(5, heard('done'));
  expect(signals.unseenOf(ADA)).toMatchObject([{ kind: 'needsInput', offset: 5 }]);
  signals.forget('s');
  expect(signals.unseenOf(ADA)).toEqual([]);
});

test('what a program takes back is over, unless it is another', () => {
  const { told, signals, hear } = setUp();
  hear(1, heard('notice', 'a'));
  hear(2, null, ['b']);
  expect(signals.unseenOf(ADA)).toHaveLength(1);
  hear(3, null, ['a']);
  expect([told, signals.unseenOf(ADA)]).toEqual([['notice at 1', 'seen 1'], []]);
});

test('the bell of an agent says that it waits', () => {
  const { told, hear } = setUp('Claude Code');
  hear(1, heard('notice'));
  hear(2, heard('bell'));
  hear(3, heard('bell'));
  expect(told).toEqual(['notice at 1', 'needsInput at 2']);
});
