import { expect, test } from 'vitest';
import { coalesce } from './coalesce.ts';

test('many wishes during one run make one more run', async () => {
  let runs = 0;
  let finish = () => {};
  const ask = coalesce(() => {
    runs++;
    return new Promise((resolve) => (finish = resolve));
  });
  const first = ask();
  void ask();
  void ask();
  finish();
  await Promise.resolve();
  await Promise.resolve();
  expect(runs).toBe(2);
  finish();
  await first;
  expect(runs).toBe(2);
});
