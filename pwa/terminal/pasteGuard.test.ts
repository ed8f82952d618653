import { expect, test } from 'vitest';
import { asOneLine, riskOf, withoutControls } from './pasteGuard.ts';

test('several lines are asked for where the program does not bracket pastes', () => {
  expect([
    riskOf('a\nb', false)?.lines,
    riskOf('a\r\n\r\nb\r', false)?.lines,
    riskOf('a\nb', true),
    riskOf('ls\n', false),
    riskOf('a\tb', false),
  ]).toEqual([2, 2, null, null, null]);
});

test('control characters are asked for always: they could end the brackets', () => {
  expect([riskOf('a\x1b[201~rm', true)?.hasControls, riskOf('a\x03', false)?.hasControls, riskOf('ä🙂', true)]).toEqual(
    [true, true, null],
  );
});

test('what is left out is left out, and lines become one', () => {
  expect([withoutControls('a\x1b[201~\x9bb\n\tc'), asOneLine('  make \r\n\n test\x07\n')]).toEqual([
    'a[201~b\n\tc',
    'make test',
  ]);
});
