/** Keeps a terminal as large as its pane while it decides the pty's size, and as large as the pty while another does. */
import type { Terminal } from '@xterm/xterm';
import { FitAddon } from '@xterm/addon-fit';
import { planSize, rememberSize, usableSize } from './size.ts';
import type { Sink } from './outputFeed.ts';
import type { Size } from './size.ts';

const SETTLE_MS = 80;

export interface SizeEvents {
  /** An act of the person: the pty is to have this size. */
  use(size: Size): void;
  /** What the person sees, and how large it could be. */
  view(isVisible: boolean, size: Size | null): void;
  /** The terminal is drawn at another window's size; null when it is not. */
  foreign(pty: Size | null): void;
}

export class Sizing {
  #terminal: Terminal;
  /** Where output goes, which may wait before the terminal has it. */
  #sink: Sink;
  #host: HTMLElement;
  #events: SizeEvents;
  #fit = new FitAddon();
  #observer: ResizeObserver;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isShown = false;
  #pty: Size | null = null;
  #isInControl: boolean | null = null;
  #window = windowSize();

  constructor(terminal: Terminal, sink: Sink, host: HTMLElement, events: SizeEvents) {
    this.#terminal = terminal;
    this.#sink = sink;
    this.#host = host;
    this.#events = events;
    terminal.loadAddon(this.#fit);
    this.#observer = new ResizeObserver(() => this.fit());
    this.#observer.observe(host);
    document.addEventListener('visibilitychange', this.#pageChanged);
  }

  /** Whether a person can see it. */
  get isVisible(): boolean {
    return this.#isShown && !document.hidden;
  }

  /** What fits the pane; null while it is hidden or too small. */
  get pane(): Size | null {
    return this.#isShown ? usableSize(this.#fit.proposeDimensions()) : null;
  }

  /** The tab came into view, or left it. */
  show(isShown: boolean): void {
    const comes = isShown && !this.#isShown;
    this.#isShown = isShown;
    this.#events.view(this.isVisible, this.pane);
    if (comes) this.fit(true);
  }

  /** Behind everything that is written, because that was drawn for the size before. */
  fit(isByHand = false): void {
    this.#sink.write('', () => {
      const isNow = windowSize();
      const plan = this.#apply(isByHand || isNow !== this.#window);
      this.#window = isNow;
      if (plan?.tell) this.#tell(plan.tell);
    });
  }

  /** A person wants the pty to have the size of this window. */
  takeOver(): void {
    const { pane } = this;
    if (pane) this.#events.use(pane);
  }

  /** Takes a size behind everything written so far, whatever the pane. */
  adopt({ cols, rows }: Size): void {
    this.#sink.write('', () => this.#terminal.resize(cols, rows));
  }

  /** What the server says: the pty's size, and whether this window decides it. */
  heard(pty: Size, isInControl: boolean): void {
    this.#pty = pty;
    this.#isInControl = isInControl;
    this.#sink.write('', () => this.#apply(false));
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#observer.disconnect();
    document.removeEventListener('visibilitychange', this.#pageChanged);
  }

  #pageChanged = () => this.#events.view(this.isVisible, this.pane);

  #apply(isByHand: boolean) {
    if (!this.#host.isConnected) return null;
    const { pane } = this;
    const plan = planSize({ pane, pty: this.#pty, isInControl: this.#isInControl, isByHand });
    const { draw } = plan;
    if (draw && (draw.cols !== this.#terminal.cols || draw.rows !== this.#terminal.rows))
      this.#terminal.resize(draw.cols, draw.rows);
    if (pane) rememberSize(pane);
    this.#events.foreign(plan.isForeign ? draw : null);
    return plan;
  }

  /** Once the pane has come to rest; who decides may be another by then. */
  #tell(what: 'use' | 'view'): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      const { pane } = this;
      if (what === 'use' && pane && this.#isShown) this.#events.use(pane);
      else this.#events.view(this.isVisible, pane);
    }, SETTLE_MS);
  }
}

/** Changed by a person: dragged, turned, zoomed. */
function windowSize(): string {
  return `${innerWidth}×${innerHeight}×${devicePixelRatio}`;
}
