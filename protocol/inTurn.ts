/**
 * Writes to a terminal, and acts between the writes. xterm.js parses whatever still waits when it is resized, and fails where a
 * picture is being decoded meanwhile (6.1); so nothing waits in it behind an act, and what is written after one is drawn after it.
 */
export interface Writable {
  write(data: string | Uint8Array, parsed?: () => void): void;
}

export class InTurn implements Writable {
  #terminal: Writable;
  /** What came while an act has its turn; null while none has. */
  #waiting: [data: string | Uint8Array, parsed?: () => void][] | null = null;

  constructor(terminal: Writable) {
    this.#terminal = terminal;
  }

  /** @param data an empty string: `parsed` is an act, such as a change of size */
  write(data: string | Uint8Array, parsed?: () => void): void {
    if (this.#waiting) this.#waiting.push([data, parsed]);
    else if (data === '') this.#act(parsed);
    else this.#terminal.write(data, parsed);
  }

  #act(act?: () => void): void {
    const waiting: [string | Uint8Array, (() => void)?][] = [];
    this.#waiting = waiting;
    this.#terminal.write('', () => {
      try {
        act?.();
      } finally {
        this.#waiting = null;
        for (const [data, parsed] of waiting) this.write(data, parsed);
      }
    });
  }
}
