/**
 * A picture of a terminal: text and sequences that bring any terminal of the same size to the same state, so that both
 * do the same with whatever comes next. Our own, because xterm.js's serializer leaves most of what cannot be seen out.
 *
 * What no sequence can restore, and is therefore not the same afterwards:
 * - tab stops beyond the right margin, kept by xterm for a window that grows again;
 * - a cursor past the last column when the last cell is blank and others of its row are not: the cell becomes a space;
 * - a wide character of which a narrower window left only half: it becomes a blank;
 * - what a narrower window hides at the right of the alternate screen, and a lower one above it, to show it again when it grows;
 * - in the last two columns of the screen's last row, two blanks with attributes beside each other: plain blanks;
 * - combining characters beyond 64 on one cell, links longer than 2,083 characters, titles longer than 4,096;
 * - how many of the character sets were ever designated, where a soft reset (CSI ! p) came after the cursor was saved;
 * - a saved cursor that has scrolled out of sight, should the scrollback then be cleared (CSI 3 J).
 * Icon names and title stacks are not kept by the terminals of Holdfast.
 */
import {
  hiddenOf,
  isErasedLook,
  isSameLook,
  isShownLike,
  lookOf,
  PLAIN,
  sequencesBeside,
  sequencesFor,
  type Look,
} from './cellAttributes.ts';
import { RowDrawer } from './drawRows.ts';
import { RESTORE_COLORS, type ScreenState } from './screenState.ts';
import {
  stateOf,
  type Charset,
  type RawAttributes,
  type RawBuffer,
  type RawCell,
  type XtermState,
} from './xtermState.ts';

export interface DrawOptions {
  /** Lines above the screen. */
  scrollback: number;
  /**
   * Bound of the text in UTF-8. When there is more, the oldest lines above the screen are left out; when the screen alone
   * is more, its upper rows lose their attributes; and where even text is more, from the top, their text.
   */
  maxBytes: number;
  /** What makes the terminal that is drawn on blank and plain; a full reset when absent. */
  begin?: string;
  /** A sequence that has its place where the normal screen is drawn and in sight, such as that of a shell's marks. */
  amid?: string;
}

/** xterm.js with a display or without one. */
export interface DrawableTerminal {
  readonly buffer: { readonly normal: { getNullCell(): unknown } };
}

const TAB_WIDTH = 8;
const MAX_TITLE_CHARS = 4_096;
/** Everything but rows: modes, 256 colours, tab stops of 1,000 columns twice, a title, two links. */
const STATE_BYTES = 64 * 1024;

/** RIS, and what outlives it in xterm.js: line feeds that return the carriage, and colours. */
const FULL_RESET = `\x1bc\x1b[20l${RESTORE_COLORS}`;
/** Nothing is painted before the end. */
const BEGIN_FRAME = '\x1b[?2026h';
const MOUSE_TRACKING: Readonly<Record<string, number>> = { X10: 9, VT200: 1000, DRAG: 1002, ANY: 1003 };
const MOUSE_ENCODING: Readonly<Record<string, number>> = { SGR: 1006, SGR_PIXELS: 1016 };
const CURSOR_STYLES = { block: 2, underline: 4, bar: 6 };
/** Shift to G0 (nothing: it is so after a reset), G1, G2, G3. */
const SHIFTS = ['', '\x0e', '\x1bn', '\x1bo'];
const SHIFT_BACK = '\x0f';
/** Makes the terminal forget the character before the cursor, and nothing else: the primary font. */
const NO_OPERATION = '\x1b[10m';
const SLOTS = ['(', ')', '*', '+'];

export function drawScreen(terminal: DrawableTerminal, tracked: ScreenState, options: DrawOptions): string {
  const state = stateOf(terminal);
  const drawer = new RowDrawer(state, terminal.buffer.normal.getNullCell() as RawCell);
  const { normal, alt, active } = state.buffers;
  const parts = [options.begin ?? FULL_RESET, BEGIN_FRAME, tracked.sequences()];
  // Of the two screens the one in sight is the last to lose anything.
  const { amid = '' } = options;
  const budget = Math.max(0, options.maxBytes - STATE_BYTES - utf8Bytes(amid));
  const front = active === alt ? drawRows(alt, alt.ybase, drawer, budget, state.rows) : '';
  const first = Math.max(0, normal.ybase - options.scrollback);
  parts.push(drawRows(normal, first, drawer, budget - utf8Bytes(front), state.rows), amid, savedCursors(state));
  if (active === alt) parts.push(bufferState(normal, state), cursorAt(normal), '\x1b[?47h\x1b[H\x1b[2J', front);
  parts.push(bufferState(active, state), hiddenAttributes(active, state), modes(state), title(state));
  parts.push(ending(active, state, drawer));
  return parts.join('');
}

