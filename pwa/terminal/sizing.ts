/** Keeps a terminal as large as its pane while it is in view, and as large as the pty says while it is not. */
import type { Terminal } from '@xterm/xterm';
import { FitAddon } from '@xterm/addon-fit';
import { rememberSize, usableSize } from './size.ts';
import type { Size } from './size.ts';

const SETTLE_MS = 80;

export class Sizing {
  #terminal: Terminal;
  #fit = new FitAddon();
  #send: (size: Size) => void;
  #observer: ResizeObserver;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isVisible = false;

  /** @param send tells the pty; called only while in view, once a size has settled */
  constructor(terminal: Terminal, host: HTMLElement, send: (size: Size) => void) {
    this.#terminal = terminal;
    this.#send = send;
    terminal.loadAddon(this.#fit);
    this.#observer = new ResizeObserver(() => this.fit());
    this.#observer.observe(host);
  }

  show(isVisible: boolean): void {
    this.#isVisible = isVisible;
    if (isVisible) this.fit();
  }

  /** Takes the size of the pane behind everything that is written, because that was drawn for the old one. */
  fit(): void {
    this.#terminal.write('', () => {
      const size = this.#isVisible ? usableSize(this.#fit.proposeDimensions()) : null;
      if (!size) return;
      if (size.cols !== this.#terminal.cols || size.rows !== this.#terminal.rows)
        this.#terminal.resize(size.cols, size.rows);
      rememberSize(size);
      this.announce();
    });
  }

  /** Tells the pty the size in view, also when it did not change: another window may have set its own. */
  announce(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      if (this.#isVisible) this.#send({ cols: this.#terminal.cols, rows: this.#terminal.rows });
    }, SETTLE_MS);
  }

  /** Takes a size behind everything written so far, whatever the pane. */
  adopt({ cols, rows }: Size): void {
    this.#terminal.write('', () => this.#terminal.resize(cols, rows));
  }

  /** The pty has another size: nobody looks here, so follow it. */
  follow({ cols, rows }: Size): void {
    if (this.#isVisible) return;
    this.#terminal.write('', () => {
      if (!this.#isVisible) this.#terminal.resize(cols, rows);
    });
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#observer.disconnect();
  }
}
