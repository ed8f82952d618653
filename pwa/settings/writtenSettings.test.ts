import { expect, test } from 'vitest';
import { allSettings, changesWritten } from './writtenSettings.ts';

const SET = { theme: 'light', fromTomorrow: 7 };
const shown = JSON.stringify(allSettings(SET));
const written = (change: object) => JSON.stringify({ ...allSettings(SET), ...change });

test('what could be set is shown, as it comes, and what is each device’s own is not', () => {
  const all = allSettings(SET);
  expect(all).toMatchObject({ ...SET, family: 'holdfast', 'terminal.scrollback': 5_000 });
  expect(all).not.toHaveProperty(['terminal.textSize']);
});

test('only what was changed in it is set: not what was shown because it comes so', () => {
  expect(changesWritten(shown, shown)).toEqual({});
  expect(changesWritten(written({ 'terminal.scrollback': 3_000 }), shown)).toEqual({ 'terminal.scrollback': 3_000 });
  expect(changesWritten(written({ theme: 'system', fromTomorrow: undefined }), shown)).toEqual({
    theme: 'system',
    fromTomorrow: undefined,
  });
});

test('what cannot be is refused with the reason', () => {
  expect(changesWritten('[]', shown)).toBe('It must be an object: { … }.');
  expect(changesWritten('{ "theme": "purple" }', shown)).toBe('theme must be one of system, light, dark.');
  expect(changesWritten('{', shown)).toMatch(/JSON/);
});
