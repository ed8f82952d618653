/** What programs change in a terminal and xterm.js does not give back: colours, and whether the cursor was told to blink. */

interface Disposable {
  dispose(): void;
}

type Params = (number | number[])[];

/** What is needed of a terminal: xterm.js with a display or without one. */
export interface ScreenTerminal {
  readonly parser: {
    registerCsiHandler(id: { prefix?: string; final: string }, callback: (params: Params) => boolean): Disposable;
    registerOscHandler(id: number, callback: (data: string) => boolean): Disposable;
  };
}

/** As programs name it: two hexadecimal digits for each part, `rgb:ff/80/00`. */
export type ColorSpec = string;

/** OSC number of the text's colour; the background's and the cursor's follow it. */
const FOREGROUND_OSC = 10;
/** OSC number that takes a colour back: this much more than the one that sets it. */
const RESTORE = 100;
const BLINKING_CURSOR = 12;

/** Gives a terminal its own colours back, which a full reset does not. */
export const RESTORE_COLORS = [4, 10, 11, 12].map((osc) => `\x1b]${osc + RESTORE}\x1b\\`).join('');

export class ScreenState {
  #handlers: Disposable[];
  /** By index of the palette. */
  #palette = new Map<number, ColorSpec>();
  /** Of text, background and cursor. */
  #special: (ColorSpec | undefined)[] = [undefined, undefined, undefined];
  #isBlinking: boolean | undefined;

  constructor(terminal: ScreenTerminal) {
    const { parser } = terminal;
    const seen = (note: (data: string) => void) => (data: string) => (note(data), false); // false: xterm carries it out itself
    const blink = (isBlinking: boolean) => (params: Params) => {
      if (params.includes(BLINKING_CURSOR)) this.#isBlinking = isBlinking;
      return false;
    };
    this.#handlers = [
      parser.registerCsiHandler({ prefix: '?', final: 'h' }, blink(true)),
      parser.registerCsiHandler({ prefix: '?', final: 'l' }, blink(false)),
      parser.registerOscHandler(
        4,
        seen((data) => this.#setPalette(data.split(';'))),
      ),
      parser.registerOscHandler(
        4 + RESTORE,
        seen((data) => this.#restorePalette(data)),
      ),
      ...[0, 1, 2].flatMap((slot) => [
        parser.registerOscHandler(
          FOREGROUND_OSC + slot,
          seen((data) => this.#setSpecial(data.split(';'), slot)),
        ),
        parser.registerOscHandler(
          FOREGROUND_OSC + slot + RESTORE,
          seen(() => (this.#special[slot] = undefined)),
        ),
      ]),
    ];
  }

  /** The colour a program gave to this index of the palette. */
  paletteColor(index: number): ColorSpec | undefined {
    return this.#palette.get(index);
  }

  /** @param slot 0 text, 1 background, 2 cursor */
  specialColor(slot: number): ColorSpec | undefined {
    return this.#special[slot];
  }

  /** To be written to a terminal that has its own colours: see RESTORE_COLORS. */
  sequences(): string {
    const parts: string[] = [];
    if (this.#palette.size > 0) {
      parts.push(`\x1b]4;${[...this.#palette].map(([index, color]) => `${index};${color}`).join(';')}\x1b\\`);
    }
    for (const [slot, color] of this.#special.entries()) {
      if (color) parts.push(`\x1b]${FOREGROUND_OSC + slot};${color}\x1b\\`);
    }
    if (this.#isBlinking !== undefined) parts.push(`\x1b[?${BLINKING_CURSOR}${this.#isBlinking ? 'h' : 'l'}`);
    return parts.join('');
  }

  dispose(): void {
    for (const handler of this.#handlers) handler.dispose();
  }

  #setPalette(slots: string[]): void {
    for (let i = 0; i + 1 < slots.length; i += 2) {
      const color = parseColor(slots[i + 1]!);
      if (color && isPaletteIndex(slots[i]!)) this.#palette.set(Number(slots[i]), color);
    }
  }

  #restorePalette(data: string): void {
    if (data === '') this.#palette.clear();
    for (const slot of data.split(';')) if (isPaletteIndex(slot)) this.#palette.delete(Number(slot));
  }

  /** One sequence may set the colours that follow as well. */
  #setSpecial(colors: string[], from: number): void {
    for (const [i, text] of colors.entries()) {
      const color = parseColor(text);
      if (color && from + i < this.#special.length) this.#special[from + i] = color;
    }
  }
}

export function isPaletteIndex(text: string): boolean {
  return /^\d{1,3}$/.test(text) && Number(text) < 256;
}

/** `rgb:r/g/b` with one to four hexadecimal digits each, or `#rgb` with one to four each; undefined for anything else. */
export function parseColor(text: string): ColorSpec | undefined {
  const hex = text.toLowerCase();
  const slashed = /^rgb:([\da-f]{1,4})\/([\da-f]{1,4})\/([\da-f]{1,4})$/.exec(hex)?.slice(1);
  const digits = /^#((?:[\da-f]{3}){1,4})$/.exec(hex)?.[1];
  const size = digits ? digits.length / 3 : 0;
  const parts = slashed ?? (digits ? [0, 1, 2].map((i) => digits.slice(i * size, (i + 1) * size)) : []);
  if (parts.length === 0 || parts.some((part) => part.length !== parts[0]!.length)) return undefined;
  return `rgb:${parts.map((part) => toByte(part, slashed !== undefined)).join('/')}`;
}

/** `rgb:` parts are shares of the full range; `#` parts are its upper digits (XParseColor(3)). */
function toByte(part: string, isShare: boolean): string {
  const value = parseInt(part, 16);
  const byte = isShare
    ? Math.round((value / (16 ** part.length - 1)) * 255)
    : Math.floor(value * 16 ** (2 - part.length));
  return byte.toString(16).padStart(2, '0');
}
