import { expect, test } from 'vitest';
import type { SignalListener } from '../../client/types.ts';
import { IDLE_MS, type AttentionPolicy, type SessionSignal } from '../../protocol/attention.ts';
import { ManualClock } from '../../server/testing/manualClock.ts';
import { createWatch } from './attentionWatch.ts';
import { createAttention } from './useAttention.ts';

const bell = (sessionId: string, offset = 1, more: Partial<SessionSignal> = {}): SessionSignal => ({
  ...{ sessionId, incarnation: 1, offset, at: 0, kind: 'bell', text: 'bell', when: 'always', name: null },
  ...more,
});

/** A window whose focus, hand and signals a test gives. */
function setUp(isFocused = true) {
  const clock = new ManualClock();
  const attention = createAttention();
  const seen = {
    isFocused,
    badges: [] as number[],
    decided: [] as string[],
    looks: [] as string[],
    closed: [] as string[],
  };
  let [focused, used] = [() => {}, () => {}];
  let policy: AttentionPolicy = 'all';
  let listener: SignalListener | undefined;
  const watch = createWatch({
    attention,
    clock,
    outlook: {
      isFocused: () => seen.isFocused,
      isVisible: () => true,
      onFocus: (run) => (focused = run),
      onUse: (run) => (used = run),
      setAlive: () => {},
      badge: (count) => seen.badges.push(count),
      tell: ({ signal }) => Promise.resolve(void seen.decided.push(`told ${signal.sessionId}`)),
      holdBack: ({ signal }, why) => Promise.resolve(void seen.decided.push(`${why} ${signal.sessionId}`)),
      close: (sessionId) => seen.closed.push(sessionId),
    },
    signals: {
      listen: (given) => (listener = given),
      look: ({ sessionId, beside = [], isAlive }) => seen.looks.push(`${[sessionId, ...beside].join()} ${isAlive}`),
    },
    policyOf: () => policy,
    noteOf: (signal) => ({ signal, sessionName: '', projectName: null }),
  });
  return {
    ...{ clock, seen, watch },
    marked: () => [...attention.marks.value.keys()],
    markOf: (id: string) => attention.of(id),
    use: () => used(),
    hear: (signal: SessionSignal, isLate = false) => listener!.signal(signal, isLate),
    see: (sessionId: string, offset: number) => listener!.seen({ sessionId, incarnation: 1, offset }),
    want: (next: AttentionPolicy) => (policy = next),
    show: (...sessionIds: string[]) => {
      attention.show(sessionIds);
      watch.look();
    },
    focus: (isFocused: boolean) => {
      seen.isFocused = isFocused;
      focused();
    },
  };
}

test('what is before the person asks for nothing; another session is marked and counted until it is shown', () => {
  const { show, hear, marked, seen } = setUp();
  show('a');
  hear(bell('a'));
  hear(bell('b'));
  expect([marked(), seen.decided]).toEqual([['b'], ['here b']]);
  show('b');
  expect([marked(), seen.badges, seen.closed]).toEqual([[], [1, 0], ['b']]);
});

test('while the person is elsewhere the system tells them, also of the session in view; coming back is looking', () => {
  const { show, focus, hear, marked, seen } = setUp();
  show('a');
  focus(false);
  hear(bell('a'));
  expect([marked(), seen.decided]).toEqual([['a'], ['told a']]);
  focus(true);
  expect([marked(), seen.looks]).toEqual([[], [' true', 'a true', ' false', 'a true']]);
});

test('of several panes every one is looked at that is in view, until it is behind another or the person is elsewhere', () => {
  const { show, focus, hear, marked, seen } = setUp();
  show('a', 'b');
  hear(bell('a'));
  hear(bell('b'));
  expect([marked(), seen.decided, seen.looks.at(-1)]).toEqual([[], [], 'a,b true']);
  show('a', 'c');
  hear(bell('b', 2));
  focus(false);
  hear(bell('c'));
  expect([marked(), seen.decided]).toEqual([
    ['b', 'c'],
    ['here b', 'told c'],
  ]);
  focus(true);
  expect(marked()).toEqual(['b']);
  show('b', 'c');
  expect([marked(), seen.closed]).toEqual([[], ['c', 'b']]);
});

test('who does nothing for a while is not taken to look, until they do something', () => {
  const { show, use, hear, marked, seen, clock } = setUp();
  show('a');
  clock.advance(IDLE_MS - 1);
  use();
  clock.advance(IDLE_MS - 1);
  hear(bell('a'));
  expect(marked()).toEqual([]);
  clock.advance(1);
  hear(bell('a', 2));
  expect([marked(), seen.decided]).toEqual([['a'], ['told a']]);
  use();
  expect([marked(), seen.looks.at(-1)]).toEqual([[], 'a true']);
});

test('what came while the window was cut off is marked, but interrupts nobody', () => {
  const { hear, marked, seen } = setUp(false);
  hear(bell('a'), true);
  expect([marked(), seen.decided]).toEqual([['a'], ['late a']]);
});

test('what the person does not want is neither marked nor told', () => {
  const { hear, want, marked, seen } = setUp(false);
  want('needsMe');
  hear(bell('a'));
  hear(bell('b', 1, { kind: 'failed' }));
  want('nothing');
  hear(bell('c', 1, { kind: 'needsInput' }));
  expect([marked(), seen.decided]).toEqual([['b'], ['policy a', 'told b', 'policy c']]);
});

test('a session that has ended, or is no more, takes its mark from the badge', () => {
  const { hear, watch, marked, seen } = setUp(false);
  hear(bell('a'));
  hear(bell('b'));
  watch.keep((id) => id === 'b');
  expect([marked(), seen.badges, seen.closed]).toEqual([['b'], [1, 2, 1], ['a']]);
});

test('what was looked at in another window is over here, unless something newer came', () => {
  const { hear, see, marked } = setUp(false);
  hear(bell('a', 5));
  hear(bell('b', 5));
  see('a', 4);
  see('b', 5);
  expect(marked()).toEqual(['a']);
});

test('a bell does not cover what a notice said, and a notice that is told anew takes its own place', () => {
  const { hear, markOf } = setUp(false);
  hear(bell('a', 1, { kind: 'failed', text: 'failed', name: 'x' }));
  hear(bell('a', 2));
  expect(markOf('a')).toMatchObject({ text: 'failed', offset: 2 });
  hear(bell('a', 3, { kind: 'notice', text: 'mended', name: 'x' }));
  expect(markOf('a')).toMatchObject({ text: 'mended', offset: 3 });
});

test('a notice that is meant for whoever does not see its terminal is held back while it is in view', () => {
  const { show, focus, hear, seen } = setUp(false);
  show('a');
  hear(bell('a', 1, { when: 'invisible' }));
  hear(bell('a', 2, { when: 'unfocused' }));
  focus(false);
  hear(bell('b', 1, { when: 'invisible' }));
  expect(seen.decided).toEqual(['inView a', 'told a', 'told b']);
});

test('of several in view one has the focus: what another says while it has none is held back only from view', () => {
  const { show, use, hear, seen, clock } = setUp();
  show('a', 'b');
  clock.advance(IDLE_MS);
  hear(bell('a', 1, { when: 'unfocused' }));
  hear(bell('b', 1, { when: 'unfocused' }));
  hear(bell('b', 2, { when: 'invisible' }));
  use();
  expect(seen.decided).toEqual(['inView a', 'told b', 'inView b']);
});
