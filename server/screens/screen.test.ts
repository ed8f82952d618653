import xterm from '@xterm/headless';
import { expect, test } from 'vitest';
import { Screen } from './screen.ts';

const size = { cols: 40, rows: 10 };
const bytes = (text: string) => Buffer.from(text);

/** The rows of a terminal that was given `text`. */
async function rowsOf(text: string): Promise<string[]> {
  const terminal = new xterm.Terminal({ ...size, allowProposedApi: true });
  await new Promise<void>((resolve) => terminal.write(text, resolve));
  return Array.from({ length: size.rows }, (_, row) => terminal.buffer.active.getLine(row)!.translateToString(true));
}

test('a snapshot and the bytes after it draw what the whole stream draws', async () => {
  const stream = 'one\r\n\x1b[31mtwo\x1b[0m\r\n\x1b]0;title\x07three €';
  for (let cut = 0; cut <= bytes(stream).length; cut++) {
    const screen = new Screen(0, 0, size, () => undefined);
    await screen.feed(bytes(stream).subarray(0, cut));
    const { text, offset } = await screen.snapshot();
    expect(await rowsOf('garbage' + text + bytes(stream).subarray(offset).toString())).toEqual(await rowsOf(stream));
    screen.dispose();
  }
});

test('a query is answered once, by the screen', async () => {
  const answers: [string, number][] = [];
  const screen = new Screen(0, 0, size, (answer, offset) => answers.push([answer, offset]));
  await screen.feed(bytes('ab\x1b[6'));
  await screen.feed(bytes('n'));
  expect(answers).toEqual([['\x1b[1;3R', 6]]);
  screen.dispose();
});

test('a screen that is rebuilt does not answer what was answered before', async () => {
  const answers: string[] = [];
  const screen = new Screen(0, 4, size, (answer) => answers.push(answer));
  await screen.feed(bytes('\x1b[6nx\x1b[6n'));
  expect(answers).toEqual(['\x1b[1;2R']);
  screen.dispose();
});

test('a resize comes after the output that was made for the old size', async () => {
  const screen = new Screen(0, 0, size, () => undefined);
  void screen.feed(bytes('x'.repeat(40)));
  screen.resize(20, 10);
  const { cols, rows } = await screen.snapshot();
  expect([cols, rows]).toEqual([20, 10]);
  screen.dispose();
});
