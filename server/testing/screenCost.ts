/**
 * What a screen costs: how fast it parses, and how long and large its pictures are; beside it xterm.js's own serializer,
 * which leaves out most of what is not seen. For scripts/benchScreens.ts.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import serializeAddon from '@xterm/addon-serialize';
import xterm from '@xterm/headless';
import { drawScreen, utf8Bytes } from '../../protocol/drawScreen.ts';
import { HISTORY_BYTES, OUTPUT_FRAME_BYTES } from '../../protocol/limits.ts';
import { ScreenState } from '../../protocol/screenState.ts';
import { UnicodeGraphemesAddon } from '../screens/graphemes.ts';
import { SCREEN_SCROLLBACK_LINES } from '../screens/screenProtocol.ts';

const ROUNDS = 20;
const TOTAL_BYTES = 20e6;
const options = { cols: 120, rows: 40, scrollback: SCREEN_SCROLLBACK_LINES, allowProposedApi: true };

const recording = gunzipSync(readFileSync(join(import.meta.dirname, '../screens/recordings/claude.gz')));
const inputs = {
  'lines of a build': Buffer.from(
    Array.from({ length: 1100 }, (_, i) => `\x1b[3${i % 8}mcompiling\x1b[m module ${i} ${'... '.repeat(20)}\r\n`).join(
      '',
    ),
  ),
  'an agent': recording.subarray(recording.indexOf('\n') + 1),
};

function newTerminal(withGraphemes: boolean) {
  const terminal = new xterm.Terminal(options);
  const serializer = new serializeAddon.SerializeAddon();
  terminal.loadAddon(serializer);
  if (withGraphemes) terminal.loadAddon(new UnicodeGraphemesAddon());
  const write = (data: Uint8Array) => new Promise<void>((resolve) => terminal.write(data, resolve));
  return { terminal, serializer, state: new ScreenState(terminal), write };
}

/** MB/s (10^6 bytes). */
async function parseRate(withGraphemes: boolean, piece: Buffer): Promise<number> {
  const { terminal, write } = newTerminal(withGraphemes);
  const data = Buffer.concat(Array.from({ length: Math.ceil(TOTAL_BYTES / piece.length) }, () => piece));
  const startedAt = performance.now();
  for (let at = 0; at < data.length; at += OUTPUT_FRAME_BYTES) await write(data.subarray(at, at + OUTPUT_FRAME_BYTES));
  terminal.dispose();
  return data.length / 1e3 / (performance.now() - startedAt);
}

function timed(name: string, draw: () => string): void {
  let text = draw();
  const startedAt = performance.now();
  for (let round = 0; round < ROUNDS; round++) text = draw();
  const ms = (performance.now() - startedAt) / ROUNDS;
  console.log(
    `${name.padEnd(40)} ${ms.toFixed(1).padStart(7)} ms ${(utf8Bytes(text) / 1024).toFixed(1).padStart(8)} KiB`,
  );
}

/** Prints its figures, one a line. */
export async function measureScreens(): Promise<void> {
  for (const [name, piece] of Object.entries(inputs)) {
    for (const withGraphemes of [false, true]) {
      const rate = await parseRate(withGraphemes, piece);
      console.log(`${name}${withGraphemes ? ', with graphemes' : ''}`.padEnd(40), rate.toFixed(1).padStart(7), 'MB/s');
    }
  }
  const { terminal, serializer, state, write } = newTerminal(true);
  await write(inputs['lines of a build']);
  timed('screen and 1,000 lines', () =>
    drawScreen(terminal, state, { scrollback: SCREEN_SCROLLBACK_LINES, maxBytes: HISTORY_BYTES }),
  );
  timed('screen and 1,000 lines, xterm.js', () => serializer.serialize({ scrollback: SCREEN_SCROLLBACK_LINES }));
  timed('screen', () => drawScreen(terminal, state, { scrollback: 0, maxBytes: HISTORY_BYTES }));
  timed('screen, xterm.js', () => serializer.serialize({ scrollback: 0 }));
}
