/** Cuts a stream of terminal output and compares: a screen that was never cut, and a picture of one at the cut that went on with the rest. */

import xterm from '@xterm/headless';
import { ScreenState } from '../../protocol/screenState.ts';
import { SAME_FOR_ALL } from '../../protocol/xtermState.ts';
import type { SizeMark } from '../ptyhost/hostProtocol.ts';
import { UnicodeGraphemesAddon } from '../screens/graphemes.ts';
import { Screen } from '../screens/screen.ts';
import { SCREEN_SCROLLBACK_LINES } from '../screens/screenProtocol.ts';
import { dumpOf } from './terminalDump.ts';

/** What a program printed, and the sizes it printed it for; the first at offset 0. */
export interface Recording {
  bytes: Uint8Array;
  sizes: SizeMark[];
}

const OPTIONS = { scrollback: SCREEN_SCROLLBACK_LINES, ...SAME_FOR_ALL, logLevel: 'off' as const };

/** A terminal as a client has one. */
class Client {
  #terminal: InstanceType<typeof xterm.Terminal>;
  #state: ScreenState;

  constructor(size: { cols: number; rows: number }) {
    this.#terminal = new xterm.Terminal({ ...size, ...OPTIONS });
    this.#terminal.loadAddon(new UnicodeGraphemesAddon());
    this.#state = new ScreenState(this.#terminal);
  }

  write(data: string | Uint8Array): Promise<void> {
    return new Promise((resolve) => this.#terminal.write(data, resolve));
  }

  /** Everything from `offset` on, each part at its size. */
  async play({ bytes, sizes }: Recording, offset: number): Promise<void> {
    let from = offset;
    for (const size of sizes.filter((mark) => mark.offset >= offset)) {
      await this.write(bytes.subarray(from, size.offset));
      this.#terminal.resize(size.cols, size.rows);
      from = size.offset;
    }
    await this.write(bytes.subarray(from));
  }

  dump() {
    return { ...dumpOf(this.#terminal), colors: this.#state.sequences() };
  }

  dispose(): void {
    this.#state.dispose();
    this.#terminal.dispose();
  }
}

/** Brings hidden state to light: the character before, tabs, the region, what is saved, both screens, charsets, wrapping, links, attributes. */
export const PROBE = [
  '\u0301\x1b[2bq#[\u0301x\ty\b\tz\x1b[Iw',
  '\x1b[2b\x1b[1;1H\x1b[Iv\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\nbelow',
  '\x1b8at the saved place\x0eq#[\x0fq#[\x1bnq#[\x1boq#[\x0f',
  '\x1b[?1049l\x1b[5;5Hnormal\ttab\x1b8saved\x1b[?47h\x1b8other',
  'x'.repeat(60),
  '\x1b]8;id=a;http://one\x1b\\link\x1b[4:3mcurly\x1b[m\x1b]8;;\x1b\\',
  '\x1b[?47l\n\n',
];

/** A terminal that saw it all. */
export async function neverCut(recording: Recording, probe = ''): Promise<ReturnType<Client['dump']>> {
  const client = new Client(recording.sizes[0]!);
  await client.play({ bytes: recording.bytes, sizes: recording.sizes.slice(1) }, 0);
  await client.write(probe);
  const dump = client.dump();
  client.dispose();
  return dump;
}

/** Draws the screen at each of the cuts (offsets in rising order), and plays the rest on a fresh terminal that got the picture. */
export async function cutAt(recording: Recording, cuts: number[], probe = '') {
  const [size, ...changes] = recording.sizes as [SizeMark, ...SizeMark[]];
  const screen = new Screen(0, 0, size, () => undefined);
  for (const { offset, cols, rows } of changes) screen.resize(offset, cols, rows);
  const dumps: { cut: number; offset: number; text: string; dump: ReturnType<Client['dump']> }[] = [];
  let fed = 0;
  for (const cut of cuts) {
    await screen.feed(recording.bytes.subarray(fed, cut));
    fed = cut;
    const { offset, cols, rows, texts } = await screen.draw([{ of: 'whole', maxBytes: 8 * 1024 * 1024 }]);
    const client = new Client({ cols, rows });
    await client.write(`garbage \x1b[31;4m\x1b[?6h\x1b[2;3r\x1b(0${texts[0]!}`);
    // A change of size at the very offset is in the picture when the screen was fed beyond it.
    const rest = recording.sizes.filter((mark) => mark.offset > cut);
    await client.play({ bytes: recording.bytes, sizes: rest }, offset);
    await client.write(probe);
    dumps.push({ cut, offset, text: texts[0]!, dump: client.dump() });
    client.dispose();
  }
  screen.dispose();
  return dumps;
}
