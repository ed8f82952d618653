/** A terminal on which the events of a recording are carried out, in order and as fast as it parses them. */
import { sizeOf, type CastEvent } from './castFile.ts';

/** xterm.js with a display or without one. */
export interface ReplayTerminal {
  write(data: string, parsed: () => void): void;
  resize(cols: number, rows: number): void;
}

/** Everything before `index` as a picture. */
export interface Keyframe {
  index: number;
  cols: number;
  rows: number;
  picture: string;
}

/** Ends a sequence that was left open, without carrying it out. */
const CANCEL = '\x18';
/** Shows what is drawn so far of a frame that is left in its middle (synchronized output, DEC mode 2026). */
const END_FRAME = '\x1b[?2026l';
/** Written at once; after each it is asked whether to go on. */
const WRITE_CHARS = 64 * 1024;

export class Replay {
  #index = 0;
  #chars = 0;

  constructor(
    private readonly terminal: ReplayTerminal,
    private readonly events: readonly CastEvent[],
  ) {}

  /** How many events the terminal shows. */
  get index(): number {
    return this.#index;
  }

  /** How many characters of the event after them it shows. */
  get chars(): number {
    return this.#chars;
  }

  /**
   * Carries out the events before `to`, and the first `chars` characters of the output at `to`. Ends earlier, between two
   * events, when it is not wanted any more.
   */
  async forward(to: number, isWanted: () => boolean = () => true, chars = 0): Promise<void> {
    while (this.#index < to && isWanted()) {
      const event = this.events[this.#index]!;
      if (event.code === 'o') await this.#write(to);
      else if (event.code === 'r') this.#resize(event);
      else this.#index++;
    }
    const event = this.events[this.#index];
    if (this.#index !== to || chars <= this.#chars || event?.code !== 'o' || !isWanted()) return;
    await this.#written(event.data.slice(this.#chars, chars) + END_FRAME);
    this.#chars = chars;
  }

  async restore({ index, cols, rows, picture }: Keyframe): Promise<void> {
    this.terminal.resize(cols, rows);
    await this.#written(CANCEL + picture);
    [this.#index, this.#chars] = [index, 0];
  }

  #resize(event: CastEvent): void {
    const { cols, rows } = sizeOf(event);
    this.terminal.resize(cols, rows);
    this.#index++;
  }

  /** The output from here to the next event that is none. */
  async #write(to: number): Promise<void> {
    let text = this.events[this.#index]!.data.slice(this.#chars);
    let next = this.#index + 1;
    while (next < to && text.length < WRITE_CHARS && this.events[next]!.code === 'o') text += this.events[next++]!.data;
    await this.#written(text);
    [this.#index, this.#chars] = [next, 0];
  }

  #written(text: string): Promise<void> {
    return new Promise((resolve) => this.terminal.write(text, resolve));
  }
}
