/** Stores the screen of one session for the next start, always together with the offset at which it was drawn. */
import type { Terminal } from '@xterm/xterm';
import type { SerializeAddon } from '@xterm/addon-serialize';
import { keepScreen } from '../connection/offlineStore.ts';
import { saveDelay } from './savePolicy.ts';
import { plainAtAlternate, ScreenState } from '../../protocol/screenState.ts';

const KEPT_SCROLLBACK_ROWS = 1_000;

export interface Position {
  incarnation: number;
  /** The screen shows every byte below it and none above. */
  offset: number;
}

export class ScreenKeeper {
  #terminal: Terminal;
  #sessionId: string;
  #position: () => Position | null;
  #state: ScreenState;
  #serializer: SerializeAddon | null = null;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #firstUnsavedAt = 0;
  #lastOutputAt = 0;

  constructor(terminal: Terminal, sessionId: string, position: () => Position | null) {
    this.#terminal = terminal;
    this.#sessionId = sessionId;
    this.#position = position;
    this.#state = new ScreenState(terminal);
    addEventListener('pagehide', this.#save);
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
    this.#save();
    removeEventListener('pagehide', this.#save);
    document.removeEventListener('visibilitychange', this.#saveWhenHidden);
    this.#state.dispose();
  }

  #wait(): void {
    const delay = saveDelay(Date.now(), this.#firstUnsavedAt, this.#lastOutputAt);
    this.#timer = setTimeout(() => void this.#due(), delay);
  }

  async #due(): Promise<void> {
    await this.#loadSerializer();
    if (this.#timer === null) return;
    if (saveDelay(Date.now(), this.#firstUnsavedAt, this.#lastOutputAt) > 0) this.#wait();
    else this.#save();
  }

  async #loadSerializer(): Promise<void> {
    if (this.#serializer) return;
    const { SerializeAddon } = await import('@xterm/addon-serialize');
    if (this.#serializer || !this.#terminal.element) return;
    const serializer = new SerializeAddon();
    this.#terminal.loadAddon(serializer);
    this.#serializer = serializer;
  }

  #saveWhenHidden = () => {
    if (document.hidden) this.#save();
  };

  /** xterm parses whole chunks within one task, so between tasks the screen stands exactly at the parsed offset. */
  #save = () => {
    if (this.#timer === null || !this.#serializer) return;
    clearTimeout(this.#timer);
    this.#timer = null;
    const position = this.#position();
    if (!position) return;
    const { cols, rows } = this.#terminal;
    const drawn = plainAtAlternate(this.#serializer.serialize({ scrollback: KEPT_SCROLLBACK_ROWS }));
    const content = drawn + this.#state.sequences();
    void keepScreen({ sessionId: this.#sessionId, ...position, cols, rows, content, savedAt: Date.now() });
  };
}
