import { expect, test } from 'vitest';
import { joinLines, preambleOf } from './preamble.ts';

const lines = (...texts: (string | number)[]) => texts.map((text) => `${text}\x1b[m\r\n`).join('');
const from = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, i) => first + i);

test('a later text goes on where the earlier one ended', () => {
  expect(joinLines(lines(...from(1, 50)), lines(...from(40, 60)))).toBe(lines(...from(1, 60)));
});

test('what changed in the last lines, such as a prompt, is as it was later', () => {
  expect(joinLines(lines(1, 2, 3, 4, '$ '), lines(2, 3, 4, '$ ls', 'file'))).toBe(lines(1, 2, 3, 4, '$ ls', 'file'));
});

test('texts that do not meet stand below one another', () => {
  expect(joinLines(lines(1, 2, 3), lines(7, 8, 9))).toBe(lines(1, 2, 3, 7, 8, 9));
});

test('a text that is the same is there once; an empty one changes nothing', () => {
  const text = lines(1, 2, 3, 4);
  expect([joinLines(text, text), joinLines('', text), joinLines(text, '')]).toEqual([text, text, text]);
});

test('the preamble draws on a fresh terminal and says how, where and when', () => {
  const at = Date.UTC(2026, 10, 24, 12, 3);
  const preamble = (how: 'revived' | 'woken') =>
    preambleOf({ lines: lines('old'), how, shardId: 'backend-1', at, words: [] });
  expect(preamble('revived')).toBe(
    '\x1bcold\x1b[m\r\n\x1b[m\x1b[2m── revived on backend-1 at 2026-11-24 12:03 UTC ──\x1b[m\r\n',
  );
  expect(preamble('woken')).toContain('── woken on backend-1 at');
});
