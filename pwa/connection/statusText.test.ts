import { expect, test } from 'vitest';
import type { ConnectionStatus } from '../../client/types.ts';
import { age, elapsed, heldSize, hostTrouble, lastByte, linkState, nextTry, roundTrip } from './statusText.ts';

const online: ConnectionStatus = {
  shardId: 'backend-1',
  state: 'online',
  transport: 'websocket',
  rttMs: 12,
  lastMessageAt: 100_000,
  nextTryAt: null,
  offlineSince: null,
  isDraining: false,
  error: null,
  host: 'ok',
};

test('an open line that has gone silent is not called online', () => {
  expect([101_000, 106_000, 107_000].map((now) => linkState(online, now))).toEqual(['online', 'online', 'stalled']);
});

test('before the first word of a shard we are connecting', () => {
  expect(linkState(null, 0)).toBe('connecting');
});

test('the time offline counts like a clock', () => {
  expect([0, 42_000, 725_999, 11_250_000].map(elapsed)).toEqual(['0:00', '0:42', '12:05', '3:07:30']);
});

test('an age has one unit', () => {
  expect([0, 1_999, 4_000, 180_000, 7_300_000, 500_000_000].map(age)).toEqual([
    'now',
    'now',
    '4 s',
    '3 min',
    '2 h',
    '5 d',
  ]);
});

test('the last byte is now, some time ago, or was never', () => {
  const never = { ...online, lastMessageAt: null };
  expect([lastByte(online, 100_500), lastByte(online, 109_000), lastByte(never, 0)]).toEqual([
    'last byte now',
    'last byte 9 s ago',
    'no byte yet',
  ]);
});

test('the countdown ends in a try', () => {
  const offline = { ...online, state: 'offline' as const, nextTryAt: 5_000 };
  expect([1_500, 4_999, 5_000].map((now) => nextTry(offline, now))).toEqual([
    'next try in 4 s',
    'next try in 1 s',
    'trying now',
  ]);
});

test('small figures are not rounded to nothing', () => {
  expect([roundTrip(0.4), roundTrip(12.4), heldSize(1), heldSize(14), heldSize(3000)]).toEqual([
    '<1 ms',
    '12 ms',
    '1 byte',
    '14 bytes',
    '3 kB',
  ]);
});

test('terminals that do not respond are named while the line stands, and only then', () => {
  const blocked = { ...online, host: 'blocked' as const };
  const gone = { ...online, host: 'gone' as const };
  const offline = { ...blocked, state: 'offline' as const };
  expect([null, online, blocked, gone, offline].map(hostTrouble)).toEqual([
    null,
    null,
    'Terminals are not responding',
    'Terminals are starting again',
    null,
  ]);
});
