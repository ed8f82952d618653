import { expect, test } from 'vitest';
import { FONT_NAMES, fontFamilyOf } from './terminalSettings.ts';

const OURS = "'Holdfast Mono', 'Holdfast Symbols', ui-monospace, monospace";

test('fonts that are wanted come before ours, by their names or by their kind', () => {
  expect(fontFamilyOf('')).toBe(OURS);
  expect(fontFamilyOf('Iosevka Term, , Menlo,monospace')).toBe(`'Iosevka Term', 'Menlo', monospace, ${OURS}`);
  expect(fontFamilyOf('ゴシック')).toBe(`'ゴシック', ${OURS}`);
});

test('what would say more than a name in a style sheet is no font', () => {
  for (const bad of ["a'; } * { color: red", 'a"', 'a\\', 'url(x)', 'a\nb', 'a'.repeat(201)]) {
    expect([FONT_NAMES.test(bad), fontFamilyOf(bad)]).toEqual([false, OURS]);
  }
});
