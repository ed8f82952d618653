import { expect, test } from 'vitest';
import { COLORS } from '../themes/fixtures/colors.ts';
import { optionsOf, SETTINGS, settingsLike, troubleInSettings, valueOf } from './settingsList.ts';

const settingOf = (key: string) => SETTINGS.find((one) => one.key === key)!;

test('what is not set, or cannot be, is as it comes', () => {
  const scrollback = settingOf('terminal.scrollback');
  const values = [undefined, 'many', 99, 100.5, 50_001, 100, 50_000].map((value) =>
    valueOf(scrollback, value === undefined ? {} : { 'terminal.scrollback': value }),
  );
  expect(values).toEqual([5_000, 5_000, 5_000, 5_000, 5_000, 100, 50_000]);
  expect(valueOf(settingOf('theme'), { theme: 'purple' })).toBe('system');
  expect(valueOf(settingOf('terminal.cursorBlink'), { 'terminal.cursorBlink': 0 })).toBe(true);
});

test('trouble is said for what is known, and another release’s settings are left alone', () => {
  expect(troubleInSettings({ theme: 'purple', 'terminal.cursorBlink': 'no', fromTomorrow: 7 })).toEqual([
    'theme must be one of system, light, dark.',
    'terminal.cursorBlink must be true or false.',
  ]);
  expect(troubleInSettings({ 'terminal.font': 'Menlo; }' })[0]).toMatch(/^terminal.font must be names of fonts/);
  expect(troubleInSettings({ theme: 'dark', 'terminal.scrollback': 1_000 })).toEqual([]);
  expect(troubleInSettings({ 'terminal.textSize': 14 })).toEqual([
    'terminal.textSize is of each device, and set in the list.',
  ]);
});

test('a setting is found by words of its name, its note or its group', () => {
  const keysLike = (words: string) => settingsLike(words).map(({ key }) => key);
  expect(keysLike('')).toHaveLength(SETTINGS.length);
  expect(keysLike('cursor BLINK')).toEqual(['terminal.cursorBlink']);
  expect(keysLike('64 mib')).toEqual(['terminal.scrollback']);
  expect(keysLike('nothing like it')).toEqual([]);
});

test('colours are chosen among the themes that are in the document', () => {
  const light = settingOf('terminal.colors.light');
  const document = { 'terminal.theme.a1': { name: 'Harbour', colors: COLORS }, 'terminal.colors.light': 'a1' };
  expect(optionsOf(light, document)).toEqual([
    { value: 'window', title: 'As the window' },
    { value: 'a1', title: 'Harbour' },
  ]);
  expect([valueOf(light, document), valueOf(light, { 'terminal.colors.light': 'a1' })]).toEqual(['a1', 'window']);
  expect(troubleInSettings(document)).toEqual([]);
  expect(
    troubleInSettings({ 'terminal.theme.a1': { name: 'Harbour', colors: {} }, 'terminal.colors.light': 'a1' }),
  ).toEqual([
    'terminal.colors.light must be one of window.',
    'terminal.theme.a1 must have a name, and colours as #rrggbb.',
  ]);
});
