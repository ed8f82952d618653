/** When each event is played: as it happened, but waiting never longer than a moment. Pure. */
import type { CastEvent } from './castFile.ts';

/** A pause in the recording is played as at most this. */
export const IDLE_LIMIT_MS = 2_000;

export class Timeline {
  /** Of each event, in ms from the beginning of the playback. */
  readonly #times: Float64Array;

  constructor(events: readonly CastEvent[], idleLimitMs = IDLE_LIMIT_MS) {
    this.#times = new Float64Array(events.length);
    let now = 0;
    let before = 0;
    events.forEach(({ at }, i) => {
      now += Math.min(at - before, idleLimitMs);
      before = at;
      this.#times[i] = now;
    });
  }

  get durationMs(): number {
    return this.#times.at(-1) ?? 0;
  }

  /** When the event at `index` is played; of one past the last, the end. */
  timeOf(index: number): number {
    return this.#times[Math.max(0, index)] ?? this.durationMs;
  }

  /** How many events have been played at `ms`. */
  countAt(ms: number): number {
    let [low, high] = [0, this.#times.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#times[middle]! <= ms) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** `1:05`, `2:00:05`. */
export function clockText(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  const two = (n: number) => String(n).padStart(2, '0');
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

export function sizeText(bytes: number): string {
  return bytes < 1_000_000 ? `${Math.ceil(bytes / 1_000)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}
