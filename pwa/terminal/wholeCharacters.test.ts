// Of the engine: a cut may lie anywhere in a character. xterm.js 6.0 lost the byte 0x80 before one.
import headless from '@xterm/headless';
import { expect, test } from 'vitest';

const TEXT = '“a” – … é 日本 \u{10000} 👩‍👩‍👧‍👦🧑🏿‍🚀é️⃣';

/** The first row after two writes. */
async function rowOf(bytes: Uint8Array, cut: number): Promise<string> {
  const terminal = new headless.Terminal({ cols: 80, rows: 2, allowProposedApi: true });
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
