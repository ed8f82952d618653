import { expect, test } from 'vitest';
import { COLORS } from './fixtures/colors.ts';
import { colorsIn, deletion, themesIn, themeWith } from './keptThemes.ts';

const theme = (name: string) => ({ name, colors: COLORS });
const DOCUMENT = {
  'terminal.theme.b': theme('Quay'),
  'terminal.theme.a': theme('Harbour'),
  'terminal.theme.c': { name: 'No colours', colors: { red: 'red' } },
  'terminal.theme.d': { name: ' spaces around ', colors: COLORS },
  'terminal.theme.e': null,
  'terminal.colors.light': 'b',
  'terminal.colors.dark': 'gone',
  theme: 'light',
};

test('themes are listed by name, and what is none is passed over', () => {
  expect(themesIn(DOCUMENT).map(({ id, name }) => [id, name])).toEqual([
    ['a', 'Harbour'],
    ['b', 'Quay'],
  ]);
  expect([themeWith(DOCUMENT, 'b')?.name, themeWith(DOCUMENT, 'c'), themeWith(DOCUMENT, 7)]).toEqual([
    'Quay',
    null,
    null,
  ]);
});

test('a choice of a theme that is not there is the window’s own colours', () => {
  expect(colorsIn(DOCUMENT)).toEqual({ light: COLORS, dark: null });
  expect(colorsIn({ 'terminal.colors.light': '__proto__', 'terminal.colors.dark': 'window' })).toEqual({
    light: null,
    dark: null,
  });
});

test('a theme that goes is chosen nowhere any more', () => {
  expect(deletion(DOCUMENT, 'b')).toEqual({ 'terminal.theme.b': undefined, 'terminal.colors.light': 'window' });
  expect(deletion(DOCUMENT, 'a')).toEqual({ 'terminal.theme.a': undefined });
});
