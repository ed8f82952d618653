import headless from '@xterm/headless';
import { expect, test } from 'vitest';
import { parseColor, ScreenState } from './screenState.ts';

async function sequencesAfter(output: string): Promise<string> {
  const terminal = new headless.Terminal({ allowProposedApi: true });
  const state = new ScreenState(terminal);
  await new Promise<void>((done) => terminal.write(output, done));
  return state.sequences();
}

test('colours that a program set are given back', async () => {
  const sequences = await sequencesAfter('\x1b]4;1;#f00;2;rgb:ffff/0000/0000\x07\x1b]11;#102030;rgb:1/2/3\x07');
  expect(sequences).toBe(
    '\x1b]4;1;rgb:f0/00/00;2;rgb:ff/00/00\x1b\\\x1b]11;rgb:10/20/30\x1b\\\x1b]12;rgb:11/22/33\x1b\\',
  );
});

test('colours that a program took back are not', async () => {
  const set = '\x1b]4;1;#f00;2;#0f0\x07\x1b]10;#fff;#000;#ccc\x07';
  expect(await sequencesAfter(`${set}\x1b]104;1;2\x07\x1b]110\x07\x1b]111\x07\x1b]112\x07`)).toBe('');
});

test('the blinking of the cursor is given back only when a program spoke of it', async () => {
  expect(await sequencesAfter('')).toBe('');
  expect(await sequencesAfter('\x1b[?12;25l')).toBe('\x1b[?12l');
});

test.each([
  ['#abc', 'rgb:a0/b0/c0'],
  ['#A1B2C3', 'rgb:a1/b2/c3'],
  ['#123456789', 'rgb:12/45/78'],
  ['rgb:f/8/0', 'rgb:ff/88/00'],
  ['rgb:FFFF/8000/0000', 'rgb:ff/80/00'],
  ['rgb:ff/8/0', undefined],
  ['red', undefined],
  ['?', undefined],
  ['#12', undefined],
  ['#123\x1b[31m', undefined],
])('%j is the colour %s', (text, color) => {
  expect(parseColor(text)).toBe(color);
});
