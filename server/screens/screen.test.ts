import xterm from '@xterm/headless';
import { expect, test } from 'vitest';
import { CommandMarks } from '../../protocol/commandMarks.ts';
import { MAX_HELD_BYTES } from '../../protocol/safePoint.ts';
import { Screen } from './screen.ts';

const size = { cols: 40, rows: 10 };
const bytes = (text: string) => Buffer.from(text);
const WHOLE = [{ of: 'whole' as const, maxBytes: 1024 * 1024 }];

/** The rows of a terminal that was given `text`. */
async function rowsOf(text: string): Promise<string[]> {
  const terminal = new xterm.Terminal({ ...size, allowProposedApi: true });
  await new Promise<void>((resolve) => terminal.write(text, resolve));
  return Array.from({ length: size.rows }, (_, row) => terminal.buffer.active.getLine(row)!.translateToString(true));
}

async function answersTo(output: string, answerFrom = 0): Promise<[string, number][]> {
  const answers: [string, number][] = [];
  const screen = new Screen(0, answerFrom, size, (answer, offset) => answers.push([answer, offset]));
  await screen.feed(bytes(output));
  screen.dispose();
  return answers;
}

test('a query is answered once, by the screen, when it is complete', async () => {
  const answers: [string, number][] = [];
  const screen = new Screen(0, 0, size, (answer, offset) => answers.push([answer, offset]));
  await screen.feed(bytes('ab\x1b[6'));
  await screen.feed(bytes('n'));
  expect(answers).toEqual([['\x1b[1;3R', 6]]);
  screen.dispose();
});

test('a screen that is rebuilt does not answer what was answered before', async () => {
  expect(await answersTo('\x1b[6nx\x1b[6n', 4)).toEqual([['\x1b[1;2R', 9]]);
});

test('a picture says what the shell has marked in it', async () => {
  const screen = new Screen(0, 0, size, () => undefined);
  await screen.feed(bytes('\x1b]133;A\x07$ \x1b]133;B\x07make\r\n\x1b]133;C\x07one\r\n\x1b]133;D;2\x07'));
  await screen.feed(bytes('\r\n'.repeat(20)));
  await screen.feed(bytes('\x1b]133;A\x07$ \x1b]133;B\x07vi\r\n\x1b]133;C\x07\x1b[?1049h~'));
  const { texts } = await screen.draw([...WHOLE, { of: 'screen', maxBytes: 1024 * 1024 }]);
  screen.dispose();
  const commandsIn = async (picture: string) => {
    const terminal = new xterm.Terminal({ ...size, allowProposedApi: true });
    const events = { shell: () => undefined, ended: () => undefined };
    const marks = new CommandMarks(terminal, () => true, events, Date.now);
    await new Promise<void>((resolve) => terminal.write(picture, resolve));
    return [marks.state.command, ...marks.commands.map(({ text, exitCode }) => [text, exitCode])];
  };
  expect(await Promise.all(texts.map(commandsIn))).toEqual([
    ['vi', ['make', 2], ['vi', null]],
    ['vi', ['vi', null]],
  ]);
});

test('a query in a synchronized frame is answered before the frame ends', async () => {
  expect(await answersTo('\x1b[?2026h\x1b[5n')).toEqual([['\x1b[0n', 12]]);
});

test('output is drawn at the size it was made for', async () => {
  const screen = new Screen(0, 0, size, () => undefined);
  screen.resize(10, 20, 10);
  await screen.feed(bytes('\x1b[99Ga\r\n\r\n\x1b[99Gb\r\n'));
  screen.resize(18, 30, 10);
  const { cols, texts } = await screen.draw([{ of: 'transcript', maxBytes: 1000 }]);
  const line = (column: number, text: string) => `${' '.repeat(column - 1)}${text}\x1b[m\r\n`;
  expect([cols, texts[0]]).toEqual([30, line(40, 'a') + '\x1b[m\r\n' + line(20, 'b')]);
  screen.dispose();
});

test('half a synchronized frame is not drawn when its end comes soon', async () => {
  const screen = new Screen(0, 0, size, () => undefined);
  await screen.feed(bytes('\x1b[?2026hhalf'));
  const drawn = screen.draw(WHOLE);
  void screen.feed(bytes(' whole\x1b[?2026l'));
  void screen.feed(bytes('\x1b[?2026hnext'));
  const { texts, offset } = await drawn;
  expect([(await rowsOf(texts[0]!))[0], offset]).toEqual(['half whole', 26]);
  screen.dispose();
});

test('a frame that never ends is drawn all the same, and is still open', async () => {
  const screen = new Screen(0, 0, size, () => undefined);
  await screen.feed(bytes('\x1b[?2026hhalf'));
  const { texts } = await screen.draw(WHOLE);
  expect((await rowsOf(texts[0]!))[0]).toBe('half');
  expect(texts[0]).not.toContain('\x1b[?2026l');
  screen.dispose();
});

test('who joins within a string without an end does not see what comes of it', async () => {
  const screen = new Screen(0, 0, size, () => undefined);
  await screen.feed(bytes('ab\x1b]0;'));
  await screen.feed(Buffer.alloc(MAX_HELD_BYTES, 'x'));
  const { texts, offset } = await screen.draw(WHOLE);
  expect(offset).toBe(6 + MAX_HELD_BYTES);
  expect((await rowsOf(`${texts[0]!}more of it\x07cd`))[0]).toBe('abcd');
  screen.dispose();
});

test('a transcript has the text of the normal screen with its attributes and no movement', async () => {
  const screen = new Screen(0, 0, size, () => undefined);
  await screen.feed(
    bytes(`\x1b[5;5Hone\x1b[31mred\x1b[m  x\r\n${'w'.repeat(39)}漢\x1b[32m${'w'.repeat(50)}\r\n\x1b[?1049hfull screen`),
  );
  const { texts } = await screen.draw([{ of: 'transcript', maxBytes: 1000 }]);
  const end = '\x1b[m\r\n';
  expect(texts[0]).toBe(
    `${end.repeat(4)}    one\x1b[0;31mred\x1b[m  x${end}${'w'.repeat(39)}漢\x1b[0;32m${'w'.repeat(38)}\x1b[m\x1b[0;32m${'w'.repeat(12)}\x1b[m${end}`,
  );
  screen.dispose();
});

test('a transcript keeps the newest lines', async () => {
  const screen = new Screen(0, 0, size, () => undefined);
  await screen.feed(bytes(Array.from({ length: 100 }, (_, i) => `line ${i}`).join('\r\n')));
  const { texts } = await screen.draw([{ of: 'transcript', maxBytes: 30 }]);
  expect(texts[0]).toBe('line 98\x1b[m\r\nline 99\x1b[m\r\n');
  screen.dispose();
});
