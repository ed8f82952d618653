// @vitest-environment happy-dom
import { expect, test } from 'vitest';
import type { AppError } from '../../protocol/errors.ts';
import { fc } from '../../server/testing/property.ts';
import { NEEDED_NAMES, OTHER_NAMES, type TerminalColors } from '../terminal/colors.ts';
import { exportTheme } from './exportTheme.ts';
import { ansi, COLORS } from './fixtures/colors.ts';
import * as files from './fixtures/files.ts';
import { MAX_THEME_CHARS, readThemes } from './readThemes.ts';
import { MAX_THEME_NAME, nameOf } from './themeName.ts';

const only = async (text: string, fileName?: string) => {
  const { format, themes } = await readThemes(text, fileName);
  expect(themes).toHaveLength(1);
  return { format, ...themes[0]! };
};
const without = (...names: (keyof TerminalColors)[]) =>
  Object.fromEntries(Object.entries(COLORS).filter(([name]) => !names.includes(name as keyof TerminalColors)));
const refusalOf = (text: string) =>
  readThemes(text).then(
    () => ['accepted'],
    ({ code, message, details }: AppError) => [code, message, details ?? {}],
  );

test.each([
  ['iTerm2', files.ITERM2, 'harbour', COLORS],
  ['Windows Terminal or VS Code', files.WINDOWS_TERMINAL, 'Harbour', without('cursorAccent', 'selectionForeground')],
  ['Windows Terminal or VS Code', files.VS_CODE, 'Harbour', without('selectionForeground')],
  [
    'Windows Terminal or VS Code',
    files.VS_CODE_SETTINGS,
    'harbour',
    without('cursor', 'cursorAccent', 'selectionBackground', 'selectionForeground'),
  ],
  [
    'Alacritty or WezTerm',
    files.ALACRITTY_TOML,
    'harbour',
    without('cursorAccent', 'selectionBackground', 'selectionForeground'),
  ],
  [
    'base16, base24 or Alacritty',
    files.ALACRITTY_YAML,
    'harbour',
    without('cursor', 'cursorAccent', 'selectionBackground', 'selectionForeground'),
  ],
  ['Alacritty or WezTerm', files.WEZTERM, 'Harbour', COLORS],
  ['kitty', files.KITTY, 'Harbour', without('selectionForeground')],
  ['Ghostty', files.GHOSTTY, 'harbour', COLORS],
  ['Xresources', files.XRESOURCES, 'harbour', without('cursorAccent', 'selectionBackground', 'selectionForeground')],
])('%s is known by what stands in it, and says its colours', async (format, text, name, colors) => {
  for (const form of [text, text.replaceAll('\n', '\r\n'), `\uFEFF${text}`])
    expect(await only(form, 'C:\\mine\\harbour.txt')).toEqual({ format, name, colors, filled: [] });
});

test('base16 and base24 say the sixteen by numbers, which are never taken for numbers', async () => {
  const base = (hex: string) => `#${files.baseColor(parseInt(hex, 16))}`;
  const sixteen = (await only(files.BASE16)).colors;
  expect([sixteen.background, sixteen.foreground, sixteen.black, sixteen.red, sixteen.brightRed]).toEqual(
    ['00', '05', '00', '08', '08'].map(base),
  );
  expect([sixteen.yellow, sixteen.brightBlack, sixteen.brightWhite]).toEqual(['0A', '03', '07'].map(base));
  const { name, colors } = await only(files.BASE24);
  expect([name, colors.red, colors.brightRed, colors.brightMagenta, colors.black, colors.brightBlack]).toEqual([
    'Harbour',
    ...['08', '12', '17', '01', '02'].map(base),
  ]);
});

test('of the settings of Windows Terminal every scheme is read', async () => {
  const scheme = files.WINDOWS_TERMINAL.replace(/^.*\n/, '');
  const { themes } = await readThemes(
    `{ "profiles": {}, "schemes": [${scheme}, ${scheme.replace('Harbour', 'Quay')}] }`,
  );
  expect(themes.map(({ name }) => name)).toEqual(['Harbour', 'Quay']);
});

test('what a file leaves out goes with its background, and is told', async () => {
  const light = await only('background #fafafa\nforeground #202020\ncolor1 #a01010\n');
  expect(light.filled).toHaveLength(15);
  expect(light.filled).not.toContain('red');
  expect(light.colors).toMatchObject({ red: '#a01010', brightRed: '#a01010', blue: '#1463c4' });
  const dark = await only('background #0a0a0a\nforeground #e0e0e0\n');
  expect([dark.colors.blue, dark.colors.brightBlack]).toEqual(['#6cb2ff', '#7d8a93']);
});

test('a colour that lets the background through is as strong as it looks on it', async () => {
  const theme = { 'editor.background': '#000000', foreground: '#ffffff80', 'terminal.ansiRed': '#f00' };
  const { colors } = await only(JSON.stringify({ colors: theme }));
  expect([colors.foreground, colors.red]).toEqual(['#808080', '#ff0000']);
});

test('a colour of a wider space is brought to the nearest that there is', async () => {
  const wide = files.ITERM2.replaceAll('<string>sRGB<', '<string>P3<');
  const { colors } = await only(wide);
  expect(colors.background).toBe(COLORS.background); // what is nearly grey is so in both
  expect(parseInt(colors.brightWhite.slice(1, 3), 16)).toBeGreaterThan(parseInt(ansi(15).slice(1, 3), 16));
});

