/** What the local terminal shows, kept beside it: a line that was drawn over can be drawn again. */
import xterm from '@xterm/headless';
import { drawScreen } from '../../protocol/drawScreen.ts';
import { SNAPSHOT_BYTES } from '../../protocol/limits.ts';
import { ScreenState } from '../../protocol/screenState.ts';
import { SAME_FOR_ALL } from '../../protocol/xtermState.ts';

export interface Size {
  cols: number;
  rows: number;
}

export class Mirror {
  #terminal: InstanceType<typeof xterm.Terminal>;
  #state: ScreenState;

  constructor(size: Size) {
    this.#terminal = new xterm.Terminal({ ...size, scrollback: 0, ...SAME_FOR_ALL, logLevel: 'off' });
    this.#state = new ScreenState(this.#terminal);
  }

  /** Resolves when the bytes have been parsed. */
  feed(bytes: Uint8Array): Promise<void> {
    return new Promise((resolve) => this.#terminal.write(bytes, resolve));
  }

  resize({ cols, rows }: Size): void {
    this.#terminal.resize(cols, rows);
  }

  /** The screen anew, for a terminal that is plain and on its normal screen. */
  screen(): string {
    return drawScreen(this.#terminal, this.#state, { scrollback: 0, maxBytes: SNAPSHOT_BYTES, begin: '\x1b[H\x1b[J' });
  }

  /** The last row of the normal screen that holds anything, or the cursor; from 1. */
  get lastRow(): number {
    const { normal } = this.#terminal.buffer;
    let row = this.#terminal.rows;
    while (row > normal.cursorY + 1 && !normal.getLine(normal.baseY + row - 1)?.translateToString(true)) row--;
    return row;
  }
}
