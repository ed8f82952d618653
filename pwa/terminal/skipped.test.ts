import { expect, test } from 'vitest';
import { skippedText } from './skipped.ts';

test('what was skipped is told in a fitting unit', () => {
  expect([512, 40 * 1024, 2.5 * 1024 * 1024].map(skippedText)).toEqual([
    '512 bytes skipped',
    '40 kB skipped',
    '2.5 MB skipped',
  ]);
});
