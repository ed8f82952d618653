import { expect, test } from 'vitest';
import { isExpired, lifetimeText, tokenText } from './tokenText.ts';

const now = Date.parse('2026-11-24T12:00:00Z');
const token = {
  id: '0123456789abcdef',
  name: 'laptop',
  createdAt: '2026-11-03T12:00:00Z',
  expiresAt: '2027-02-01T12:00:00Z',
  lastUsedAt: null as string | null,
};
const ago = (minutes: number) => new Date(now - minutes * 60_000).toISOString();

test('a token is told by when it was made, ends, and was used', () => {
  expect(tokenText(token, now, 'en-GB')).toBe('made 3 Nov 2026 · expires 1 Feb 2027 · never used');
  const uses = [1, 5, 130, 4_000].map((minutes) => tokenText({ ...token, lastUsedAt: ago(minutes) }, now, 'en-GB'));
  expect(uses.map((text) => text.split(' · ')[2])).toEqual([
    'used just now',
    'used 5 min ago',
    'used 2 h ago',
    'used 21 Nov 2026',
  ]);
});

test('one that has ended is said to have expired', () => {
  const later = Date.parse(token.expiresAt);
  expect([isExpired(token, later - 1), isExpired(token, later)]).toEqual([false, true]);
  expect(tokenText(token, later, 'en-GB')).toContain('expired 1 Feb 2027');
});

test('lifetimes have names', () => {
  expect([7, 90, 365].map(lifetimeText)).toEqual(['7 days', '90 days', '1 year']);
});
