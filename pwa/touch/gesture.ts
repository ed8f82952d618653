/** What a finger does on a terminal: scroll, select after a long press, or nothing of ours. Two fingers change the text's size. */
import type { Clock } from '../../client/clock.ts';

export interface Point {
  x: number;
  y: number;
}

export interface GestureEvents {
  /** By so many pixels, as the finger moved. */
  scrolled(dx: number, dy: number): void;
  /** Let go amid a movement, in pixels a millisecond. */
  flung(velocity: number): void;
  pressed(at: Point): void;
  /** Moved after a long press. */
  dragged(to: Point): void;
  /** 1: further apart, by a good deal; -1: closer. */
  pinched(step: 1 | -1): void;
}

const LONG_PRESS_MS = 450;
/** A finger is never quite still. */
const SLOP_PX = 9;
/** What counts for the speed of letting go: older moves say nothing about it. */
const RECENT_MS = 100;
const LEAST_FLING = 0.25;
const PINCH_RATIO = 1.15;

type State = 'none' | 'down' | 'scrolling' | 'selecting' | 'pinching';

export class Gesture {
  #state: State = 'none';
  #start: Point = { x: 0, y: 0 };
  #last: Point = this.#start;
  #distance = 0;
  #isCaught = false;
  #moves: { at: number; y: number }[] = [];
  #cancelPress = () => {};

  constructor(
    private readonly events: GestureEvents,
    private readonly clock: Clock,
  ) {}

  /** Whether what goes on is ours, so that the browser must not make a click or a scroll of it. */
  get isOurs(): boolean {
    return this.#state === 'down' ? this.#isCaught : this.#state !== 'none';
  }

  /**
   * @param points all fingers that are down
   * @param isCaught the first of them stopped what went on by itself
   */
  down(points: readonly Point[], isCaught = false): void {
    this.#cancelPress();
    this.#isCaught = isCaught;
    const [first, second] = points;
    if (!first) return;
    if (second) {
      this.#state = 'pinching';
      this.#distance = between(first, second);
      return;
    }
    this.#state = 'down';
    this.#start = this.#last = first;
    this.#moves = [];
    this.#cancelPress = this.clock.after(LONG_PRESS_MS, () => {
      this.#state = 'selecting';
      this.events.pressed(this.#start);
    });
  }

  move(points: readonly Point[]): void {
    const [first, second] = points;
    if (!first) return;
    if (this.#state === 'pinching' && second) return this.#pinch(between(first, second));
    if (this.#state === 'selecting') return this.events.dragged(first);
    if (this.#state === 'down' && between(first, this.#start) > SLOP_PX) {
      this.#cancelPress();
      this.#state = 'scrolling';
      this.#last = first; // the way to here was the finger's unrest
    }
    if (this.#state !== 'scrolling') return;
    this.events.scrolled(first.x - this.#last.x, first.y - this.#last.y);
    this.#last = first;
    this.#moves.push({ at: this.clock.now(), y: first.y });
  }

  /** The last finger went up, or the browser took over. */
  end(isCancelled = false): void {
    this.#cancelPress();
    const velocity = this.#state === 'scrolling' && !isCancelled ? this.#velocity() : 0;
    this.#state = 'none';
    if (Math.abs(velocity) >= LEAST_FLING) this.events.flung(velocity);
  }

  #pinch(distance: number): void {
    const ratio = distance / this.#distance;
    if (ratio < PINCH_RATIO && ratio > 1 / PINCH_RATIO) return;
    this.#distance = distance;
    this.events.pinched(ratio > 1 ? 1 : -1);
  }

  #velocity(): number {
    const now = this.clock.now();
    const recent = this.#moves.filter(({ at }) => now - at <= RECENT_MS);
    const [first, last] = [recent[0], recent.at(-1)];
    return first && last && last.at > first.at ? (last.y - first.y) / (last.at - first.at) : 0;
  }
}

function between(one: Point, other: Point): number {
  return Math.hypot(one.x - other.x, one.y - other.y);
}
