/**
 * Pictures of a recording at intervals, so that any place in it is reached in the time that one interval takes. A terminal
 * that nobody sees runs ahead and makes them.
 */
import { drawScreen, type DrawableTerminal } from '../../protocol/drawScreen.ts';
import { SafePointScanner } from '../../protocol/safePoint.ts';
import { ScreenState, type ScreenTerminal } from '../../protocol/screenState.ts';
import type { CastEvent } from './castFile.ts';
import { Replay, type Keyframe, type ReplayTerminal } from './replay.ts';

/** Output between two pictures: a moment's parsing. */
export const KEYFRAME_CHARS = 512 * 1024;
/** Lines above the screen, in the player and in its pictures. */
export const PLAYBACK_SCROLLBACK = 1_000;
const PICTURE_BYTES = 512 * 1024;

export type HiddenTerminal = ReplayTerminal &
  ScreenTerminal &
  DrawableTerminal & { readonly cols: number; readonly rows: number; dispose(): void };

export class Keyframes {
  #replay: Replay;
  #state: ScreenState;
  #scanner = new SafePointScanner();
  #encoder = new TextEncoder();
  #frames: Keyframe[] = [];
  #advancing: Promise<void> | null = null;
  #isDisposed = false;

  /** @param terminal blank, and of the size that the recording begins with */
  constructor(
    private readonly terminal: HiddenTerminal,
    private readonly events: readonly CastEvent[],
    private readonly intervalChars = KEYFRAME_CHARS,
  ) {
    this.#replay = new Replay(terminal, events);
    this.#state = new ScreenState(terminal);
    this.#take();
  }

  /** Events up to which there are pictures. */
  get reached(): number {
    return this.#replay.index;
  }

  /** The last picture of a place before `index`, or at it. */
  before(index: number): Keyframe {
    return this.#frames.findLast((frame) => frame.index <= index)!;
  }

  /** Makes pictures until there are some up to `index`, or it is not wanted any more. */
  async reach(index: number, isWanted: () => boolean = () => true, onStep: () => void = () => {}): Promise<void> {
    while (this.reached < index && !this.#isDisposed && isWanted()) {
      await this.#advance();
      onStep();
    }
  }

  /** Makes them all, each when `idle` has resolved: what the person does comes first. */
  async fill(idle: () => Promise<void>): Promise<void> {
    while (this.reached < this.events.length && !this.#isDisposed) {
      await idle();
      if (!this.#isDisposed) await this.#advance();
    }
  }

  dispose(): void {
    this.#isDisposed = true;
    this.#state.dispose();
    this.terminal.dispose();
  }

  /** To the next picture, or to the end. */
  #advance(): Promise<void> {
    this.#advancing ??= this.#step().finally(() => (this.#advancing = null));
    return this.#advancing;
  }

  async #step(): Promise<void> {
    let chars = 0;
    let end = this.#replay.index;
    /** A picture within a sequence, or of half a frame, would not go on as the recording does. */
    let isSafe = false;
    while (end < this.events.length && !(isSafe && chars >= this.intervalChars)) {
      const { code, data } = this.events[end++]!;
      if (code !== 'o') continue;
      chars += data.length;
      const bytes = this.#encoder.encode(data);
      isSafe = this.#scanner.scan(bytes).outsideFrame === bytes.length;
    }
    await this.#replay.forward(end, () => !this.#isDisposed);
    if (!this.#isDisposed && isSafe) this.#take();
  }

  #take(): void {
    const { cols, rows } = this.terminal;
    const picture = drawScreen(this.terminal, this.#state, {
      scrollback: PLAYBACK_SCROLLBACK,
      maxBytes: PICTURE_BYTES,
    });
    this.#frames.push({ index: this.#replay.index, cols, rows, picture });
  }
}
