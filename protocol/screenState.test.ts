import headless from '@xterm/headless';
import serialize from '@xterm/addon-serialize';
import type { Terminal } from '@xterm/xterm';
import { expect, test } from 'vitest';
import { plainAtAlternate, ScreenState } from './screenState.ts';

/** The terminal without a display has the parser, the buffers and the modes of the one with it. */
function screen() {
  const terminal = new headless.Terminal({ cols: 40, rows: 6, allowProposedApi: true }) as unknown as Terminal;
  const serializer = new serialize.SerializeAddon();
  terminal.loadAddon(serializer);
  const state = new ScreenState(terminal);
  const write = (data: string) => new Promise<void>((done) => terminal.write(data, done));
  return { terminal, write, stored: () => plainAtAlternate(serializer.serialize()) + state.sequences() };
}

async function copyOf(original: ReturnType<typeof screen>) {
  const copy = screen();
  await copy.write(original.stored());
  return copy;
}

/** What both do with the same continuation must look the same, colours included. */
async function bothAfter(history: string, continuation: string) {
  const original = screen();
  await original.write(history);
  const copy = await copyOf(original);
  await original.write(continuation);
  await copy.write(continuation);
  return [original.stored(), copy.stored()];
}

test('a scroll region goes on scrolling alone', async () => {
  const [original, copy] = await bothAfter('top\r\n\x1b[2;4r\x1b[4;1Hlast', '\r\none\r\ntwo\x1b[1;1HTOP');
  expect(copy).toBe(original);
});

test('a saved cursor is found again', async () => {
  const [original, copy] = await bothAfter('ab\x1b7\x1b[5;10Hfar', '\x1b8cd');
  expect(copy).toBe(original);
});

test('line drawing goes on drawing lines', async () => {
  const [original, copy] = await bothAfter('\x1b(0lq', 'qk');
  expect(copy).toBe(original);
});

test('a full-screen program keeps its colours, and leaves none behind', async () => {
  const history = 'shell\r\n\x1b[?1049h\x1b[Hplain\x1b[34m~';
  const [original, copy] = await bothAfter(history, '\x1b[m\x1b[?1049l$ ');
  expect(copy).toBe(original);
});

test('mouse encoding, cursor look and visibility, and title are written out', async () => {
  const original = screen();
  await original.write('\x1b[?1002h\x1b[?1006h\x1b[?25l\x1b[4 q\x1b]2;building\x07');
  const copy = await copyOf(original);
  expect(copy.stored()).toBe(original.stored());
  expect(copy.stored()).toContain('\x1b[?25l\x1b[?1006h\x1b[4 q\x1b]2;building\x1b\\');
});

test('a full reset leaves nothing to write out', async () => {
  const original = screen();
  await original.write('\x1b[?25l\x1b[?1006h\x1b[2;3r\x1b7\x1bc');
  expect(original.stored()).toBe('');
});
