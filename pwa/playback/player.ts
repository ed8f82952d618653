/** Plays a recording: where it is, how fast it goes, and how it gets elsewhere. Knows neither a display nor the time of day. */
import type { Keyframes } from './keyframes.ts';
import type { Replay } from './replay.ts';
import type { Timeline } from './timeline.ts';

export const SPEEDS = [0.5, 1, 2, 4, 8, 16] as const;
/** A window that was hidden, or a machine that was busy, goes on where it was instead of leaping. */
const MAX_STEP_MS = 250;

/** What the player needs of the world. */
export interface PlayerClock {
  /** ms */
  now(): number;
  /** Resolves when the next picture may be drawn. */
  frame(): Promise<void>;
}

export interface PlayerState {
  isPlaying: boolean;
  /** ms from the beginning of the playback. */
  at: number;
  speed: number;
  /** How much of the way there is done, from 0 to 1, while a place is sought that was not reached yet; else null. */
  seeking: number | null;
}

/** Behind the first `index` events and the first `chars` characters of the next. */
export interface Spot {
  index: number;
  chars: number;
}

type Place = Spot & { at: number };

export class Player {
  #state: PlayerState = { isPlaying: false, at: 0, speed: 1, seeking: null };
  #wanted: Place | null = null;
  #spot: Spot = { index: 0, chars: 0 };
  #running: Promise<void> | null = null;
  #stepAt = 0;
  #isDisposed = false;

  constructor(
    private readonly parts: { replay: Replay; keyframes: Keyframes; timeline: Timeline; clock: PlayerClock },
    private readonly onState: (state: PlayerState) => void,
  ) {}

  get state(): PlayerState {
    return this.#state;
  }

  /** Where it is, or is going. */
  get spot(): Spot {
    return this.#spot;
  }

  /** From the beginning where it has come to the end. */
  play(): void {
    if (this.#state.isPlaying) return;
    if (this.#state.at >= this.parts.timeline.durationMs) this.#want({ index: 0, chars: 0, at: 0 });
    this.#stepAt = this.parts.clock.now();
    this.#set({ isPlaying: true });
    void this.#run();
  }

  pause(): void {
    this.#set({ isPlaying: false });
  }

  setSpeed(speed: number): void {
    this.#set({ speed });
  }

  /** Resolves when it is there, or somewhere else was asked for, and nothing is being played. */
  seek(at: number): Promise<void> {
    const { timeline } = this.parts;
    const bounded = Math.min(Math.max(0, at), timeline.durationMs);
    return this.#go({ index: timeline.countAt(bounded), chars: 0, at: bounded });
  }

  /** Right behind the event at `index`, and before the others of the same moment. */
  seekBehind(index: number): Promise<void> {
    return this.#go({ index: index + 1, chars: 0, at: this.parts.timeline.timeOf(index) });
  }

  /** Into what one event printed: what follows in it may have taken the text away again. */
  seekInto({ index, chars }: Spot): Promise<void> {
    return this.#go({ index, chars, at: this.parts.timeline.timeOf(index) });
  }

  dispose(): void {
    this.#isDisposed = true;
    this.#state = { ...this.#state, isPlaying: false };
  }

  #go(place: Place): Promise<void> {
    this.#want(place);
    return this.#run();
  }

  #want(place: Place): void {
    this.#wanted = place;
    this.#spot = { index: place.index, chars: place.chars };
    this.#set({ at: place.at });
  }

  #run(): Promise<void> {
    this.#running ??= this.#work()
      .finally(() => (this.#running = null))
      .then(() => (this.#hasWork() ? this.#run() : undefined)); // asked for when it had just come to its end
    return this.#running;
  }

  #hasWork(): boolean {
    return !this.#isDisposed && (this.#wanted !== null || this.#state.isPlaying);
  }

  async #work(): Promise<void> {
    while (this.#hasWork()) {
      if (this.#wanted) await this.#jump();
      else await this.#step();
    }
  }

  async #jump(): Promise<void> {
    const { replay, keyframes } = this.parts;
    const { index, chars } = this.#wanted!;
    this.#wanted = null;
    const isWanted = () => this.#wanted === null && !this.#isDisposed;
    const from = Math.min(keyframes.reached, index);
    await keyframes.reach(index, isWanted, () => {
      this.#set({ seeking: index === from ? 1 : Math.min(1, (keyframes.reached - from) / (index - from)) });
    });
    if (this.#state.seeking !== null) this.#set({ seeking: null });
    if (!isWanted()) return;
    const frame = keyframes.before(index);
    const isBehind = index < replay.index || (index === replay.index && chars < replay.chars);
    if (isBehind || frame.index > replay.index) await replay.restore(frame);
    await replay.forward(index, isWanted, chars);
    this.#stepAt = this.parts.clock.now();
  }

  async #step(): Promise<void> {
    const { replay, timeline, clock } = this.parts;
    await clock.frame();
    if (this.#wanted || this.#isDisposed || !this.#state.isPlaying) return;
    const now = clock.now();
    const passed = Math.min(now - this.#stepAt, MAX_STEP_MS);
    this.#stepAt = now;
    const at = Math.min(this.#state.at + passed * this.#state.speed, timeline.durationMs);
    await replay.forward(timeline.countAt(at), () => this.#wanted === null && !this.#isDisposed);
    if (this.#wanted) return;
    this.#spot = { index: replay.index, chars: 0 };
    this.#set({ at, ...(at >= timeline.durationMs ? { isPlaying: false } : {}) });
  }

  #set(change: Partial<PlayerState>): void {
    if (this.#isDisposed) return;
    this.#state = { ...this.#state, ...change };
    this.onState(this.#state);
  }
}
