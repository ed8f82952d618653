/** Ligatures in one terminal, as the person has set: their code comes when they are wanted. */
import type { Terminal } from '@xterm/xterm';

export class LigatureSwitch {
  #terminal: Terminal;
  #isWanted = false;
  #part: (() => void) | null = null;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  /** A terminal that was closed meanwhile is left alone; code that cannot be had costs the ligatures. */
  async set(isWanted: boolean): Promise<void> {
    this.#isWanted = isWanted;
    if (!isWanted) {
      this.#part?.();
      this.#part = null;
      return;
    }
    const loaded = await import('./ligatures.ts').catch(() => null);
    if (!loaded || !this.#isWanted || this.#part || !this.#terminal.element?.isConnected) return;
    this.#part = loaded.joinLigatures(this.#terminal);
  }
}
