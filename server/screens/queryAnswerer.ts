/** Answers the terminal queries that xterm.js without a display leaves open: colours, sizes in pixels, its unit, images. */
import type { Terminal } from '@xterm/headless';
import { isPaletteIndex, type ColorSpec, type ScreenState } from '../../protocol/screenState.ts';
import type { Appearance } from '../../protocol/terminal.ts';
import { KittyImages } from './kittyImages.ts';

/** As the app looks when nobody has said how it does: its dark theme, and cells of its font at its size. */
export const DEFAULT_APPEARANCE: Appearance = {
  foreground: '#e6ebee',
  background: '#0c0f11',
  cursor: '#e6ebee',
  cellWidth: 8,
  cellHeight: 17,
  isDark: true,
};

const ST = '\x1b\\';
/** xterm.js's own first sixteen colours. */
const ANSI_COLORS =
  '2e3436 cc0000 4e9a06 c4a000 3465a4 75507b 06989a d3d7cf 555753 ef2929 8ae234 fce94f 729fcf ad7fa8 34e2e2 eeeeec'.split(
    ' ',
  );
/** Levels of the 6×6×6 cube from index 16 on; behind it are 24 greys. */
const CUBE_LEVELS = [0, 95, 135, 175, 215, 255];

type Params = (number | number[])[];

export class QueryAnswerer {
  appearance = DEFAULT_APPEARANCE;
  #handlers: { dispose(): void }[];
  #images = new KittyImages();

  constructor(
    private readonly terminal: Terminal,
    private readonly state: ScreenState,
    private readonly answer: (answer: string) => void,
  ) {
    const { parser } = terminal;
    // What only asks is answered and done; anything else is xterm's business.
    const answered = (reply: (params: Params) => string) => (params: Params) => {
      const text = reply(params);
      if (text) this.answer(text);
      return text !== '';
    };
    this.#handlers = [
      // Tertiary device attributes: a terminal without a unit number.
      parser.registerCsiHandler(
        { prefix: '=', final: 'c' },
        answered(([which]) => (which === 0 || which === undefined ? `\x1bP!|00000000${ST}` : '')),
      ),
      parser.registerCsiHandler(
        { final: 't' },
        answered(([what]) => this.#windowReport(what)),
      ),
      parser.registerCsiHandler(
        { prefix: '?', final: 'n' },
        answered(([what]) => (what === 996 ? `\x1b[?997;${this.appearance.isDark ? 1 : 2}n` : '')),
      ),
      parser.registerApcHandler({ final: 'G' }, (data) => {
        this.answer(this.#images.answerTo(data));
        return true;
      }),
      parser.registerEscHandler({ final: 'c' }, () => (this.#images.reset(), false)),
      parser.registerOscHandler(4, (data) => this.#paletteReport(data)),
      parser.registerOscHandler(99, (data) => this.#notificationReport(data)),
      ...[0, 1, 2].map((slot) => parser.registerOscHandler(10 + slot, (data) => this.#colorReport(data, slot))),
    ];
  }

  dispose(): void {
    for (const handler of this.#handlers) handler.dispose();
  }

  /** 14 and 16 ask for pixels, 18 for rows and columns. */
  #windowReport(what: number | number[] | undefined): string {
    const { cols, rows } = this.terminal;
    const { cellWidth, cellHeight } = this.appearance;
    if (what === 14) return `\x1b[4;${Math.round(rows * cellHeight)};${Math.round(cols * cellWidth)}t`;
    if (what === 16) return `\x1b[6;${Math.round(cellHeight)};${Math.round(cellWidth)}t`;
    return what === 18 ? `\x1b[8;${rows};${cols}t` : '';
  }

  /** What of kitty's notifications is understood (`p=?`). False for a notification itself. */
  #notificationReport(data: string): boolean {
    const keys = data.split(';', 1)[0]!.split(':');
    if (!keys.includes('p=?')) return false;
    const id = keys.find((key) => /^i=[\w.+-]{1,64}$/.test(key));
    const known = 'p=title,body,?,close:o=always,unfocused,invisible:u=0,1,2';
    this.answer(`\x1b]99;${id ? `${id}:` : ''}p=?;${known}${ST}`);
    return true;
  }

  /** Always false: one sequence may ask for some colours and set others. */
  #paletteReport(data: string): boolean {
    const slots = data.split(';');
    for (let i = 0; i + 1 < slots.length; i += 2) {
      const index = slots[i]!;
      if (slots[i + 1] !== '?' || !isPaletteIndex(index)) continue;
      const color = this.state.paletteColor(Number(index)) ?? defaultPaletteColor(Number(index));
      this.answer(`\x1b]4;${Number(index)};${wide(color)}${ST}`);
    }
    return false;
  }

  #colorReport(data: string, from: number): boolean {
    const { foreground, background, cursor } = this.appearance;
    const own = [foreground, background, cursor];
    for (const [i, text] of data.split(';').entries()) {
      const slot = from + i;
      const color = this.state.specialColor(slot) ?? (own[slot] && fromHex(own[slot]));
      if (text === '?' && color) this.answer(`\x1b]${10 + slot};${wide(color)}${ST}`);
    }
    return false;
  }
}

function defaultPaletteColor(index: number): ColorSpec {
  if (index < 16) return fromHex(`#${ANSI_COLORS[index]!}`);
  const levels =
    index < 232
      ? [36, 6, 1].map((step) => CUBE_LEVELS[Math.floor((index - 16) / step) % 6]!)
      : Array<number>(3).fill(8 + (index - 232) * 10);
  return fromHex(`#${levels.map((level) => level.toString(16).padStart(2, '0')).join('')}`);
}

function fromHex(color: string): ColorSpec {
  return `rgb:${color.slice(1, 3)}/${color.slice(3, 5)}/${color.slice(5, 7)}`;
}

/** Sixteen bits for each part, as xterm answers. */
function wide(color: ColorSpec): string {
  return color.replace(/[\da-f]{2}/g, '$&$&');
}
