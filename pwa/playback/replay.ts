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
/** Written at once; after each it is asked whether to go on. */
const WRITE_CHARS = 64 * 1024;

export class Replay {
  #index = 0;

  constructor(
    private readonly terminal: ReplayTerminal,
    private readonly events: readonly CastEvent[],
  ) {}

  /** How many events the terminal shows. */
  get index(): number {
    return this.#index;
  }

  /** Carries out the events before `to`. Ends earlier, between two events, when it is not wanted any more. */
  async forward(to: number, isWanted: () => boolean = () => true): Promise<void> {
    while (this.#index < to && isWanted()) {
      const event = this.events[this.#index]!;
      if (event.code === 'o') await this.#write(to);
      else if (event.code === 'r') this.#resize(event);
      else this.#index++;
    }
  }

  async restore({ index, cols, rows, picture }: Keyframe): Promise<void> {
    this.terminal.resize(cols, rows);
    await this.#written(CANCEL + picture);
    this.#index = index;
  }

  #resize(event: CastEvent): void {
    const { cols, rows } = sizeOf(event);
    this.terminal.resize(cols, rows);
    this.#index++;
  }

  /** The output from here to the next event that is none. */
  async #write(to: number): Promise<void> {
    let text = '';
    let next = this.#index;
    while (next < to && text.length < WRITE_CHARS && this.events[next]!.code === 'o') text += this.events[next++]!.data;
    await this.#written(text);
    this.#index = next;
  }

  #written(text: string): Promise<void> {
    return new Promise((resolve) => this.terminal.write(text, resolve));
  }
}
