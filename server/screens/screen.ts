/** One session's screen: a terminal without a display, fed with the session's output up to safe points. */
import { UnicodeGraphemesAddon } from './graphemes.ts';
import xterm from '@xterm/headless';
import { CommandMarks } from '../../protocol/commandMarks.ts';
import { drawScreen, drawTranscript } from '../../protocol/drawScreen.ts';
import { InTurn } from '../../protocol/inTurn.ts';
import { marksSequence } from '../../protocol/keptMarks.ts';
import { SafeFeed } from '../../protocol/safePoint.ts';
import { ScreenState } from '../../protocol/screenState.ts';
import type { Appearance } from '../../protocol/terminal.ts';
import { SAME_FOR_ALL } from '../../protocol/xtermState.ts';
import { QueryAnswerer } from './queryAnswerer.ts';
import { SignalEar, type Heard } from './signalEar.ts';
import { SCREEN_SCROLLBACK_LINES, type Picture } from './screenProtocol.ts';

export interface Drawn {
  /** The pictures stand for everything before it. */
  offset: number;
  cols: number;
  rows: number;
  /** A picture of the screen begins with a full reset, so that it can be written to any terminal. */
  texts: string[];
}

export interface Size {
  cols: number;
  rows: number;
}

type Terminal = InstanceType<typeof xterm.Terminal>;

/** A picture asked for within a synchronized frame waits this long for its end: half a frame is not meant to be seen. */
const FRAME_WAIT_MS = 200;

const NOTHING = new Uint8Array(0);

/** The sizes that may be asked for are answered by QueryAnswerer; xterm.js keeps even that from who did not allow it. */
const OPTIONS = {
  scrollback: SCREEN_SCROLLBACK_LINES,
  ...SAME_FOR_ALL,
  logLevel: 'off' as const, // it would log what programs print
  windowOptions: { getWinSizePixels: true, getCellSizePixels: true, getWinSizeChars: true },
};

/** Marks are kept for pictures alone. */
const UNHEARD = { shell: () => undefined, ended: () => undefined };

export class Screen {
  #terminal: Terminal;
  #turns: InTurn;
  #feed: SafeFeed;
  #state: ScreenState;
  #answerer: QueryAnswerer;
  #ear: SignalEar;
  #marks: CommandMarks;
  /** Sizes whose offset has not come yet. */
  #resizes: (Size & { offset: number })[] = [];
  /** Next byte to be taken. */
  #next: number;
  #answers = '';
  /** What the terminal stands for. Behind the feed's offset while a write is being parsed. */
  #parsedOffset: number;
  /** Brings a terminal that joins at `#parsedOffset` into the sequence this one is in; mostly empty. */
  #opening = '';
  /** Those who wait for the end of a frame. */
  #atFrameEnd = new Set<() => void>();

  /**
   * @param answerFrom queries that end at or before this offset were answered in an earlier life of this process
   * @param signalFrom signals that end at or before it were told then, or are old
   */
  constructor(
    offset: number,
    private readonly answerFrom: number,
    size: Size,
    private readonly onAnswer: (answer: string, offset: number) => void,
    private readonly signalFrom = Infinity,
    private readonly onSignal: (heard: Heard, offset: number) => void = () => undefined,
  ) {
    this.#feed = new SafeFeed(offset);
    this.#parsedOffset = offset;
    this.#next = offset;
    this.#terminal = new xterm.Terminal({ ...size, ...OPTIONS });
    this.#turns = new InTurn(this.#terminal);
    // Emoji as wide as programs and the app take them to be. The addon is typed for the terminal with a display.
    this.#terminal.loadAddon(new UnicodeGraphemesAddon());
    this.#state = new ScreenState(this.#terminal);
    this.#answerer = new QueryAnswerer(this.#terminal, this.#state, (answer) => (this.#answers += answer));
    const isNews = () => this.#parsedOffset >= this.signalFrom;
    // Before the ear, which leaves what it hears to the others.
    this.#marks = new CommandMarks(this.#terminal, isNews, UNHEARD, Date.now);
    this.#ear = new SignalEar(this.#terminal, isNews);
    this.#terminal.onData((answer) => (this.#answers += answer));
    this.#terminal.onBinary((answer) => (this.#answers += answer));
  }

