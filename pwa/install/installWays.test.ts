import { expect, test } from 'vitest';
import { isQuiet, isWorthTelling, QUIET_DAYS, STEPS, wayToInstall, type InstallFacts } from './installWays.ts';

const IPHONE =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1';
const MAC =
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15';
const OLD_MAC = MAC.replace('18.5', '16.6');
const CHROME =
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0.0.0 Safari/537.36';
const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0';
const FIREFOX_PHONE = 'Mozilla/5.0 (Android 15; Mobile; rv:150.0) Gecko/150.0 Firefox/150.0';
const facts = (userAgent: string, more: Partial<InstallFacts> = {}): InstallFacts => ({
  isInstalled: false,
  hasOffer: false,
  maxTouchPoints: 0,
  isSecure: true,
  userAgent,
  ...more,
});

test.each([
  ['an installed window needs nothing', facts(CHROME, { isInstalled: true, hasOffer: true }), 'installed'],
  ['an offer of the browser is taken', facts(CHROME, { hasOffer: true }), 'offer'],
  ['a Chromium without an offer has it in its menu', facts(CHROME), 'menu'],
  ['an iPhone has a home screen', facts(IPHONE), 'homeScreen'],
  ['an iPad says that it is a Mac', facts(MAC, { maxTouchPoints: 5 }), 'homeScreen'],
  ['a Mac has a dock', facts(MAC), 'dock'],
  ['but not with an older Safari', facts(OLD_MAC), 'none'],
  ['Firefox on a phone', facts(FIREFOX_PHONE), 'firefoxPhone'],
  ['Firefox on a desk', facts(FIREFOX), 'none'],
  ['nothing is installed from plain http', facts(CHROME, { isSecure: false }), 'insecure'],
] as const)('%s', (_, given, way) => {
  expect(wayToInstall(given)).toBe(way);
});

test('whoever did not want it is left alone for a month, and not for ever', () => {
  const day = 24 * 60 * 60 * 1000;
  const at = 1_800_000_000_000;
  expect([
    isQuiet(null, at),
    isQuiet(at, at),
    isQuiet(at, at + QUIET_DAYS * day - 1),
    isQuiet(at, at + QUIET_DAYS * day),
    isQuiet(at + 365 * day, at),
  ]).toEqual([false, true, true, false, false]);
});

test('only what leads somewhere is told without being asked', () => {
  const ways = Object.keys(STEPS) as (keyof typeof STEPS)[];
  expect(ways.filter(isWorthTelling)).toEqual(['offer', 'homeScreen', 'dock', 'firefoxPhone']);
});
