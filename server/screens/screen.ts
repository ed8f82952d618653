/** One session's screen: a terminal without a display, fed with the session's output up to safe points. */
import serializeAddon from '@xterm/addon-serialize';
import xterm from '@xterm/headless';
import { plainAtAlternate, ScreenState } from '../../protocol/screenState.ts';
import { SafeFeed } from '../../protocol/safePoint.ts';
import { SCREEN_SCROLLBACK_LINES } from './screenProtocol.ts';

export interface Snapshot {
  offset: number;
  cols: number;
  rows: number;
  /** Begins with a full reset, so that it can be written to any terminal. */
  text: string;
}

type Terminal = InstanceType<typeof xterm.Terminal>;

/** RIS: the snapshot replaces whatever the terminal showed. */
const RESET = '\x1bc';

export class Screen {
  #terminal: Terminal;
  #serializer = new serializeAddon.SerializeAddon();
  #feed: SafeFeed;
  /** Writes are asynchronous; this resolves when all so far are parsed. */
  #parsed: Promise<void> = Promise.resolve();
  #state: ScreenState;
  #answers = '';
  /** What the terminal stands for. Behind the feed's offset while a write is being parsed. */
  #parsedOffset: number;

  /** @param answerFrom queries that end at or before this offset were answered in an earlier life of this process */
  constructor(
    offset: number,
    private readonly answerFrom: number,
    size: { cols: number; rows: number },
    private readonly onAnswer: (answer: string, offset: number) => void,
  ) {
    this.#feed = new SafeFeed(offset);
    this.#parsedOffset = offset;
    this.#terminal = new xterm.Terminal({ ...size, scrollback: SCREEN_SCROLLBACK_LINES, allowProposedApi: true });
    // The serializer is typed for the terminal with a display; it uses only what both have.
    this.#terminal.loadAddon(this.#serializer);
    this.#state = new ScreenState(this.#terminal);
    this.#terminal.onData((answer) => (this.#answers += answer));
    this.#terminal.onBinary((answer) => (this.#answers += answer));
  }

  /** Resolves when the bytes have been parsed, or are held back until their sequence is complete. */
  feed(bytes: Uint8Array): Promise<void> {
    // Parsed apart up to where the answers begin, so that no old answer shares a piece with a new one.
    const old = this.answerFrom - this.#feed.offset - this.#feed.heldBytes;
    if (old <= 0 || old >= bytes.length) return this.#take(bytes);
    void this.#take(bytes.subarray(0, old));
    return this.#take(bytes.subarray(old));
  }

  /** The output so far was made for the old size, so it is parsed first. */
  resize(cols: number, rows: number): void {
    this.#parsed = this.#parsed.then(() => this.#terminal.resize(cols, rows));
  }

  async snapshot(): Promise<Snapshot> {
    await this.#parsed;
    const { cols, rows } = this.#terminal;
    const drawn = plainAtAlternate(this.#serializer.serialize({ scrollback: SCREEN_SCROLLBACK_LINES }));
    const text = RESET + drawn + this.#state.sequences();
    return { offset: this.#parsedOffset, cols, rows, text };
  }

  dispose(): void {
    this.#state.dispose();
    this.#terminal.dispose();
  }

  #take(bytes: Uint8Array): Promise<void> {
    const ready = this.#feed.take(bytes);
    if (!ready) return this.#parsed;
    const { offset } = this.#feed;
    this.#parsed = new Promise((resolve) => {
      this.#terminal.write(ready, () => {
        this.#parsedOffset = offset;
        this.#flushAnswers(offset);
        resolve();
      });
    });
    return this.#parsed;
  }

  #flushAnswers(offset: number): void {
    const answers = this.#answers;
    this.#answers = '';
    if (answers && offset > this.answerFrom) this.onAnswer(answers, offset);
  }
}
