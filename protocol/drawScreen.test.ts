import headless from '@xterm/headless';
import { expect, test } from 'vitest';
import { drawScreen, drawTranscript, utf8Bytes } from './drawScreen.ts';
import { ScreenState } from './screenState.ts';

function screenOf(cols: number, rows: number) {
  const terminal = new headless.Terminal({ cols, rows, scrollback: 1000, allowProposedApi: true, logLevel: 'off' });
  const state = new ScreenState(terminal);
  const write = (data: string) => new Promise<void>((done) => terminal.write(data, done));
  const line = (y: number) => terminal.buffer.active.getLine(y);
  return {
    write,
    draw: (maxBytes: number, scrollback = 1000) => drawScreen(terminal, state, { scrollback, maxBytes }),
    transcript: (maxBytes: number) => drawTranscript(terminal, maxBytes),
    texts: () => Array.from({ length: terminal.buffer.active.length }, (_, y) => line(y)!.translateToString(true)),
    /** The colour mode of the first cell of each row. */
    colors: () => Array.from({ length: rows }, (_, y) => line(y)!.getCell(0)!.getFgColorMode() !== 0),
  };
}

async function copyOf(cols: number, rows: number, picture: string) {
  const copy = screenOf(cols, rows);
  await copy.write(picture);
  return copy;
}

/** Every cell in a colour of its own. */
const hostileRow = (cols: number, y: number) =>
  Array.from({ length: cols }, (_, x) => `\x1b[38;2;${x % 256};${y % 256};${(x * y) % 256}m#`).join('');

const LIMIT = 256 * 1024;

test('of too many lines the oldest are left out, and the screen is whole', async () => {
  const screen = screenOf(80, 10);
  const lines = Array.from({ length: 900 }, (_, i) => `line ${i} ${'x'.repeat(60)}`);
  await screen.write(lines.join('\r\n'));
  const picture = screen.draw(96 * 1024);
  const kept = (await copyOf(80, 10, picture)).texts();
  expect(utf8Bytes(picture)).toBeLessThanOrEqual(96 * 1024);
  expect(kept).toEqual(lines.slice(-kept.length));
  expect(kept.length).toBeGreaterThan(300);
});

test('of a screen that is too colourful the upper rows lose their colours, not their text', async () => {
  const [cols, rows] = [200, 100];
  const screen = screenOf(cols, rows);
  await screen.write(Array.from({ length: rows }, (_, y) => `\x1b[${y + 1}H${hostileRow(cols, y)}`).join(''));
  const picture = screen.draw(LIMIT);
  const copy = await copyOf(cols, rows, picture);
  expect(utf8Bytes(picture)).toBeLessThanOrEqual(LIMIT);
  expect(copy.texts()).toEqual(screen.texts());
  const firstColored = copy.colors().indexOf(true);
  expect(firstColored).toBeGreaterThan(0);
  expect(copy.colors().slice(firstColored)).not.toContain(false);
});

test(
  'the largest screen of the widest characters stays below the bound, its last rows in place',
  { timeout: 60_000 },
  async () => {
    const [cols, rows] = [1000, 500];
    const screen = screenOf(cols, rows);
    await screen.write(
      Array.from({ length: rows }, (_, y) => `\x1b[${y + 1}H\x1b[3${y % 8}m${'漢'.repeat(cols / 2)}`).join(''),
    );
    const picture = screen.draw(LIMIT);
    const texts = (await copyOf(cols, rows, picture)).texts();
    expect(utf8Bytes(picture)).toBeLessThanOrEqual(LIMIT);
    const firstDrawn = texts.findIndex((text) => text !== '');
    expect(firstDrawn).toBeGreaterThan(0);
    expect(texts.slice(firstDrawn)).toEqual(Array<string>(rows - firstDrawn).fill('漢'.repeat(cols / 2)));
  },
);

test('of both screens the one in sight is the last to lose anything', async () => {
  const [cols, rows] = [200, 40];
  const screen = screenOf(cols, rows);
  const fill = Array.from({ length: rows }, (_, y) => `\x1b[${y + 1}H${hostileRow(cols, y)}`).join('');
  await screen.write(`${fill}\x1b[?1049h${fill}`);
  const copy = await copyOf(cols, rows, screen.draw(LIMIT));
  expect(copy.colors()).not.toContain(false);
  await copy.write('\x1b[?1049l');
  expect(copy.colors()).toContain(false);
});

test('endless titles, links and combining characters have their bounds', async () => {
  const screen = screenOf(80, 10);
  const long = 'x'.repeat(100_000);
  await screen.write(`\x1b]2;${long}\x07\x1b]8;;http://${long}\x1b\\link\x1b]8;;\x1b\\e${'\u0301'.repeat(100_000)}end`);
  const picture = screen.draw(LIMIT);
  expect(utf8Bytes(picture)).toBeLessThan(8 * 1024);
  expect((await copyOf(80, 10, picture)).texts()[0]).toMatch(/^linke\u0301+end$/);
});

test('a transcript stays below its bound in bytes, not characters', async () => {
  const screen = screenOf(80, 10);
  await screen.write(Array.from({ length: 100 }, () => '漢'.repeat(20)).join('\r\n'));
  const transcript = screen.transcript(1000);
  expect(utf8Bytes(transcript)).toBe(15 * (60 + 5));
});

test.each(['a', 'é', '漢', '🎉', 'a🎉漢é'])('%s is counted as it is encoded', (text) => {
  expect(utf8Bytes(text)).toBe(new TextEncoder().encode(text).length);
});
