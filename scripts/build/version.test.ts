import { expect, test } from 'vitest';
import { buildVersion } from './version.ts';

const NOTHING = { version: '', commit: undefined, builtAt: '' };
const commit = '0123456789abcdef0123';

test('a build that was told says its version, its commit and its time', () => {
  const told = { version: '1.2.3-rc.1', commit, builtAt: '2026-01-31T12:00:00+01:00' };
  expect(buildVersion('0.1.0', told)).toBe('1.2.3-rc.1+0123456789ab.20260131T110000Z');
});

test('a build that was told nothing has the version of package.json', () => {
  expect(buildVersion('0.1.0', NOTHING)).toBe('0.1.0');
  expect(buildVersion('0.1.0', { ...NOTHING, commit })).toBe('0.1.0+0123456789ab');
});

test('what is no version, no commit and no time is refused', () => {
  expect(() => buildVersion('0.1.0', { ...NOTHING, version: 'latest' })).toThrow('HOLDFAST_VERSION');
  expect(() => buildVersion('0.1.0', { ...NOTHING, commit: 'main' })).toThrow('HOLDFAST_COMMIT');
  expect(() => buildVersion('0.1.0', { ...NOTHING, builtAt: 'today' })).toThrow('HOLDFAST_BUILT_AT');
});
