/** What a session's output did to the local terminal besides drawing, and the sequences that undo it. */

/** Modes that are off in a terminal at rest and that programs switch on, undone whether or not we saw it. */
const OFF_ALWAYS = [1, 1000, 1002, 1003, 1004, 1006, 2004];
/** The same for rarer ones, undone where the output touched them, because old terminals complain of what they do not know. */
const OFF_IF_TOUCHED = [5, 9, 45, 66, 69, 1001, 1005, 1015, 1016, 2026, 2027, 2031, 2048];
/** Rows count from the scroll region. Switching it off moves the cursor, so it is done only where it is on. */
const ORIGIN_MODE = 6;
const ON_ALWAYS = [7, 25];
const ALTERNATE_SCREEN = [47, 1047, 1049];

export class TerminalUse {
  isAlternate = false;
  #modes = new Set<number>();
  #isOriginMoved = false;
  #hasKittyKeys = false;
  #hasModifiedKeys = false;
  #hasCursorShape = false;
  #hasColours = false;
  #hasProgress = false;

  /** @param body what stands between CSI and the end of the sequence, final byte included */
  csi(body: string): void {
    const modes = /^\?([\d;]*)([hl])$/.exec(body);
    if (modes) for (const mode of modes[1]!.split(';')) this.#mode(Number(mode), modes[2] === 'h');
    else if (/^[<>=][\d;]*u$/.test(body)) this.#hasKittyKeys = true;
    else if (/^>[\d;]*m$/.test(body)) this.#hasModifiedKeys = true;
    else if (/^\d* q$/.test(body)) this.#hasCursorShape = true;
  }

  /** @param body what stands after ESC */
  escape(body: string): void {
    if (body === 'c') this.isAlternate = this.#isOriginMoved = false;
  }

  /** @param number the one before the first semicolon; @param rest up to 16 characters of what follows it */
  osc(number: number, rest: string): void {
    if (number === 4 || number === 5 || (number >= 10 && number <= 19)) this.#hasColours = true;
    if (number === 9 && rest.startsWith('4;')) this.#hasProgress = true;
  }

  /**
   * Makes the terminal plain again and leaves the alternate screen; the cursor stays where it is on the normal one.
   * @param isInString the last byte written lies inside a string sequence, which must be ended first
   */
  reset(isInString: boolean): string {
    const off = [...OFF_ALWAYS, ...OFF_IF_TOUCHED.filter((mode) => this.#modes.has(mode))];
    const modes = [...off.map((mode) => `\x1b[?${mode}l`), ...ON_ALWAYS.map((mode) => `\x1b[?${mode}h`)];
    const keys = this.#hasKittyKeys ? '\x1b[=0u' : ''; // each of the two screens has flags of its own
    return [
      isInString ? '\x18' : '',
      ...modes,
      keys,
      this.#hasModifiedKeys ? '\x1b[>4m' : '',
      this.#hasColours ? '\x1b]104\x1b\\\x1b]110\x1b\\\x1b]111\x1b\\\x1b]112\x1b\\' : '',
      this.#hasProgress ? '\x1b]9;4;0\x1b\\' : '',
      this.#hasCursorShape ? '\x1b[0 q' : '',
      '\x1b>', // the keypad sends digits
      this.isAlternate ? `${this.plainDrawing()}${keys}` : this.plainDrawing(),
    ].join('');
  }

  /** Only what concerns drawing, and back to the normal screen; keys, mouse and colours stay as the program wants them. */
  plainDrawing(): string {
    return [
      '\x1b[4l\x1b[20l\x1b[?7h', // typing overwrites, a line feed does not return, lines wrap
      '\x1b]8;;\x1b\\', // no link
      this.#isOriginMoved ? `\x1b[?${ORIGIN_MODE}l` : '',
      '\x1b7\x1b[r\x1b8', // the whole screen scrolls; without the brackets the cursor would go home
      this.isAlternate ? '\x1b[?1049l' : '',
      '\x1b(B\x0f\x1b[m',
    ].join('');
  }

  #mode(mode: number, isSet: boolean): void {
    this.#modes.add(mode);
    if (mode === ORIGIN_MODE) this.#isOriginMoved = isSet;
    if (ALTERNATE_SCREEN.includes(mode)) this.isAlternate = isSet;
  }
}
