/**
 * The private state of xterm.js that its API does not show and a picture of a screen needs: saved cursors, character
 * sets, tab stops, links, attributes in force. This is the only file that knows these fields; it was written for
 * xterm.js 6.1, and says so at once when a release has moved them.
 */

export interface ExtendedAttributes {
  underlineStyle: number;
  underlineColor: number;
  urlId: number;
  /** Style and colour as they were set; the getter of the style hides it where there is a link. */
  _ext: number;
}

/** Bits as in xterm.js's buffer/Constants.ts. */
export interface RawAttributes {
  fg: number;
  bg: number;
  extended: ExtendedAttributes;
}

export interface RawCell extends RawAttributes {
  content: number;
  getChars(): string;
}

export interface RawLine {
  readonly length: number;
  readonly isWrapped: boolean;
  loadCell(x: number, cell: RawCell): RawCell;
}

/** Maps what is printed to what is drawn; none for ASCII. */
export type Charset = Readonly<Record<string, string>> | undefined;

export interface RawBuffer {
  readonly lines: { readonly length: number; get(y: number): RawLine | undefined };
  /** Line of the screen's first row. */
  readonly ybase: number;
  readonly x: number;
  readonly y: number;
  readonly scrollTop: number;
  readonly scrollBottom: number;
  readonly savedX: number;
  /** Counted from the first line kept, not from the top of the screen. */
  readonly savedY: number;
  readonly savedCurAttrData: { readonly fg: number; readonly bg: number };
  /** Of the slots G0 to G3 those that had been designated; restoring leaves the others as they are. */
  readonly savedCharsets: readonly Charset[];
  readonly savedGlevel: number;
  readonly savedOriginMode: boolean;
  readonly savedWraparoundMode: boolean;
  readonly tabs: Readonly<Record<number, boolean | undefined>>;
}

export interface XtermState {
  readonly cols: number;
  readonly rows: number;
  readonly buffers: { readonly normal: RawBuffer; readonly alt: RawBuffer; readonly active: RawBuffer };
  readonly coreService: {
    readonly isCursorHidden: boolean;
    readonly modes: { readonly insertMode: boolean };
    readonly decPrivateModes: {
      readonly applicationCursorKeys: boolean;
      readonly applicationKeypad: boolean;
      readonly bracketedPasteMode: boolean;
      readonly cursorBlink: boolean | undefined;
      readonly cursorStyle: 'block' | 'underline' | 'bar' | undefined;
      readonly origin: boolean;
      readonly reverseWraparound: boolean;
      readonly sendFocus: boolean;
      readonly synchronizedOutput: boolean;
      readonly wraparound: boolean;
    };
  };
  readonly mouseStateService: { readonly activeProtocol: string; readonly activeEncoding: string };
  readonly optionsService: { readonly rawOptions: { readonly convertEol: boolean } };
  readonly unicodeService: { charProperties(code: number, preceding: number): number };
  readonly _charsetService: {
    readonly charset: Charset;
    readonly glevel: number;
    readonly _charsets: readonly Charset[];
  };
  readonly _oscLinkService: { getLinkData(linkId: number): { id?: string; uri: string } | undefined };
  readonly _inputHandler: {
    readonly _curAttrData: RawAttributes;
    readonly _windowTitle: string;
    readonly _parser: { readonly precedingJoinState: number };
  };
}

/**
 * What every terminal of ours is told, so that all of them do the same. Programs say whether the cursor blinks; they are not
 * told of another colour scheme, because each window would tell them.
 */
export const SAME_FOR_ALL = {
  allowProposedApi: true,
  quirks: { allowSetCursorBlink: true },
  vtExtensions: { colorSchemeQuery: false },
};

/** @throws Error when this release of xterm.js keeps its state elsewhere */
export function stateOf(terminal: object): XtermState {
  const core = (terminal as { _core?: Partial<XtermState> })._core;
  const wanted = [
    core?.buffers?.normal.savedCurAttrData,
    core?.buffers?.normal.savedCharsets,
    core?.buffers?.normal.savedGlevel,
    core?.buffers?.normal.savedOriginMode,
    core?.buffers?.normal.savedWraparoundMode,
    core?.buffers?.normal.tabs,
    core?.coreService?.decPrivateModes,
    core?.mouseStateService?.activeEncoding,
    core?.optionsService?.rawOptions,
    core?.unicodeService,
    core?._charsetService?._charsets,
    core?._oscLinkService,
    core?._inputHandler?._curAttrData,
    core?._inputHandler?._windowTitle,
    core?._inputHandler?._parser.precedingJoinState,
  ];
  if (wanted.includes(undefined)) throw new Error('this release of xterm.js keeps its state where we do not find it');
  return core as XtermState;
}
