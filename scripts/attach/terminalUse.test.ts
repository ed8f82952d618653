import xterm from '@xterm/headless';
import { expect, test } from 'vitest';
import { OutputFilter } from './outputFilter.ts';

type Terminal = InstanceType<typeof xterm.Terminal>;

async function terminal() {
  const screen = new xterm.Terminal({ cols: 20, rows: 5, allowProposedApi: true, logLevel: 'off' });
  const write = (data: string | Uint8Array) => new Promise<void>((done) => screen.write(data, done));
  await write('before\r\n');
  return { screen, write, lines: () => linesOf(screen) };
}

/** The text from the first line to the last that is not blank. */
function linesOf({ buffer }: Terminal): string {
  const lines = Array.from({ length: buffer.active.length }, (_, i) =>
    buffer.active.getLine(i)!.translateToString(true),
  );
  return lines.join('\r\n').trimEnd();
}

/** A terminal on which a program wrote `output` and was left. */
async function afterLeaving(output: string) {
  const { screen, write, lines } = await terminal();
  const filter = new OutputFilter();
  await write(filter.take(Buffer.from(output)));
  await write(filter.use.reset(filter.isInString));
  return { screen, write, lines };
}

const EVERYTHING =
  '\x1b[?1049h\x1b[?1h\x1b=\x1b[?6h\x1b[2;4r\x1b[4h\x1b[?7l\x1b[?25l\x1b[?1003h\x1b[?1006h\x1b[?1004h\x1b[?2004h\x1b[?2026h\x1b[1;31m\x1b(0text';

test('after a program that used everything the terminal is as before', async () => {
  const { screen, write, lines } = await afterLeaving(EVERYTHING);
  expect(screen.buffer.active.type).toBe('normal');
  expect(screen.modes).toEqual((await terminal()).screen.modes);
  await write('qx\r\n\r\n\r\nend');
  expect(lines()).toBe('before\r\nqx\r\n\r\n\r\nend');
});

test('on the normal screen the cursor and the text stay where they are', async () => {
  const { write, lines } = await afterLeaving('one\r\ntwo\x1b[1;3r\x1b[3;4H');
  await write('!');
  expect(lines()).toBe('before\r\none\r\ntwo!');
});

test('a string that the output left open is ended', async () => {
  const { write, lines } = await afterLeaving('\x1b]1337;File=:AAAA');
  await write('seen');
  expect(lines()).toBe('before\r\nseen');
});

test('what only some terminals know is undone only after it was used', () => {
  const undone = (output: string) => {
    const filter = new OutputFilter();
    filter.take(Buffer.from(output));
    return filter.use.reset(false);
  };
  const rare = ['\x1b[=0u', '\x1b[>4m', '\x1b]104\x1b\\', '\x1b]9;4;0\x1b\\', '\x1b[0 q', '\x1b[?2048l'];
  expect(rare.filter((sequence) => undone('').includes(sequence))).toEqual([]);
  const use = '\x1b[>5u\x1b[>4;2m\x1b]4;1;red\x07\x1b]9;4;1;3\x07\x1b[5 q\x1b[?2048h';
  expect(rare.filter((sequence) => !undone(use).includes(sequence))).toEqual([]);
});
