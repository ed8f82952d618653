import { expect, test } from 'vitest';
import { sandboxProbe, type Trial } from './sandboxes.ts';

test('each way to keep people apart is possible by itself', async () => {
  const asked: string[] = [];
  const only =
    (wanted: string): Trial =>
    (program, _args, uid) => {
      asked.push(`${program} ${uid ?? ''}`.trim());
      return Promise.resolve(program === wanted);
    };
  expect(await sandboxProbe(only('bwrap'))()).toEqual(['bubblewrap']);
  expect(await sandboxProbe(only('unshare'))()).toEqual(['namespaces']);
  expect(await sandboxProbe(only('true'))()).toEqual(['uid']);
  expect(await sandboxProbe(only('nothing'))()).toEqual([]);
  expect(new Set(asked)).toEqual(new Set(['true 65534', 'bwrap', 'unshare']));
});

test('here, another uid can be taken by root alone', async () => {
  const isRoot = process.getuid?.() === 0;
  expect((await sandboxProbe()()).includes('uid')).toBe(isRoot);
});
