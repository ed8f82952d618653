/** What a terminal is, as plain data, so that two can be compared: everything that can be seen, and everything that the next bytes can bring to light. */
import { lookOf, PLAIN, type Look } from '../../protocol/cellAttributes.ts';
import { stateOf, type Charset, type RawBuffer, type RawCell, type XtermState } from '../../protocol/xtermState.ts';

interface DumpableTerminal {
  readonly buffer: { readonly normal: { getNullCell(): unknown } };
}

/**
 * Rows with their attributes, one string each; cursor, modes and the rest. Left out is what protocol/drawScreen.ts lists
 * as beyond restoring.
 */
export function dumpOf(terminal: DumpableTerminal) {
  const state = stateOf(terminal);
  const { normal, alt, active } = state.buffers;
  const cell = terminal.buffer.normal.getNullCell() as RawCell;
  const links = new Map<number, number>();
  const { coreService, mouseStateService, _charsetService: sets, _inputHandler: input } = state;
  return {
    size: [state.cols, state.rows],
    active: active === alt ? 'alternate' : 'normal',
    normal: { lines: normal.lines.length, ...bufferOf(normal, state), rows: rowsOf(normal, 0, state, cell, links) },
    // The other one is emptied when it is left.
    alternate:
      active === alt
        ? { ...bufferOf(alt, state), rows: rowsOf(alt, alt.ybase, state, cell, links) }
        : savedOf(alt, state),
    cursor: { x: active.x, y: active.y, isHidden: coreService.isCursorHidden },
    look: textOf(lookOf(input._curAttrData, state), state, links),
    charset: nameOf(sets.charset),
    shifted: [sets.glevel, ...[0, 1, 2, 3].map((slot) => nameOf(sets._charsets[slot]))],
    modes: { ...coreService.modes, ...coreService.decPrivateModes, eol: state.optionsService.rawOptions.convertEol },
    mouse: [mouseStateService.activeProtocol, mouseStateService.activeEncoding],
    title: input._windowTitle,
    joins: input._parser.precedingJoinState !== 0,
  };
}

function bufferOf(buffer: RawBuffer, state: XtermState) {
  const { scrollTop, scrollBottom, tabs } = buffer;
  const stops = Object.keys(tabs).filter((x) => tabs[Number(x)] && Number(x) < state.cols);
  return { region: [scrollTop, scrollBottom], tabs: stops.join(' '), ...savedOf(buffer, state) };
}

function savedOf(buffer: RawBuffer, state: XtermState) {
  const { savedX, savedY, ybase, savedCurAttrData, savedCharsets, savedGlevel } = buffer;
  const extended = { underlineStyle: 0, underlineColor: 0, urlId: 0, _ext: 1 << 26 };
  const look = lookOf({ ...savedCurAttrData, extended }, state);
  const at = [Math.min(savedX, state.cols - 1), Math.min(Math.max(0, savedY - ybase), state.rows - 1)];
  const sets = [savedGlevel, ...[0, 1, 2, 3].map((slot) => nameOf(savedCharsets[slot]))];
  const modes = [buffer.savedOriginMode, buffer.savedWraparoundMode];
  return { saved: [...at, look.fg, look.bg, ...sets, ...modes].join(' ') };
}

function rowsOf(
  buffer: RawBuffer,
  first: number,
  state: XtermState,
  cell: RawCell,
  links: Map<number, number>,
): string[] {
  return Array.from({ length: buffer.lines.length - first }, (_, y) => {
    const line = buffer.lines.get(first + y)!;
    // The row above the first one is gone.
    let text = line.isWrapped && y > 0 ? '↪' : '';
    let look = PLAIN;
    for (let x = 0; x < state.cols; x++) {
      line.loadCell(x, cell);
      const width = cell.content >> 22;
      if (width === 0 && (cell.content & 0x3fffff) === 0) continue;
      const next = lookOf(cell, state);
      if (JSON.stringify(next) !== JSON.stringify(look)) text += `{${textOf(next, state, links)}}`;
      look = next;
      const chars = cell.getChars();
      // Half of a wide character counts as a blank.
      const isCut = width === 2 && x + 1 === state.cols;
      text += chars === '' || isCut ? '·' : width === 1 ? chars : `<${chars}>${width}`;
    }
    return text.replace(/·+$/, '');
  });
}

/** Links are numbered as they come; two belong together or not, whatever xterm calls them. */
function textOf(
  { fg, bg, underline, underlineColor, link }: Look,
  state: XtermState,
  links: Map<number, number>,
): string {
  if (link !== 0 && !links.has(link)) links.set(link, links.size + 1);
  const target = link === 0 ? '' : `#${links.get(link)} ${state._oscLinkService.getLinkData(link)?.uri}`;
  return [fg.toString(16), bg.toString(16), underline, underlineColor.toString(16), target].join(' ');
}

function nameOf(charset: Charset): string {
  return charset ? Object.entries(charset).flat().join('') : '';
}