test.each([
  ['a note, no theme', /^No colours were found in it\. What can be read: iTerm2, /, {}],
  ['', /^No colours were found/, {}],
  [
    '{\n  "background": "#000000",\n  "foreground" "#ffffff"\n}',
    /^Line 3 is no JSON: colon expected\.$/,
    { line: '3' },
  ],
  ['{ "background": "#000000" }', /foreground is missing/, { field: 'foreground' }],
  ['{ "background": 7, "foreground": "#ffffff" }', /^background is 7, which is no colour\.$/, { field: 'background' }],
  ['{ "colors": { "terminal.ansiRed": "#f00" } }', /editor\.background is missing/, { field: 'editor.background' }],
  ['{ "include": "./base.json", "colors": {} }', /in another file, “\.\/base\.json”/, { field: 'include' }],
  ['{ "schemes": [] }', /no scheme/, { field: 'schemes' }],
  [
    'background #000000\nforeground #ffffff\ncolor1 banana\n',
    /^Line 3: color1 is “banana”/,
    { field: 'color1', line: '3' },
  ],
  ['[colors.primary]\nbackground = "#000000"\nforeground = oops', /^Line 3 is no TOML: /, { line: '3' }],
  ['[window]\nopacity = 1', /no table \[colors\]/, { field: 'colors' }],
  [files.WEZTERM.replace(ansi(1), 'reddish'), /colors\.ansi\[1\] is “reddish”/, { field: 'colors.ansi[1]' }],
  ['colors:\n  primary: [\n', /^Line \d is no YAML: /, { line: expect.any(String) as string }],
  [files.BASE16.replace(/base0B.*\n/, ''), /no base0B/, { field: 'base0B' }],
  [
    '*.background: #000000\n*.foreground: nocolor\n',
    /^Line 2: foreground is “nocolor”/,
    { field: 'foreground', line: '2' },
  ],
  [
    'palette = 1=#12\nbackground = 000000\nforeground = ffffff',
    /^Line 1: color1 is “#12”/,
    { field: 'color1', line: '1' },
  ],
  [files.ITERM2.replace('<dict>', '<!-- <dict> -->'), /XML/, expect.any(Object) as object],
  [files.ITERM2.replace('plist PUBLIC', 'plist [<!ENTITY a "b">] PUBLIC'), /declares entities/, {}],
  [
    files.ITERM2.replace(/<real>[^<]+<\/real>\n(?=.*\n.*Green)/, '<real>2</real>\n'),
    /Ansi 0 Color, Blue Component is “2”: it must be from 0 to 1/,
    { field: 'Ansi 0 Color, Blue Component' },
  ],
])('what cannot be is refused with the place and the reason (%#)', async (text, sentence, details) => {
  expect(await refusalOf(text)).toEqual(['colors.invalid', expect.stringMatching(sentence), details]);
});

test('what no colours can be is not even looked at, and what makes a library fall over is refused', async () => {
  expect(await refusalOf('x'.repeat(MAX_THEME_CHARS + 1))).toMatchObject([
    'input.too_large',
    /longer than 512 KiB/,
    {},
  ]);
  for (const text of ['{"a":'.repeat(100_000), `{"a":${'['.repeat(100_000)}`, `colors: ${'['.repeat(100_000)}`])
    expect((await refusalOf(text))[0]).toBe('colors.invalid');
  const bomb = Array.from({ length: 12 }, (_, i) => `a${i + 1}: &a${i + 1} [${Array(9).fill(`*a${i}`).join(', ')}]`);
  expect((await refusalOf(['colors: &a0 {}', ...bomb].join('\n')))[0]).toBe('colors.invalid');
});

const hex = fc.integer({ min: 0, max: 0xffffff }).map((value) => `#${value.toString(16).padStart(6, '0')}`);
const anyColors = fc
  .tuple(
    fc.record(Object.fromEntries(NEEDED_NAMES.map((name) => [name, hex]))),
    fc.record(Object.fromEntries(OTHER_NAMES.map((name) => [name, hex])), { requiredKeys: [] }),
  )
  .map(([needed, others]) => ({ ...needed, ...others }) as TerminalColors);
const anyName = fc.string({ unit: 'grapheme', maxLength: MAX_THEME_NAME }).map(nameOf).filter(Boolean);

test('what was exported reads back the same', async () => {
  await fc.assert(
    fc.asyncProperty(anyColors, anyName, async (colors, name) => {
      const { themes } = await readThemes(exportTheme({ name, colors }));
      expect(themes).toEqual([{ name, colors, filled: [] }]);
    }),
  );
});

test('a damaged file is read or refused, and never anything else', async () => {
  const texts = Object.values(files).filter((one) => typeof one === 'string');
  const damage = fc.record({ text: fc.constantFrom(...texts), at: fc.nat(2_000), cut: fc.nat(20), put: fc.string() });
  await fc.assert(
    fc.asyncProperty(damage, async ({ text, at, cut, put }) => {
      const [outcome] = await refusalOf(text.slice(0, at) + put + text.slice(at + cut));
      expect(['accepted', 'colors.invalid']).toContain(outcome);
    }),
    { numRuns: 300 },
  );
});
