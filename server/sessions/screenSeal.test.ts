import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { seal, unseal, type SealedFor } from './screenSeal.ts';

const key = randomBytes(32);
const target: SealedFor = { sessionId: '7c9e6679-7425-40de-944b-e07fc1f90ae7', incarnation: 2, part: 'screen' };
const SECRET = 'export TOKEN=hunter2 — ähm 漢字\r\n'.repeat(200);

test('a screen comes back as it was, smaller on the way and unreadable', async () => {
  const sealed = await seal(key, SECRET, target);
  expect(await unseal(key, sealed, target)).toBe(SECRET);
  expect(sealed.length).toBeLessThan(SECRET.length / 10);
  expect(sealed.includes('hunter2')).toBe(false);
});

test('the same screen is never sealed to the same bytes', async () => {
  expect(await seal(key, SECRET, target)).not.toEqual(await seal(key, SECRET, target));
});

test('it opens for its own session, incarnation and column only, with its own key, and unchanged', async () => {
  const sealed = await seal(key, SECRET, target);
  const changed = Buffer.from(sealed);
  changed[changed.length - 1]! ^= 1;
  const attempts = [
    unseal(key, sealed, { ...target, sessionId: '7c9e6679-7425-40de-944b-e07fc1f90ae8' }),
    unseal(key, sealed, { ...target, incarnation: 3 }),
    unseal(key, sealed, { ...target, part: 'transcript' }),
    unseal(randomBytes(32), sealed, target),
    unseal(key, changed, target),
    unseal(key, sealed.subarray(0, 20), target),
    unseal(key, Buffer.alloc(0), target),
  ];
  expect(await Promise.all(attempts)).toEqual(attempts.map(() => undefined));
});
