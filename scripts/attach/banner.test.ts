import { expect, test } from 'vitest';
import { AppError } from '../../protocol/errors.ts';
import { bannerSequence, bannerText, type BannerFacts } from './banner.ts';

const NOW = 1_000_000;
const calm: BannerFacts = {
  offlineSince: null,
  connection: { state: 'online', nextTryAt: null, error: null },
  held: null,
  lostBytes: 0,
  detachKey: 'Ctrl-]',
};
const held = { bytes: 12, since: NOW - 25_000, isAsking: false, text: 'ls\x1b[A\r' };
const say = (facts: Partial<BannerFacts>) => bannerText({ ...calm, ...facts }, NOW);

test('nothing is said while output flows, nor of a short cut', () => {
  expect(say({})).toBeNull();
  expect(say({ offlineSince: NOW - 999 })).toBeNull();
});

test('without a connection it says for how long, what waits, and when it is tried again', () => {
  const connection = {
    state: 'offline' as const,
    nextTryAt: NOW + 2_500,
    error: new AppError('connection.offline', 'the server is away'),
  };
  expect(say({ offlineSince: NOW - 90_000, connection })).toBe(
    'No connection for 90 s · next try in 3 s · Ctrl-] detaches · the server is away',
  );
  expect(say({ offlineSince: NOW - 180_000, held, detachKey: undefined })).toBe(
    'No connection for 3 min · 12 typed bytes wait · trying',
  );
});

test('old typing is asked for before anything else, and shown without its controls', () => {
  expect(say({ held: { ...held, isAsking: true }, lostBytes: 3 })).toBe(
    'Typed offline 25 s ago: “ls·[A⏎” · Enter sends it, Esc drops it',
  );
});

test('what was lost is said', () => {
  expect(say({ lostBytes: 7 })).toBe('7 typed bytes were not delivered: what they were typed for has ended');
});

test('it never takes more than its row', () => {
  const line = /m([^\x1b]*)\x1b\[m/.exec(bannerSequence('x'.repeat(300), { cols: 40, rows: 10 }))![1];
  expect(line).toHaveLength(39);
});
