/** What xterm's serializer leaves out of a screen: mouse encoding, cursor look and visibility, scroll region, saved cursor, line-drawing charset, title. */

interface Disposable {
  dispose(): void;
}

type Params = (number | number[])[];

interface FunctionId {
  prefix?: string;
  intermediates?: string;
  final: string;
}

/** What is needed of a terminal: xterm.js with a display or without one. */
export interface ScreenTerminal {
  readonly rows: number;
  readonly parser: {
    registerCsiHandler(id: FunctionId, callback: (params: Params) => boolean): Disposable;
    registerEscHandler(id: FunctionId, callback: () => boolean): Disposable;
  };
  readonly buffer: { readonly active: { readonly cursorX: number; readonly cursorY: number } };
  onTitleChange(listener: (title: string) => void): Disposable;
  onResize(listener: () => void): Disposable;
}

/** DEC modes that the serializer does not write, with the value they have after a reset. */
const MODES_AFTER_RESET = new Map([
  [12, false], // blinking cursor
  [25, true], // visible cursor
  [1006, false], // mouse encoding: SGR
  [1016, false], // mouse encoding: SGR in pixels
]);

export class ScreenState {
  #terminal: ScreenTerminal;
  #handlers: Disposable[];
  #modes = new Map(MODES_AFTER_RESET);
  #cursorStyle = 0;
  /** Top and bottom row, from 1; null for the whole screen. */
  #region: [number, number] | null = null;
  #savedCursor: { x: number; y: number } | null = null;
  #charsets = new Map<string, string>();
  #title = '';

  constructor(terminal: ScreenTerminal) {
    this.#terminal = terminal;
    const { parser } = terminal;
    const seen = (note: () => void) => () => (note(), false); // false: xterm carries it out itself
    const seenWith = (note: (params: Params) => void) => (params: Params) => (note(params), false);
    this.#handlers = [
      parser.registerCsiHandler(
        { prefix: '?', final: 'h' },
        seenWith((params) => this.#setModes(params, true)),
      ),
      parser.registerCsiHandler(
        { prefix: '?', final: 'l' },
        seenWith((params) => this.#setModes(params, false)),
      ),
      parser.registerCsiHandler(
        { intermediates: ' ', final: 'q' },
        seenWith((params) => (this.#cursorStyle = first(params))),
      ),
      parser.registerCsiHandler(
        { final: 'r' },
        seenWith((params) => this.#setRegion(params)),
      ),
      parser.registerCsiHandler(
        { intermediates: '!', final: 'p' },
        seen(() => this.#reset()),
      ),
      parser.registerEscHandler(
        { final: 'c' },
        seen(() => this.#reset()),
      ),
      parser.registerEscHandler(
        { final: '7' },
        seen(() => this.#saveCursor()),
      ),
      parser.registerCsiHandler(
        { final: 's' },
        seen(() => this.#saveCursor()),
      ),
      ...['(', ')'].flatMap((slot) =>
        ['0', 'B'].map((set) =>
          parser.registerEscHandler(
            { intermediates: slot, final: set },
            seen(() => this.#charsets.set(slot, set)),
          ),
        ),
      ),
      terminal.onTitleChange((title) => (this.#title = title)),
      // A resize makes the scroll region whole again.
      terminal.onResize(() => (this.#region = null)),
    ];
  }

  /** Sequences to append to a serialized screen; they end with the cursor where it is. */
  sequences(): string {
    const { cursorX, cursorY } = this.#terminal.buffer.active;
    const parts = [...this.#charsets].filter(([, set]) => set === '0').map(([slot, set]) => `\x1b${slot}${set}`);
    if (this.#savedCursor) parts.push(moveTo(this.#savedCursor.x, this.#savedCursor.y), '\x1b7');
    if (this.#region) parts.push(`\x1b[${this.#region[0]};${this.#region[1]}r`);
    if (this.#savedCursor || this.#region) parts.push(moveTo(cursorX, cursorY));
    for (const [mode, isSet] of this.#modes) {
      if (isSet !== MODES_AFTER_RESET.get(mode)) parts.push(`\x1b[?${mode}${isSet ? 'h' : 'l'}`);
    }
    if (this.#cursorStyle > 0) parts.push(`\x1b[${this.#cursorStyle} q`);
    if (this.#title !== '') parts.push(`\x1b]2;${this.#title}\x1b\\`);
    return parts.join('');
  }

  dispose(): void {
    for (const handler of this.#handlers) handler.dispose();
  }

  #setModes(params: Params, isSet: boolean): void {
    for (const mode of params) if (typeof mode === 'number' && this.#modes.has(mode)) this.#modes.set(mode, isSet);
  }

  #setRegion(params: Params): void {
    const top = Math.max(1, first(params));
    const bottom = (typeof params[1] === 'number' && params[1]) || this.#terminal.rows;
    const isWhole = top === 1 && bottom >= this.#terminal.rows;
    this.#region = isWhole || bottom <= top ? null : [top, bottom];
  }

  #saveCursor(): void {
    const { cursorX: x, cursorY: y } = this.#terminal.buffer.active;
    this.#savedCursor = { x, y };
  }

  #reset(): void {
    this.#modes = new Map(MODES_AFTER_RESET);
    this.#cursorStyle = 0;
    this.#region = null;
    this.#savedCursor = null;
    this.#charsets.clear();
  }
}

/**
 * The serializer ends the normal screen with the attributes in force now and begins the alternate one as if there were
 * none: its text would take their colours, and so would the shell's after the program has left.
 */
export function plainAtAlternate(serialized: string): string {
  return serialized.replace('\x1b[?1049h\x1b[H', '\x1b[m\x1b[?1049h\x1b[H');
}

function first(params: Params): number {
  return typeof params[0] === 'number' ? params[0] : 0;
}

/** Columns and rows from 0. */
function moveTo(x: number, y: number): string {
  return `\x1b[${y + 1};${x + 1}H`;
}
