/** The terminals of a player: the one in view, at the recording's size and as large as there is room for, and the one that runs ahead. */
import '@xterm/xterm/css/xterm.css';
import '../terminal/ligatures.css';
import { Terminal } from '@xterm/xterm';
import { Finder } from '../terminal/finder.ts';
import { terminalFont, terminalOptions, type Drawing } from '../terminal/look.ts';
import type { TerminalLook } from '../terminal/terminalLook.ts';
import { PLAYBACK_SCROLLBACK } from './keyframes.ts';

/** Smaller text is of no use: then a part of it is in sight. */
const MIN_FONT_PX = 6;
const FONT_STEP_PX = 0.25;

const floored = (px: number) => Math.floor(px / FONT_STEP_PX) * FONT_STEP_PX;

export class PlaybackScreen {
  readonly terminal: Terminal;
  readonly hidden: Terminal;
  readonly finder: Finder;
  #host: HTMLElement;
  #fontSize: number;
  /** Inside of the host's padding. */
  #room = { width: 0, height: 0 };
  #observer: ResizeObserver;

  /** Fonts and widths first, because both change where things stand. */
  static async create(host: HTMLElement, size: { cols: number; rows: number }, drawing: Drawing) {
    const [{ UnicodeGraphemesAddon }] = await Promise.all([import('@xterm/addon-unicode-graphemes'), terminalFont()]);
    if (!host.isConnected) return null;
    return new PlaybackScreen(host, size, drawing, () => new UnicodeGraphemesAddon());
  }

  private constructor(
    host: HTMLElement,
    size: { cols: number; rows: number },
    drawing: Drawing,
    widths: () => Parameters<Terminal['loadAddon']>[0],
  ) {
    const options = {
      ...terminalOptions(drawing),
      ...size,
      scrollback: PLAYBACK_SCROLLBACK,
      disableStdin: true,
      cursorBlink: false,
      logLevel: 'off' as const, // it would log what programs print
      linkHandler: { activate: () => {} },
    };
    this.#host = host;
    this.#fontSize = drawing.fontSize;
    this.terminal = new Terminal(options);
    this.hidden = new Terminal(options);
    for (const terminal of [this.terminal, this.hidden]) {
      terminal.loadAddon(widths());
    }
    this.terminal.open(host);
    // Keys are the player's, wherever somebody clicked.
    this.terminal.attachCustomKeyEventHandler(() => false);
    if (this.terminal.textarea) this.terminal.textarea.tabIndex = -1;
    this.finder = new Finder(this.terminal, drawing.look);
    this.terminal.onResize(() => this.#fit());
    this.#observer = new ResizeObserver((changes) => {
      this.#room = changes.at(-1)!.contentRect;
      this.#fit();
    });
    this.#observer.observe(host);
  }

  setLook(look: TerminalLook): void {
    this.terminal.options.theme = look.colors;
    this.terminal.options.minimumContrastRatio = look.contrast;
    this.finder.setLook(look);
  }

  /** The keyframes dispose of the hidden terminal. */
  dispose(): void {
    this.#observer.disconnect();
    this.finder.close();
    this.terminal.dispose();
  }

  /**
   * Text no larger than the person's own. Cells are whole pixels high, so a row may be higher than in proportion to the text's size:
   * what was worked out is made smaller until it fits.
   */
  #fit(): void {
    const current = this.terminal.options.fontSize ?? this.#fontSize;
    let wanted = Math.min(this.#fontSize, floored(current * this.#roomFor()));
    do this.terminal.options.fontSize = Math.max(MIN_FONT_PX, wanted);
    while (this.#roomFor() < 1 && (wanted -= FONT_STEP_PX) > MIN_FONT_PX);
  }

  /** How many times as large the screen could be drawn; 1 while nothing is known. */
  #roomFor(): number {
    const drawn = this.#host.querySelector<HTMLElement>('.xterm-screen');
    if (!drawn?.offsetWidth || !this.#room.width) return 1;
    return Math.min(this.#room.width / drawn.offsetWidth, this.#room.height / drawn.offsetHeight);
  }
}