/** The newest lines of the normal screen as styled text without movement, wrapped ones joined, each ended by `\x1b[m\r\n`. */
export function drawTranscript(terminal: DrawableTerminal, maxBytes: number): string {
  const state = stateOf(terminal);
  const drawer = new RowDrawer(state, terminal.buffer.normal.getNullCell() as RawCell);
  const { lines } = state.buffers.normal;
  const texts: string[] = [];
  let bytes = 0;
  let isBlank = true;
  for (let end = lines.length; end > 0;) {
    let start = end - 1;
    while (start > 0 && lines.get(start)!.isWrapped) start--;
    let text = '';
    for (let y = start; y < end; y++)
      text += drawer.plainLine(lines.get(y)!, y + 1 < end ? lines.get(y + 1) : undefined);
    end = start;
    isBlank &&= text === '';
    if (isBlank) continue; // below the last line there is nothing
    text += '\x1b[m\r\n';
    bytes += utf8Bytes(text);
    if (bytes > maxBytes) break;
    texts.push(text);
  }
  return texts.reverse().join('');
}

/** Lines from `first` on: the screen, and above it as many as there is room for. */
function drawRows(buffer: RawBuffer, first: number, drawer: RowDrawer, maxBytes: number, rows: number): string {
  const end = endOfDrawn(buffer, first, drawer, rows);
  const draw = (y: number, isPlain: boolean) =>
    drawer.row(buffer, y, isPlain) + (y + 1 < end ? drawer.between(buffer, y, isPlain) : '');
  const onScreen = Array.from({ length: end - buffer.ybase }, (_, i) => buffer.ybase + i);
  const parts = onScreen.map((y) => draw(y, false));
  let left = maxBytes - utf8Bytes(parts.join(''));
  if (left < 0) {
    return fitted(
      parts,
      onScreen.map((y) => draw(y, true)),
      maxBytes,
    );
  }
  const above: string[] = [];
  for (let y = buffer.ybase - 1; y >= first; y--) {
    const text = draw(y, false);
    left -= utf8Bytes(text);
    if (left < 0) break;
    above.push(text);
  }
  return [...above.reverse(), ...parts].join('');
}

/** From the last row up: with attributes as long as there is room for the text of all rows above, then without, then blank. */
function fitted(styled: string[], plain: string[], maxBytes: number): string {
  let left = maxBytes;
  let textAbove = utf8Bytes(plain.join(''));
  let isPlain = false;
  const parts: string[] = [];
  for (let i = styled.length - 1; i >= 0; i--) {
    textAbove -= utf8Bytes(plain[i]!);
    isPlain ||= utf8Bytes(styled[i]!) + textAbove > left;
    const text = isPlain ? plain[i]! : styled[i]!;
    left -= utf8Bytes(text);
    // The rows above stay blank, but the ones below stay where they are.
    if (left < 0) return '\r\n'.repeat(i + 1) + parts.reverse().join('');
    parts.push(text);
  }
  return parts.reverse().join('');
}

/** With nothing above the screen, the blank rows at its end need no drawing. */
function endOfDrawn(buffer: RawBuffer, first: number, drawer: RowDrawer, rows: number): number {
  let end = buffer.lines.length;
  if (end - first > rows) return end;
  while (end > first && !buffer.lines.get(end - 1)!.isWrapped && drawer.row(buffer, end - 1) === '') end--;
  return end;
}

function bufferState(buffer: RawBuffer, state: XtermState): string {
  const { scrollTop, scrollBottom } = buffer;
  const isWhole = scrollTop === 0 && scrollBottom === state.rows - 1;
  return tabStops(buffer, state.cols) + (isWhole ? '' : `\x1b[${scrollTop + 1};${scrollBottom + 1}r`);
}

function tabStops(buffer: RawBuffer, cols: number): string {
  const columns = Array.from({ length: cols }, (_, x) => x);
  if (columns.every((x) => Boolean(buffer.tabs[x]) === (x % TAB_WIDTH === 0))) return '';
  const set = columns.filter((x) => buffer.tabs[x]).map((x) => `\x1b[${x + 1}G\x1bH`);
  return `\x1b[3g${set.join('')}`;
}

/** First the one that knows of fewer character sets: what was once designated is saved from then on. */
function savedCursors(state: XtermState): string {
  const { normal, alt } = state.buffers;
  const ofNormal = hasSaved(normal) ? savedCursor(normal, state) : '';
  const ofAlt = hasSaved(alt) ? `\x1b[?47h${savedCursor(alt, state)}\x1b[?47l` : '';
  return alt.savedCharsets.length < normal.savedCharsets.length ? ofAlt + ofNormal : ofNormal + ofAlt;
}

