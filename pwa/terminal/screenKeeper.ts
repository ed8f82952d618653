/** Stores the screen of one session for the next start, always together with the offset at which it was drawn. */
import type { Terminal } from '@xterm/xterm';
import { keepScreen } from '../connection/offlineStore.ts';
import { keepForRestart } from '../ui/restart.ts';
import { saveDelay } from './savePolicy.ts';
import { drawScreen } from '../../protocol/drawScreen.ts';
import { marksSequence, type KeptMarks } from '../../protocol/keptMarks.ts';
import { ScreenState } from '../../protocol/screenState.ts';

const KEPT_SCROLLBACK_ROWS = 1_000;
const KEPT_BYTES = 1024 * 1024;

export interface Position {
  incarnation: number;
  /** The screen shows every byte below it and none above. */
  offset: number;
}

export class ScreenKeeper {
  #terminal: Terminal;
  #sessionId: string;
  #position: () => Position | null;
  #marks: () => KeptMarks;
  #state: ScreenState;
  #stopKeeping: () => void;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #firstUnsavedAt = 0;
  #lastOutputAt = 0;

  constructor(terminal: Terminal, sessionId: string, position: () => Position | null, marks: () => KeptMarks) {
    this.#terminal = terminal;
    this.#sessionId = sessionId;
    this.#position = position;
    this.#marks = marks;
    this.#state = new ScreenState(terminal);
    addEventListener('pagehide', this.#saveNow);
    this.#stopKeeping = keepForRestart(() => this.#save());
    document.addEventListener('visibilitychange', this.#saveWhenHidden);
  }

  /** The screen has changed. */
  changed(): void {
    this.#lastOutputAt = Date.now();
    if (this.#timer !== null) return;
    this.#firstUnsavedAt = this.#lastOutputAt;
    this.#wait();
  }

  dispose(): void {
    this.#saveNow();
    this.#stopKeeping();
    removeEventListener('pagehide', this.#saveNow);
    document.removeEventListener('visibilitychange', this.#saveWhenHidden);
    this.#state.dispose();
  }

  #wait(): void {
    const delay = saveDelay(Date.now(), this.#firstUnsavedAt, this.#lastOutputAt);
    this.#timer = setTimeout(() => this.#due(), delay);
  }

  #due(): void {
    if (saveDelay(Date.now(), this.#firstUnsavedAt, this.#lastOutputAt) > 0) this.#wait();
    else this.#saveNow();
  }

  #saveWhenHidden = () => {
    if (document.hidden) this.#saveNow();
  };

  #saveNow = () => void this.#save();

  /**
   * xterm parses whole chunks within one task, so between tasks the screen stands exactly at the parsed offset. Half a
   * synchronized frame is not meant to be seen: the screen before it stays stored.
   */
  async #save(): Promise<void> {
    if (this.#timer === null) return;
    clearTimeout(this.#timer);
    this.#timer = null;
    const position = this.#position();
    if (!position || this.#terminal.modes.synchronizedOutputMode) return;
    const { cols, rows } = this.#terminal;
    const content = drawScreen(this.#terminal, this.#state, {
      scrollback: KEPT_SCROLLBACK_ROWS,
      maxBytes: KEPT_BYTES,
      amid: marksSequence(this.#marks()),
    });
    await keepScreen({ sessionId: this.#sessionId, ...position, cols, rows, content, savedAt: Date.now() });
  }
}
