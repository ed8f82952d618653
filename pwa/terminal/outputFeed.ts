/** Feeds a session's output to the terminal so that it only ever stands at a safe point, and knows which byte it has parsed last. */
import { SafeFeed } from '../../protocol/safePoint.ts';

/** The part of xterm that is needed: writes are parsed in order, each callback runs right after its own chunk. A write of '' is an act between writes. */
export interface Sink {
  write(data: string | Uint8Array, parsed?: () => void): void;
}

const NOTHING = new Uint8Array(0);

export class OutputFeed {
  #feed: SafeFeed;
  #sink: Sink;
  #parsed: number;
  #onParsed: (receivedOffset: number) => void;

  /**
   * @param offset where the terminal stands now
   * @param onParsed called when everything received below that offset was parsed or waits for its rest
   */
  constructor(sink: Sink, offset: number, onParsed: (receivedOffset: number) => void) {
    this.#sink = sink;
    this.#parsed = offset;
    this.#feed = new SafeFeed(offset);
    this.#onParsed = onParsed;
  }

  /** The screen shows every byte below this offset and none above: it may be stored as the screen at that offset. */
  get parsedOffset(): number {
    return this.#parsed;
  }

  output(bytes: Uint8Array, offset: number): void {
    const ready = this.#feed.take(bytes)?.bytes ?? NOTHING;
    this.#write(ready, this.#feed.offset, offset + bytes.length);
  }

  /** A screen that stands for everything before `offset`; it begins with a full reset. */
  snapshot(bytes: Uint8Array, offset: number): void {
    this.#feed = new SafeFeed(offset);
    this.#write(bytes, offset, offset);
  }

  /** The same screen with the lines above it. It comes directly after a snapshot, so nothing has been drawn since. */
  history(bytes: Uint8Array, offset: number): void {
    this.#write(bytes, offset, offset);
  }

  #write(bytes: Uint8Array, parsed: number, received: number): void {
    this.#sink.write(bytes, () => {
      this.#parsed = parsed;
      this.#onParsed(received);
    });
  }
}
