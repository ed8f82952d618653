import { expect, test } from 'vitest';
import { fc } from '../../server/testing/property.ts';
import type { Theme } from '../ui/theme.ts';
import { apart, contrastBetween, isDarkColor, isTerminalColors, mixed, NEEDED_NAMES, OTHER_NAMES } from './colors.ts';
import type { TerminalColors } from './colors.ts';
import { findColorsOf, lookOf, tokensOver } from './terminalLook.ts';
import { terminalThemes } from './themes.ts';

const THEMES = Object.keys(terminalThemes) as Theme[];
const hex = fc.integer({ min: 0, max: 0xffffff }).map((value) => `#${value.toString(16).padStart(6, '0')}`);
const anyColors = fc
  .tuple(
    fc.record(Object.fromEntries(NEEDED_NAMES.map((name) => [name, hex]))),
    fc.record(Object.fromEntries(OTHER_NAMES.map((name) => [name, hex])), { requiredKeys: [] }),
  )
  .map(([needed, others]) => ({ ...needed, ...others }) as TerminalColors);

test('without colours of their own terminals look as the window', () => {
  const looks = THEMES.map((theme) => lookOf(theme, null));
  expect(looks.map(({ colors, isDark }) => [colors, isDark])).toEqual(
    THEMES.map((theme) => [terminalThemes[theme], theme.endsWith('dark')]),
  );
  expect(looks.map(tokensOver)).toEqual(THEMES.map(() => ({})));
});

test('whatever colours are brought along, what lies on them is seen, and the contrast stays the window’s', () => {
  fc.assert(
    fc.property(anyColors, fc.constantFrom(...THEMES), (own, theme) => {
      const look = lookOf(theme, own);
      const { colors } = look;
      const on = (color: string) => contrastBetween(color, own.background);
      const found = findColorsOf(look);
      const surfaces = [colors.selectionBackground, colors.selectionInactiveBackground, colors.cursor];
      for (const color of [...surfaces, found.matchBackground]) expect(on(color)).toBeGreaterThanOrEqual(1.35);
      for (const color of [found.activeMatchBorder, found.matchOverviewRuler])
        expect(on(color)).toBeGreaterThanOrEqual(3);
      const tokens = tokensOver(look) as Record<string, string>;
      for (const name of ['--text-3', '--bad']) expect(on(tokens[name]!)).toBeGreaterThanOrEqual(4.5);
      expect(on(tokens['--line']!)).toBeGreaterThanOrEqual(1.35);
      if (colors.selectionForeground)
        expect(contrastBetween(colors.selectionForeground, colors.selectionBackground)).toBeGreaterThanOrEqual(
          look.contrast,
        );
      expect([look.contrast, look.isDark]).toEqual([
        theme.startsWith('contrast-') ? 7 : 4.5,
        isDarkColor(own.background),
      ]);
      expect(NEEDED_NAMES.map((name) => colors[name])).toEqual(NEEDED_NAMES.map((name) => own[name]));
    }),
  );
});

test('contrast is as WCAG counts it', () => {
  expect(contrastBetween('#000000', '#ffffff')).toBe(21);
  expect(contrastBetween('#767676', '#ffffff')).toBeCloseTo(4.54, 2);
  expect([isDarkColor('#747474'), isDarkColor('#787878')]).toEqual([true, false]);
  expect([mixed('#000000', '#ffffff', 0.5), apart('#101010', '#101010', 1)]).toEqual(['#808080', '#101010']);
});

test('what was kept is believed only if it is colours', () => {
  const colors = lookOf('dark', null).colors;
  const needed = Object.fromEntries(NEEDED_NAMES.map((name) => [name, colors[name]]));
  expect([needed, { ...needed, cursor: '#abcdef' }].map(isTerminalColors)).toEqual([true, true]);
  const wrong = [null, 7, {}, { ...needed, red: 'red' }, { ...needed, red: '#FF0000' }, { ...needed, cursor: 'none' }];
  expect([...wrong, { ...needed, cyan: undefined }].map(isTerminalColors)).toEqual(Array(7).fill(false));
});
