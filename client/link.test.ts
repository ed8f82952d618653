import { expect, test } from 'vitest';
import {
  CONNECT_TIMEOUT_MS,
  PING_INTERVAL_MS,
  PING_TIMEOUT_MS,
  PROBE_PERIOD_MS,
  PROBE_TIMEOUT_MS,
  RECONNECT_MAX_DELAY_MS,
  WAKE_DEADLINE_MS,
} from '../protocol/limits.ts';
import { ManualClock } from '../server/testing/manualClock.ts';
import { Link } from './link.ts';

/** A link whose wire and events are written down; `random` is always 1, so that each wait is the longest. */
function setUp() {
  const clock = new ManualClock();
  const calls: string[] = [];
  let probe = 0;
  const wire = {
    open: () => calls.push('open'),
    drop: () => calls.push('drop'),
    probe: (asked: number) => (calls.push('probe'), (probe = asked)),
  };
  const events = {
    onConnecting: () => undefined,
    onOpened: () => calls.push('opened'),
    onDown: (_: unknown, nextTryAt: number) => calls.push(`down ${nextTryAt - clock.now()}`),
  };
  const link = new Link(wire, events, clock, () => 1);
  link.start();
  const take = () => calls.splice(0);
  /** Open and proven. */
  const opened = () => {
    link.opened();
    link.answered(probe);
    take();
  };
  return { clock, link, take, opened, answer: () => link.answered(probe) };
}

test('the first retry is at once, the others within a growing bound, for ever', () => {
  const { clock, link, take, opened } = setUp();
  opened();
  const waits: string[] = [];
  for (let i = 0; i < 50; i++) {
    link.failed();
    waits.push(...take().filter((call) => call.startsWith('down')));
    clock.advance(Number(waits.at(-1)!.split(' ')[1]));
    expect(take()).toContain('open');
  }
  expect(waits.slice(0, 7)).toEqual([
    'down 0',
    'down 500',
    'down 1000',
    'down 2000',
    'down 4000',
    'down 8000',
    'down 8000',
  ]);
  expect(waits.at(-1)).toBe('down 8000');
});

test('an attempt that hangs is given up, and the next one follows', () => {
  const { clock, take } = setUp();
  expect(take()).toEqual(['open']);
  clock.advance(CONNECT_TIMEOUT_MS);
  expect(take()).toEqual(['drop', 'down 0', 'open']);
});

test('a link that went silent without a word is found within 10 s', () => {
  const { clock, take, opened } = setUp();
  opened();
  clock.advance(PROBE_PERIOD_MS + PROBE_TIMEOUT_MS);
  expect(Math.max(PROBE_PERIOD_MS + PROBE_TIMEOUT_MS, PING_INTERVAL_MS + PING_TIMEOUT_MS)).toBeLessThan(10_000);
  expect(take()).toEqual(['probe', 'drop', 'down 0', 'open']);
});

test('a slow answer behind much output is no reason to give up', () => {
  const { clock, link, take, opened } = setUp();
  opened();
  for (let i = 0; i < 30; i++) {
    clock.advance(1_000);
    link.heard();
  }
  expect(take().filter((call) => call !== 'probe')).toEqual([]);
});

test('a link that answers is kept', () => {
  const { clock, link, take, opened, answer } = setUp();
  opened();
  for (let i = 0; i < 30; i++) {
    clock.advance(PROBE_PERIOD_MS);
    answer();
  }
  expect([link.isOpen, new Set(take())]).toEqual([true, new Set(['probe'])]);
});

test('after waking, only an answer within 2 s keeps the connection', () => {
  const { clock, link, take, opened } = setUp();
  opened();
  link.wake();
  link.wake(); // focus, online, pageshow, all at once
  link.heard(); // was on its way before the sleep
  expect(take()).toEqual(['probe']);
  clock.advance(WAKE_DEADLINE_MS);
  expect(take()).toEqual(['drop', 'down 0', 'open']);
});

test('after waking, a connection that answers is kept', () => {
  const { clock, link, take, opened, answer } = setUp();
  opened();
  link.wake();
  answer();
  clock.advance(WAKE_DEADLINE_MS);
  expect([link.isOpen, take()]).toEqual([true, ['probe']]);
});

test('waking tries at once while a retry is waited for', () => {
  const { clock, link, take } = setUp();
  for (let i = 0; i < 6; i++) {
    link.failed();
    clock.advance(RECONNECT_MAX_DELAY_MS);
  }
  link.failed();
  take();
  link.wake();
  expect(take()).toEqual(['open']);
  link.failed(); // and goes on with short waits
  expect(take()).toEqual(['down 500']);
});

test('waking gives an attempt that hangs 2 s more, never longer than it had', () => {
  const { clock, link, take } = setUp();
  take();
  link.wake();
  clock.advance(WAKE_DEADLINE_MS);
  expect(take()).toEqual(['drop', 'down 0', 'open']);
  clock.advance(CONNECT_TIMEOUT_MS - 1_000);
  link.wake();
  clock.advance(1_000);
  expect(take()).toEqual(['drop', 'down 500']);
});

test('timers that come late, or a clock that jumps, wake it', () => {
  const { clock, take, opened, answer } = setUp();
  opened();
  clock.advance(PROBE_PERIOD_MS);
  answer();
  take();
  clock.sleep(60_000);
  clock.advance(1_000);
  clock.advance(WAKE_DEADLINE_MS);
  expect(take()).toEqual(['probe', 'drop', 'down 0', 'open']);
});

test('once closed, nothing happens any more and no timer is left', () => {
  const { clock, link, take, opened } = setUp();
  opened();
  link.close();
  expect(take()).toEqual(['drop']);
  link.failed();
  link.wake();
  link.tryNow();
  clock.advance(60_000);
  expect([take(), clock.pendingTimers]).toEqual([[], 0]);
});
