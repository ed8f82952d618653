/** What the local terminal shows, kept beside it: a line that was drawn over can be drawn again. */
import serializeAddon from '@xterm/addon-serialize';
import xterm from '@xterm/headless';
import { plainAtAlternate, ScreenState } from '../../protocol/screenState.ts';

export interface Size {
  cols: number;
  rows: number;
}

export class Mirror {
  #terminal: InstanceType<typeof xterm.Terminal>;
  #serializer = new serializeAddon.SerializeAddon();
  #state: ScreenState;

  constructor(size: Size) {
    this.#terminal = new xterm.Terminal({ ...size, scrollback: 0, allowProposedApi: true, logLevel: 'off' });
    // The serializer is typed for the terminal with a display; it uses only what both have.
    this.#terminal.loadAddon(this.#serializer);
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
    return `\x1b[H\x1b[J${plainAtAlternate(this.#serializer.serialize({ scrollback: 0 }))}${this.#state.sequences()}`;
  }

  /** The last row of the normal screen that holds anything, or the cursor; from 1. */
  get lastRow(): number {
    const { normal } = this.#terminal.buffer;
    let row = this.#terminal.rows;
    while (row > normal.cursorY + 1 && !normal.getLine(normal.baseY + row - 1)?.translateToString(true)) row--;
    return row;
  }
}