function hasSaved(buffer: RawBuffer): boolean {
  const { savedX, savedY, savedCurAttrData, savedCharsets, savedGlevel } = buffer;
  const isElsewhere = savedX !== 0 || savedY !== 0 || savedCurAttrData.fg !== 0 || savedCurAttrData.bg !== 0;
  const isOtherwise = buffer.savedOriginMode || !buffer.savedWraparoundMode || savedGlevel !== 0;
  return isElsewhere || isOtherwise || savedCharsets.length > 0;
}

/** Only while no region, no origin mode and no character set is in force. */
function savedCursor(buffer: RawBuffer, state: XtermState): string {
  const { savedX, savedY, ybase, savedCurAttrData, savedCharsets, savedGlevel } = buffer;
  const x = Math.min(savedX, state.cols - 1);
  const y = Math.min(Math.max(savedY - ybase, 0), state.rows - 1);
  const extended = { underlineStyle: 0, underlineColor: 0, urlId: 0, _ext: 0 };
  const look = lookOf({ ...savedCurAttrData, extended }, state);
  const isUnderlined = (savedCurAttrData.fg & 0x10000000) !== 0;
  // Saved is only that there was a link or another underline, not which: it comes from what is in force at the restoring.
  const isExtended = !isUnderlined && (savedCurAttrData.bg & 0x10000000) !== 0;
  const sgr = sequencesFor({ ...look, underline: isUnderlined ? 1 : 0 }, 0, state);
  return [
    buffer.savedOriginMode ? '\x1b[?6h' : '',
    buffer.savedWraparoundMode ? '' : '\x1b[?7l',
    moveTo(x, y),
    sgr,
    isExtended ? '\x1b]8;;about:blank\x1b\\' : '',
    designated(savedCharsets),
    SHIFTS[savedGlevel]!,
    '\x1b7\x1b[m',
    isExtended ? '\x1b]8;;\x1b\\' : '',
    ...savedCharsets.map((set, slot) => (set ? `\x1b${SLOTS[slot]}B` : '')),
    savedGlevel === 0 ? '' : SHIFT_BACK,
    buffer.savedOriginMode ? '\x1b[?6l' : '',
    buffer.savedWraparoundMode ? '' : '\x1b[?7h',
  ].join('');
}

/** As many slots as there are, and none beyond. */
function designated(charsets: readonly Charset[]): string {
  const last = charsets.length - 1;
  const parts = Array.from(charsets, (set, slot) =>
    set || slot === last ? `\x1b${SLOTS[slot]}${set ? designatorOf(set) : 'B'}` : '',
  );
  return parts.join('');
}

function modes(state: XtermState): string {
  const { modes: ansi, decPrivateModes: dec, isCursorHidden } = state.coreService;
  const { activeProtocol, activeEncoding } = state.mouseStateService;
  const style = dec.cursorStyle && CURSOR_STYLES[dec.cursorStyle] - (dec.cursorBlink ? 1 : 0);
  const isSet: [string | number | undefined, boolean][] = [
    ['4', ansi.insertMode],
    ['20', state.optionsService.rawOptions.convertEol],
    ['?1', dec.applicationCursorKeys],
    ['?66', dec.applicationKeypad],
    ['?45', dec.reverseWraparound],
    ['?1004', dec.sendFocus],
    ['?2004', dec.bracketedPasteMode],
    [MOUSE_TRACKING[activeProtocol] && `?${MOUSE_TRACKING[activeProtocol]}`, activeProtocol in MOUSE_TRACKING],
    [MOUSE_ENCODING[activeEncoding] && `?${MOUSE_ENCODING[activeEncoding]}`, activeEncoding in MOUSE_ENCODING],
    ['?6', dec.origin],
  ];
  return [
    ...isSet.map(([mode, is]) => (is ? `\x1b[${mode}h` : '')),
    dec.wraparound ? '' : '\x1b[?7l',
    `\x1b[?25${isCursorHidden ? 'l' : 'h'}`,
    style ? `\x1b[${style} q` : '',
    dec.synchronizedOutput ? '' : '\x1b[?2026l',
  ].join('');
}

/** An empty one was never set, or does not matter. */
function title(state: XtermState): string {
  const { _windowTitle: text } = state._inputHandler;
  return text === '' ? '' : `\x1b]2;${text.slice(0, MAX_TITLE_CHARS)}\x1b\\`;
}

/** Character sets, attributes, and last the cursor, because what it remembers of the last character is lost by any sequence. */
function ending(buffer: RawBuffer, state: XtermState, drawer: RowDrawer): string {
  const raw = state._inputHandler._curAttrData;
  const look = lookOf(raw, state);
  return charsetsAndAttributes(buffer, state, raw, look) + cursor(buffer, state, drawer, look);
}

/**
 * An underline or a link that does not show comes only with a restored cursor. The one saved in this buffer is the one it
 * came with, so it is restored once more; what else came with it is set again by what follows.
 */
