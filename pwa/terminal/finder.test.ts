import { expect, test } from 'vitest';
import { foundOf, foundText, isRegex, MAX_FOUND, NOTHING_FOUND } from './finder.ts';

test('what was found is told in words', () => {
  expect([
    foundText(foundOf(2, 7), 'x'),
    foundText(foundOf(-1, MAX_FOUND), 'x'),
    foundText(foundOf(-1, 0), 'x'),
    foundText({ ...NOTHING_FOUND, isInvalid: true }, '('),
    foundText(NOTHING_FOUND, ''),
  ]).toEqual(['3 of 7', '1000+ found', 'Nothing found', 'Not a regular expression', '']);
});

test('half a regular expression is none', () => {
  expect([isRegex('a|b'), isRegex('a('), isRegex('[')]).toEqual([true, false, false]);
});