  /** Resolves when the bytes have been parsed, or are held back until their sequence is complete. */
  feed(bytes: Uint8Array): Promise<void> {
    const start = this.#next;
    const end = start + bytes.length;
    // Parsed apart up to where answers and signals begin, so that nothing old shares a piece with what is new.
    const stops = [this.answerFrom, this.signalFrom, ...this.#resizes.map(({ offset }) => offset)].filter(
      (at) => at > start && at < end,
    );
    for (const stop of [...stops.sort((a, b) => a - b), end]) {
      this.#take(bytes.subarray(this.#next - start, stop - start));
      this.#next = stop;
      this.#applyResizes();
    }
    return new Promise((resolve) => this.#turns.write(NOTHING, resolve));
  }

  /** Output from `offset` on was made for this size; what comes before is parsed first. */
  resize(offset: number, cols: number, rows: number): void {
    this.#resizes.push({ offset, cols, rows });
    this.#applyResizes();
  }

  setAppearance(appearance: Appearance): void {
    this.#answerer.appearance = appearance;
  }

  /** Pictures of one moment: everything fed before is in them, and no half of a synchronized frame unless its end is long in coming. */
  draw(pictures: { of: Picture; maxBytes: number }[]): Promise<Drawn> {
    return new Promise((resolve, reject) => {
      const draw = () => {
        try {
          resolve(this.#draw(pictures));
        } catch (error) {
          reject(error instanceof Error ? error : new Error(String(error)));
        }
      };
      this.#turns.write(NOTHING, () => (this.#isInFrame ? this.#waitForFrame(draw) : draw()));
    });
  }

  dispose(): void {
    this.#frameEnded();
    this.#answerer.dispose();
    this.#ear.dispose();
    this.#marks.dispose();
    this.#state.dispose();
    this.#terminal.dispose();
  }

  get #isInFrame(): boolean {
    return this.#terminal.modes.synchronizedOutputMode;
  }

  #draw(pictures: { of: Picture; maxBytes: number }[]): Drawn {
    const { cols, rows } = this.#terminal;
    return { offset: this.#parsedOffset, cols, rows, texts: pictures.map((picture) => this.#picture(picture)) };
  }

  #picture({ of, maxBytes }: { of: Picture; maxBytes: number }): string {
    if (of === 'transcript') return drawTranscript(this.#terminal, maxBytes);
    const scrollback = of === 'whole' ? SCREEN_SCROLLBACK_LINES : 0;
    const marks = marksSequence(this.#marks.keep(false, this.#terminal.rows + scrollback));
    return drawScreen(this.#terminal, this.#state, { scrollback, maxBytes, amid: marks }) + this.#opening;
  }

  #take(bytes: Uint8Array): void {
    const ready = this.#feed.take(bytes);
    if (!ready) return;
    const { outsideFrame } = ready;
    const start = ready.end - ready.bytes.length;
    // Somebody waits for the end of a frame, and the next may begin behind it.
    if (this.#atFrameEnd.size > 0 && outsideFrame > 0 && outsideFrame < ready.bytes.length) {
      this.#write(ready.bytes.subarray(0, outsideFrame), start + outsideFrame, '');
      this.#write(ready.bytes.subarray(outsideFrame), ready.end, ready.opening);
    } else this.#write(ready.bytes, ready.end, ready.opening);
  }

  #write(bytes: Uint8Array, end: number, opening: string): void {
    this.#turns.write(bytes, () => {
      this.#parsedOffset = end;
      this.#opening = opening;
      this.#flushAnswers(end);
      this.#flushSignals(end);
      if (!this.#isInFrame) this.#frameEnded();
    });
  }

  #applyResizes(): void {
    while (this.#resizes[0] && this.#resizes[0].offset <= this.#next) {
      const { cols, rows } = this.#resizes.shift()!;
      this.#turns.write('', () => this.#terminal.resize(cols, rows));
    }
  }

  #waitForFrame(run: () => void): void {
    const end = () => {
      clearTimeout(timer);
      this.#atFrameEnd.delete(end);
      run();
    };
    const timer = setTimeout(end, FRAME_WAIT_MS);
    this.#atFrameEnd.add(end);
  }

  #frameEnded(): void {
    for (const tell of [...this.#atFrameEnd]) tell();
  }

  #flushSignals(offset: number): void {
    const heard = this.#ear.take();
    if (heard && offset > this.signalFrom) this.onSignal(heard, offset);
  }

  #flushAnswers(offset: number): void {
    const answers = this.#answers;
    this.#answers = '';
    if (answers && offset > this.answerFrom) this.onAnswer(answers, offset);
  }
}
