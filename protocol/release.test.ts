import { expect, test } from 'vitest';
import { RELEASE, skewOf } from './release.ts';

const release = (number: number, oldest: number) => ({ number, oldest });

test('the release before and the one after understand each other, and who is further behind is named', () => {
  const page = release(5, 4);
  const servers = [release(3, 2), release(4, 3), release(5, 4), release(6, 5), release(7, 6)];
  expect(servers.map((one) => skewOf(one, page))).toEqual(['servers', 'none', 'none', 'none', 'page']);
});

test('this release understands the one before it, and servers that say nothing of it are the first', () => {
  expect(RELEASE.number - RELEASE.oldest).toBeLessThanOrEqual(1);
  expect([skewOf(undefined, release(2, 1)), skewOf(undefined, release(3, 2))]).toEqual(['none', 'servers']);
});
