/** Draws lines of a terminal's buffer as text and sequences that make a fresh terminal of the same size hold the same cells. */
import {
  isErasedLook,
  isSameLook,
  linkSequence,
  lookOf,
  PLAIN,
  sequencesFor,
  visibleOf,
  type Look,
} from './cellAttributes.ts';
import type { RawBuffer, RawCell, RawLine, XtermState } from './xtermState.ts';

const HAS_CONTENT = 0x3fffff;
const CODEPOINT = 0x1fffff;
const COMBINED = 0x200000;
const WIDTH_SHIFT = 22;

/** Combining characters can be piled upon one cell without end; more of them than this are left out. */
const MAX_CELL_CHARS = 64;
/** Below this no character joins with its neighbour or is wider than one cell, whatever the terminal's tables. */
const FIRST_SPECIAL = 0x300;
/** A wide character: the only one that wraps at the last column without filling it. */
const WIDE = '\u3000';

export class RowDrawer {
  #cell: RawCell;

  /** @param cell any cell of the terminal; it is overwritten */
  constructor(
    private readonly state: XtermState,
    cell: RawCell,
  ) {
    this.#cell = cell;
  }

  /**
   * The row at `y`, drawn from its first column on, where the cursor is and everything is blank. Begins and ends with
   * plain attributes and no open link.
   * @param isPlain without attributes, to save bytes
   */
  row(buffer: RawBuffer, y: number, isPlain = false): string {
    const line = buffer.lines.get(y);
    return line ? new RowText(line, this.#cell, this.state, isPlain).draw() : '';
  }

  /** What comes between the row at `y` and the next, so that the next begins on a blank row and is wrapped if it was. */
  between(buffer: RawBuffer, y: number, isPlain = false): string {
    const line = buffer.lines.get(y)!;
    const next = buffer.lines.get(y + 1);
    if (!next?.isWrapped) return '\r\n';
    const { state } = this;
    const cell = this.#cell;
    const last = state.cols - 1;
    const lastWidth = widthAt(line, last, cell);
    const isFull = lastWidth === 0 || (lastWidth === 1 && (cell.content & HAS_CONTENT) !== 0);
    if (!isFull) {
      // Nothing can be printed up to the margin, but a wide character does not fit into the last column.
      const look = isPlain || lastWidth === 2 ? PLAIN : lookOf(cell, state);
      const toLast = `\x1b[${last + 1}G`;
      const open = sequencesFor(look, 0, state);
      const close = look.link ? linkSequence(0, state) : '';
      return `${toLast}${open}${WIDE}\x1b[m${close}\r\x1b[${state.cols}X`;
    }
    next.loadCell(0, cell);
    const isNatural = (cell.content & HAS_CONTENT) !== 0 && isPlainBackground(cell.bg);
    return isNatural ? '\x1b[m' : '\x1b[m \r\x1b[X';
  }

  /** The character that ends before the column `end`: where it begins, how wide it is, how it looks; empty of a blank. */
  cellBefore(line: RawLine, end: number): { x: number; width: number; chars: string; look: Look } {
    const cell = this.#cell;
    const isSecondHalf = end > 1 && widthAt(line, end - 1, cell) === 0;
    const x = Math.max(0, end - (isSecondHalf ? 2 : 1));
    line.loadCell(x, cell);
    return { x, width: cell.content >> WIDTH_SHIFT, chars: charsOf(cell), look: lookOf(cell, this.state) };
  }

  /** Whether every cell of the row is blank and looks like `look`. */
  isBlankRow(line: RawLine, look: Look): boolean {
    for (let x = 0; x < this.state.cols; x++) {
      line.loadCell(x, this.#cell);
      if ((this.#cell.content & HAS_CONTENT) !== 0 || !isSameLook(lookOf(this.#cell, this.state), look)) return false;
    }
    return true;
  }

  /**
   * As text with attributes and nothing else: no movement, no links. Begins and ends plain.
   * @param next the row that goes on with the same line, if there is one: then blanks at the end count
   */
  plainLine(line: RawLine, next?: RawLine): string {
    const cell = this.#cell;
    const { state } = this;
    let text = '';
    let blanks = '';
    let look = PLAIN;
    const wear = (wanted: Look) => {
      if (!isSameLook(look, wanted)) text += sequencesFor(wanted, 0, state);
      look = wanted;
    };
    for (let x = 0; x < line.length; x++) {
      line.loadCell(x, cell);
      if (cell.content >> WIDTH_SHIFT === 0) continue;
      const own = visibleOf(lookOf(cell, state));
      const isBlank = (cell.content & HAS_CONTENT) === 0;
      if (isBlank && isSameLook(own, PLAIN)) {
        blanks += ' ';
        continue;
      }
      if (blanks) wear(PLAIN);
      text += blanks;
      blanks = '';
      wear(own);
      text += isBlank ? ' ' : charsOf(cell);
    }
    wear(PLAIN);
    // A wide character that did not fit left one blank behind.
    const isLeftBehind = blanks.length === 1 && next && widthAt(next, 0, cell) === 2;
    return next && !isLeftBehind ? text + blanks : text;
  }
}

/** One row while it is being drawn. */
class RowText {
  #text = '';
  #look: Look = PLAIN;
  /** Blank cells passed over since the cursor was moved last. */
  #gap = 0;
  /** The terminal's own reckoning whether the next character joins the one before; 0 after a sequence. */
  #joining = 0;

  constructor(
    private readonly line: RawLine,
    private readonly cell: RawCell,
    private readonly state: XtermState,
    private readonly isPlain: boolean,
  ) {}

  draw(): string {
    const { line, cell } = this;
    const { cols } = this.state;
    for (let x = 0; x < cols;) {
      line.loadCell(x, cell);
      const width = cell.content >> WIDTH_SHIFT;
      // A narrower window can cut a wide character in two: its first half cannot be drawn alone.
      const isCut = width === 2 && (x + 1 === cols || widthAt(line, x + 1, cell) !== 0);
      if (width === 2) line.loadCell(x, cell);
      if ((cell.content & HAS_CONTENT) === 0 || isCut) x = this.#blank(x, isCut);
      else {
        this.#char(x, charsOf(cell), this.#lookOfCell());
        x += width || 1;
      }
    }
    if (this.#look.link) this.#text += linkSequence(0, this.state);
    if (!isSameLook(this.#look, PLAIN)) this.#text += '\x1b[m';
    return this.#text;
  }

  #lookOfCell(): Look {
    return this.isPlain ? PLAIN : lookOf(this.cell, this.state);
  }

  #char(x: number, chars: string, look: Look): void {
    this.#moveOver();
    this.#wear(look);
    const first = chars.codePointAt(0)!;
    if (first >= FIRST_SPECIAL && this.#joining !== 0 && this.#joins(first)) this.#moveTo(x);
    this.#text += chars;
    const isSimple = chars.length === 1 && first < FIRST_SPECIAL;
    this.#joining = isSimple && this.#joining === 0 ? this.#properties(first, 0) : this.#after(chars);
    // Terminals disagree about the width of these: the next one is put where it belongs.
    const width = this.cell.content >> WIDTH_SHIFT;
    const isDisputed = (chars.length > 1 || (first >= 0x2000 && first < 0x2e80)) && x + (width || 1) < this.state.cols;
    if (isDisputed && !isBoxDrawing(first)) this.#moveTo(x + (width || 1));
  }

  /** A run of blank cells that look the same; returns the column behind it. */
  #blank(from: number, isCut: boolean): number {
    const { cols } = this.state;
    const look = this.#lookOfCell();
    let to = from + 1;
    if (!isCut) while (to < cols && this.#isBlankLike(to, look)) to++;
    if (isSameLook(look, PLAIN)) this.#gap += to - from;
    else if (isErasedLook(look)) this.#erase(to - from, look);
    else for (let x = from; x < to; x++) this.#styledBlank(x, look);
    return to;
  }

  #isBlankLike(x: number, look: Look): boolean {
    this.line.loadCell(x, this.cell);
    const { content } = this.cell;
    if ((content & HAS_CONTENT) !== 0 || content >> WIDTH_SHIFT !== 1) return false;
    return isSameLook(this.#lookOfCell(), look);
  }

  #erase(count: number, look: Look): void {
    this.#moveOver();
    this.#wear(look);
    this.#text += `\x1b[${count}X`;
    this.#gap = count;
    this.#joining = 0;
  }

  /**
   * A blank cell with more than a background: left behind when half of a wide character is overwritten. Made the same
   * way, with a wide character whose other half is then erased.
   */
  #styledBlank(x: number, look: Look): void {
    const isLast = x === this.state.cols - 1;
    const at = isLast ? x - 1 : x;
    this.#gap = 0;
    this.#moveTo(at);
    this.#wear(PLAIN);
    this.#text += WIDE;
    this.#moveTo(isLast ? at : x + 1);
    this.#wear(look);
    this.#text += ' ';
    this.#wear(PLAIN);
    if (!isLast) {
      this.#moveTo(x + 1);
      this.#text += '\x1b[X';
    } else this.#redraw(at);
  }

  /** Draws again what is in the column before the last, which was needed for something else. */
  #redraw(x: number): void {
    const { line, cell } = this;
    line.loadCell(x, cell);
    const isSecondHalf = cell.content >> WIDTH_SHIFT === 0 && x > 0;
    const at = isSecondHalf ? x - 1 : x;
    line.loadCell(at, cell);
    const look = this.#lookOfCell();
    this.#moveTo(at);
    if ((cell.content & HAS_CONTENT) === 0) {
      this.#wear(isErasedLook(look) ? look : PLAIN);
      this.#text += '\x1b[X';
    } else {
      this.#wear(look);
      this.#text += charsOf(cell);
    }
    this.#joining = 0;
  }

  #moveOver(): void {
    if (this.#gap === 0) return;
    this.#text += this.#gap === 1 ? '\x1b[C' : `\x1b[${this.#gap}C`;
    this.#gap = 0;
    this.#joining = 0;
  }

  #moveTo(x: number): void {
    this.#text += `\x1b[${x + 1}G`;
    this.#joining = 0;
  }

  #wear(look: Look): void {
    if (isSameLook(look, this.#look)) return;
    this.#text += sequencesFor(look, this.#look.link, this.state);
    this.#look = look;
    this.#joining = 0;
  }

  #joins(code: number): boolean {
    return (this.#properties(code, this.#joining) & 1) !== 0;
  }

  #after(chars: string): number {
    let joining = this.#joining;
    for (const char of chars) joining = this.#properties(char.codePointAt(0)!, joining);
    return joining;
  }

  #properties(code: number, preceding: number): number {
    return this.state.unicodeService.charProperties(code, preceding);
  }
}

function widthAt(line: RawLine, x: number, cell: RawCell): number {
  return line.loadCell(x, cell).content >> WIDTH_SHIFT;
}

function charsOf(cell: RawCell): string {
  const { content } = cell;
  if ((content & HAS_CONTENT) === 0) return '';
  if ((content & COMBINED) === 0) return String.fromCodePoint(content & CODEPOINT);
  const chars = cell.getChars();
  return chars.length <= MAX_CELL_CHARS ? chars : chars.slice(0, MAX_CELL_CHARS).replace(/[\ud800-\udbff]$/, '');
}

function isBoxDrawing(code: number): boolean {
  return code >= 0x2500 && code < 0x25a0;
}

function isPlainBackground(bg: number): boolean {
  return (bg & 0x3000000) === 0;
}
