/** Tells output that this window has never had from output that is drawn again, so that what rang once does not ring at every reload. */
import type { Sink } from './outputFeed.ts';

/**
 * `old` was printed before this window came, or stands for it (a snapshot, the cache); `late` came while the connection was
 * away and is new to this window; `live` comes as it is printed.
 */
export type Freshness = 'old' | 'late' | 'live';

export class FreshnessGate {
  #sink: Sink;
  #incarnation = 0;
  /** Everything below it is old. */
  #freshFrom = Infinity;
  /** Everything below it was printed before the connection was there. */
  #liveFrom = Infinity;
  #written: Freshness = 'old';
  #parsing: Freshness = 'old';

  constructor(sink: Sink) {
    this.#sink = sink;
  }

  /** Of the byte that the terminal parses now: for its parser hooks. */
  get now(): Freshness {
    return this.#parsing;
  }

  /**
   * The server has answered an attach.
   * @param end where the output ended then; null from a release that does not say, and then nothing is fresh until it does
   */
  attached(incarnation: number, end: number | null, isNew: boolean): void {
    const isFirst = incarnation !== this.#incarnation || this.#freshFrom === Infinity;
    if (isFirst) this.#freshFrom = isNew && this.#incarnation === 0 ? 0 : (end ?? Infinity);
    this.#liveFrom = end ?? Infinity;
    this.#incarnation = incarnation;
  }

  /** Passes output on in pieces that are each of one kind, marked for the parser. */
  output(bytes: Uint8Array, offset: number, pass: (bytes: Uint8Array, offset: number) => void): void {
    const end = offset + bytes.length;
    const inside = [this.#freshFrom, this.#liveFrom].filter((at) => at > offset && at < end);
    const cuts = [offset, ...new Set(inside.sort((a, b) => a - b)), end];
    for (let i = 0; i + 1 < cuts.length; i++) {
      const [from, to] = [cuts[i]!, cuts[i + 1]!];
      this.#mark(this.#at(from));
      pass(bytes.subarray(from - offset, to - offset), from);
    }
  }

  /** What is written next stands for what was printed long ago. */
  drawsAgain(): void {
    this.#mark('old');
  }

  #at(offset: number): Freshness {
    if (offset < this.#freshFrom) return 'old';
    return offset < this.#liveFrom ? 'late' : 'live';
  }

  /** In the same queue as the output, because it is parsed later than it is written. */
  #mark(kind: Freshness): void {
    if (kind === this.#written) return;
    this.#written = kind;
    this.#sink.write('', () => (this.#parsing = kind));
  }
}
