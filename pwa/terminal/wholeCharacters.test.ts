import headless from '@xterm/headless';
import { expect, test } from 'vitest';
import { cutLength, feedWholeCharacters } from './wholeCharacters.ts';

const TEXT = '“a” – … é 日本 \u{10000} 👩‍👩‍👧‍👦🧑🏿‍🚀é️⃣';

/** The first row after two writes. */
async function rowOf(bytes: Uint8Array, cut: number): Promise<string> {
  const terminal = new headless.Terminal({ cols: 80, rows: 2, allowProposedApi: true });
  feedWholeCharacters(terminal);
  terminal.write(bytes.subarray(0, cut));
  await new Promise<void>((done) => terminal.write(bytes.subarray(cut), done));
  const row = terminal.buffer.active.getLine(0)!.translateToString(true);
  terminal.dispose();
  return row;
}

test('wherever a text is cut, every character arrives', async () => {
  const bytes = new TextEncoder().encode(TEXT);
  const cuts = Array.from({ length: bytes.length }, (_, cut) => cut);
  const rows = await Promise.all(cuts.map((cut) => rowOf(bytes, cut)));
  expect(cuts.filter((cut) => rows[cut] !== TEXT)).toEqual([]);
});

test('only the beginning of a character is held, never what is none', () => {
  const held = (...bytes: number[]) => cutLength(Uint8Array.from(bytes));
  expect([
    held(0x61),
    held(0x61, 0xe2),
    held(0xe2, 0x80),
    held(0xe2, 0x80, 0x93),
    held(0xf0, 0x9f, 0x91),
    held(0x80, 0x80, 0x80, 0x80),
    held(0xff),
    held(),
  ]).toEqual([0, 1, 2, 0, 3, 0, 0, 0]);
});