function hiddenAttributes(buffer: RawBuffer, state: XtermState): string {
  const hidden = hiddenIn(buffer, state);
  return hidden ? `${sequencesFor(hidden, 0, state)}\x1b8\x1b[?6l\x1b[?7h` : '';
}

function hiddenIn(buffer: RawBuffer, state: XtermState): Look | null {
  const raw = state._inputHandler._curAttrData;
  return isShownLike(raw, buffer.savedCurAttrData) ? hiddenOf(raw, state) : null;
}

function charsetsAndAttributes(buffer: RawBuffer, state: XtermState, raw: RawAttributes, look: Look): string {
  const { glevel, _charsets } = state._charsetService;
  const isHidden = hiddenIn(buffer, state) !== null;
  return [
    // Those that came with a restored cursor are taken back.
    ...(isHidden ? buffer.savedCharsets.map((set, slot) => (set ? `\x1b${SLOTS[slot]}B` : '')) : []),
    designated(_charsets),
    SHIFTS[glevel] || (isHidden ? SHIFT_BACK : ''),
    isHidden ? sequencesBeside(look) : sequencesFor(look, 0, state) + unusedUnderlineColor(raw, look, state),
  ].join('');
}

function unusedUnderlineColor({ extended }: RawAttributes, look: Look, state: XtermState): string {
  if (look.underline !== 0 || extended.underlineColor === 0) return '';
  return sequencesFor({ ...PLAIN, underlineColor: extended.underlineColor }, 0, state).replace('[0;', '[');
}

/**
 * Past the last column, or remembering the character before it (to join the next with it, or to repeat it): then that
 * character is printed again, where it stands, with every mode in force.
 */
function cursor(buffer: RawBuffer, state: XtermState, drawer: RowDrawer, look: Look): string {
  const { x, y } = buffer;
  const { decPrivateModes: dec, modes: ansi } = state.coreService;
  const row = y - (dec.origin ? buffer.scrollTop : 0);
  const end = Math.min(x, state.cols);
  const isPast = x >= state.cols;
  const isRemembering = state._inputHandler._parser.precedingJoinState !== 0;
  const line = buffer.lines.get(buffer.ybase + y)!;
  const last = drawer.cellBefore(line, end);
  const isPrinted = last.chars !== '' && last.x + last.width === end;
  if (!isPast && !(isRemembering && isPrinted)) return moveTo(end, row);
  const isOther = !isSameLook(last.look, look);
  const parts = [moveTo(last.x, row)];
  // In insert mode the row would be pushed to the right.
  if (ansi.insertMode) parts.push(`\x1b[${end - last.x}P`);
  if (isOther) parts.push(sequencesFor(last.look, look.link, state));
  parts.push(typed(isPrinted ? last.chars : ' ', state));
  if (!isPrinted && isErasedLook(last.look) && drawer.isBlankRow(line, last.look)) parts.push('\x1b[1K');
  if (isOther) parts.push(sequencesFor(look, last.look.link, state));
  else if (!isRemembering) parts.push(NO_OPERATION);
  return parts.join('');
}

/** What has to be printed so that `chars` is drawn, under the character set in force. */
function typed(chars: string, state: XtermState): string {
  const { charset } = state._charsetService;
  if (!charset || chars.length !== 1) return chars;
  return Object.keys(charset).find((key) => charset[key] === chars) ?? chars;
}

function cursorAt(buffer: RawBuffer): string {
  return moveTo(buffer.x, buffer.y);
}

/** Columns and rows from 0. */
function moveTo(x: number, y: number): string {
  return x === 0 && y === 0 ? '\x1b[H' : `\x1b[${y + 1};${x + 1}H`;
}

/** Which final byte designates a charset, by what it makes of these four characters: each is told from all others by them. */
const DESIGNATORS = new Map([
  ['||─|', '0'],
  ['|||£', 'A'],
  ['¾|ij||£', '4'],
  ['|Ä||', 'C'],
  ['à|°||£', 'R'],
  ['à|â||', 'Q'],
  ['§|Ä||', 'K'],
  ['§|°||£', 'Y'],
  ['Ä|Æ||', 'E'],
  ['§|¡||£', 'Z'],
  ['É|Ä||', 'H'],
  ['à|é||ù', '='],
]);

function designatorOf(charset: NonNullable<Charset>): string {
  return DESIGNATORS.get(['@', '[', 'q', '#'].map((key) => charset[key] ?? '').join('|')) ?? 'B';
}

export function utf8Bytes(text: string): number {
  let bytes = text.length;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    // A pair of surrogates makes four bytes of two units.
    if (code >= 0x80) bytes += code < 0x800 || (code >= 0xd800 && code < 0xe000) ? 1 : 2;
  }
  return bytes;
}
