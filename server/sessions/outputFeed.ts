/** Carries one session's output to its readers (viewers and the server's screen), each at its own offset and pace. */
import { AppError } from '../../protocol/errors.ts';
import { LIVE_VIEWER_MS, LOG_CAPACITY_BYTES, OUTPUT_FRAME_BYTES } from '../../protocol/limits.ts';
import type { Exit } from '../../protocol/terminal.ts';
import type { Clock } from '../base/clock.ts';
import { CONSUMED_STEP_BYTES } from '../ptyhost/hostProtocol.ts';
import { afterAck, afterSend, newCredit, shouldPause, type Credit } from './flow.ts';
import { OutputTail } from './outputTail.ts';

const TAIL_BYTES = 256 * 1024;
/** The server's screen, or the only viewer, may be this far behind before the pty rests: what it has not read yet must still be in the log. */
const MAX_LAG_BYTES = LOG_CAPACITY_BYTES / 2;
const PACE_CHECK_MS = 1_000;

/** What the feed needs of the pty host, for one session. */
export interface FeedSource {
  read(from: number): Promise<Uint8Array>;
  consumed(upTo: number): void;
  pause(forMs: number): void;
  unpause(): void;
}

export interface ReaderEvents {
  onOutput(bytes: Uint8Array, offset: number): void;
  /** Everything was delivered before. */
  onExit(exit: Exit, end: number): void;
  /** The next byte is no longer in the log: this reader must begin anew, from a snapshot. */
  onPruned(): void;
}

export interface Reader {
  readonly next: number;
  ack(offset: number): void;
  close(): void;
}

export class OutputFeed {
  /** When output came last, by the clock; 0 before the first. */
  pushedAt = 0;
  #tail: OutputTail;
  #readers = new Set<FeedReader>();
  #exit: Exit | null = null;
  #consumed: number;
  #isPaused = false;
  #cancelPaceCheck: (() => void) | undefined;

  /** @param end offset at which the subscription to the host begins */
  constructor(
    private readonly source: FeedSource,
    end: number,
    private readonly clock: Clock,
  ) {
    this.#tail = new OutputTail(end, TAIL_BYTES);
    this.#consumed = end;
  }

  get end(): number {
    return this.#tail.end;
  }

  get exit(): Exit | null {
    return this.#exit;
  }

  /**
   * @param isScreen the server's own screen: it never sets the pace, unless it falls far behind
   * @param isSpectator who only watches never sets the pace
   */
  addReader(from: number, events: ReaderEvents, isScreen = false, isSpectator = false): Reader {
    const reader = new FeedReader(this, from, events, isScreen, isSpectator, this.clock);
    this.#readers.add(reader);
    reader.pump();
    this.pace();
    return reader;
  }

  /** Output from the host. */
  push(offset: number, bytes: Uint8Array): void {
    this.#tail.append(offset, bytes);
    this.pushedAt = this.clock.now();
    if (this.#tail.end - this.#consumed >= CONSUMED_STEP_BYTES) {
      this.#consumed = this.#tail.end;
      this.source.consumed(this.#consumed);
    }
    for (const reader of this.#readers) reader.pump();
    this.pace();
  }

  /** The host's word that the program ended at `end`; readers hear of it when they have everything. */
  ended(exit: Exit): void {
    this.#exit = exit;
    this.#stopPacing();
    for (const reader of this.#readers) reader.pump();
  }

  dispose(): void {
    this.#stopPacing();
    for (const reader of this.#readers) reader.close();
  }

  readTail(from: number): Uint8Array | undefined {
    return this.#tail.read(from, OUTPUT_FRAME_BYTES);
  }

  readLog(from: number): Promise<Uint8Array> {
    return this.source.read(from);
  }

  remove(reader: FeedReader): void {
    this.#readers.delete(reader);
    this.pace();
  }

  /** Pauses or unpauses the pty. A pause is renewed while it holds, because it ends by itself should we die. */
  pace(): void {
    if (this.#exit) return;
    const readers = [...this.#readers];
    const viewers = readers
      .filter((reader) => !reader.isScreen && !reader.isSpectator)
      // One that catches up from the log has as much to do as one whose credit is used up: the log must not outrun it.
      .map(({ credit }) => ({ ...credit, isHeld: credit.isHeld || this.end - credit.sent > MAX_LAG_BYTES }));
    const isScreenFarBehind = readers.some(
      ({ isScreen, credit }) => isScreen && this.end - credit.acked > MAX_LAG_BYTES,
    );
    const isToPause = isScreenFarBehind || shouldPause(viewers, this.clock.now());
    if (isToPause && !this.#isPaused) this.#pause();
    else if (!isToPause && this.#isPaused) {
      this.#stopPacing();
      this.source.unpause();
    }
  }

  #pause(): void {
    this.#isPaused = true;
    this.source.pause(LIVE_VIEWER_MS);
    this.#cancelPaceCheck = this.clock.after(PACE_CHECK_MS, () => {
      this.#isPaused = false;
      this.pace();
      if (!this.#isPaused) this.source.unpause();
    });
  }

  #stopPacing(): void {
    this.#cancelPaceCheck?.();
    this.#cancelPaceCheck = undefined;
    this.#isPaused = false;
  }
}

class FeedReader implements Reader {
  credit: Credit;
  #isReading = false;
  #isClosed = false;
  #toldExit = false;

  constructor(
    private readonly feed: OutputFeed,
    from: number,
    private readonly events: ReaderEvents,
    readonly isScreen: boolean,
    readonly isSpectator: boolean,
    private readonly clock: Clock,
  ) {
    this.credit = newCredit(from, clock.now());
  }

  get next(): number {
    return this.credit.sent;
  }

  ack(offset: number): void {
    this.credit = afterAck(this.credit, offset, this.clock.now());
    this.pump();
    this.feed.pace();
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.feed.remove(this);
  }

  /** Sends until the reader has enough or all there is. */
  pump(): void {
    while (!this.#isClosed && !this.#isReading && !this.credit.isHeld && this.next < this.feed.end) {
      const bytes = this.feed.readTail(this.next);
      if (bytes) this.#send(bytes);
      else void this.#readLog();
    }
    if (this.feed.exit && !this.#toldExit && !this.#isClosed && this.next >= this.feed.end) {
      this.#toldExit = true;
      this.events.onExit(this.feed.exit, this.feed.end);
    }
  }

  #send(bytes: Uint8Array): void {
    const offset = this.next;
    this.credit = afterSend(this.credit, bytes.length, this.clock.now());
    this.events.onOutput(bytes, offset);
  }

  async #readLog(): Promise<void> {
    this.#isReading = true;
    try {
      const bytes = await this.feed.readLog(this.next);
      // What it cannot take now is read again when it can: kept here, it would be memory that no credit bounds.
      for (let at = 0; at < bytes.length && !this.#isClosed && !this.credit.isHeld; at += OUTPUT_FRAME_BYTES) {
        this.#send(bytes.subarray(at, at + OUTPUT_FRAME_BYTES));
      }
      this.#isReading = false;
      if (bytes.length > 0) this.pump();
    } catch (error) {
      this.#isReading = false;
      if (this.#isClosed) return;
      this.close();
      // Any other failure is the end of the host, of which every session hears by itself.
      if (error instanceof AppError && error.code === 'session.log_pruned') this.events.onPruned();
    }
  }
}
