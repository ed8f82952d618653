/** Moves a terminal under a finger: its own lines where it has some, else the program, by the wheel as on a desktop. */
import type { TerminalInView } from '../terminal/inView.ts';
import type { Point } from './gesture.ts';

/** Of the speed, each millisecond. */
const FRICTION = 0.996;
const LEAST_SPEED = 0.05;

/** @param dy in pixels, as the finger moved; what is less than a line is kept for the next time */
export class TouchScroll {
  #rest = 0;
  #frame = 0;

  constructor(readonly view: TerminalInView) {}

  by(dx: number, dy: number, at: Point): void {
    const { host, terminal } = this.view;
    // Drawn at another window's size, it may be larger than its pane.
    const [left, top] = [host.scrollLeft, host.scrollTop];
    host.scrollLeft -= dx;
    host.scrollTop -= dy;
    if (host.scrollLeft !== left && Math.abs(dx) > Math.abs(dy)) return;
    this.#rest += dy + (host.scrollTop - top);
    const cell = (screenOf(this.view)?.getBoundingClientRect().height ?? 0) / terminal.rows;
    if (cell <= 0) return;
    const lines = Math.trunc(this.#rest / cell);
    this.#rest -= lines * cell;
    if (lines !== 0) this.#scroll(-lines, at);
  }

  /** Goes on by itself, ever slower. */
  fling(velocity: number, at: Point): void {
    let speed = velocity;
    let last = performance.now();
    const step = (now: number) => {
      const passed = Math.min(now - last, 64);
      last = now;
      this.by(0, speed * passed, at);
      speed *= FRICTION ** passed;
      this.#frame = Math.abs(speed) < LEAST_SPEED || !this.view.host.isConnected ? 0 : requestAnimationFrame(step);
    };
    this.#frame = requestAnimationFrame(step);
  }

  /** @returns whether it went on by itself */
  stop(): boolean {
    const wasFlung = this.#frame !== 0;
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    return wasFlung;
  }

  #scroll(lines: number, { x, y }: Point): void {
    const { terminal } = this.view;
    const isPrograms = terminal.modes.mouseTrackingMode !== 'none' || terminal.buffer.active.type === 'alternate';
    if (!isPrograms) return terminal.scrollLines(lines);
    const wheel = { deltaY: Math.sign(lines), deltaMode: WheelEvent.DOM_DELTA_LINE, clientX: x, clientY: y };
    for (let i = 0; i < Math.abs(lines); i++)
      screenOf(this.view)?.dispatchEvent(new WheelEvent('wheel', { ...wheel, bubbles: true, cancelable: true }));
  }
}

export function screenOf({ terminal }: TerminalInView): HTMLElement | null {
  return terminal.element?.querySelector<HTMLElement>('.xterm-screen') ?? null;
}
