/** A person's own terminal in a test: a real pty with a program in it, and a screen that answers what programs ask. */
import { spawn, type IPty } from 'node-pty';
import { deferred } from '../base/deferred.ts';
import { feed, newTerminal, rowsOf, type HeadlessTerminal } from './grid.ts';

export interface PtyTerminalOptions {
  cols?: number;
  rows?: number;
  env?: Record<string, string>;
  cwd?: string;
}

export class PtyTerminal {
  readonly screen: HeadlessTerminal;
  /** Everything that was written to the terminal, as latin1. */
  raw = '';
  /** What the terminal answered by itself. */
  answers = '';
  #pty: IPty;
  #exit = deferred<number>();
  #parsed: Promise<void> = Promise.resolve();
  #watchers = new Set<() => void>();

  constructor(command: string[], { cols = 80, rows = 24, env = {}, cwd = process.cwd() }: PtyTerminalOptions = {}) {
    this.screen = newTerminal(cols, rows);
    this.screen.onData((answer) => {
      this.answers += answer;
      this.type(answer);
    });
    const [file, ...args] = command as [string, ...string[]];
    const kept = Object.fromEntries(
      ['PATH', 'HOME'].flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])),
    );
    this.#pty = spawn(file, args, {
      name: 'xterm-256color',
      cols,
      rows,
      cwd,
      env: { ...kept, LANG: 'C.UTF-8', ...env },
      encoding: null,
    });
    this.#pty.onData((data) => this.#onData(data as unknown as Buffer));
    this.#pty.onExit(({ exitCode, signal }) => this.#exit.resolve(signal ? 128 + signal : exitCode));
  }

  get pid(): number {
    return this.#pty.pid;
  }

  /** The program's exit code, or 128 and its signal. */
  get exit(): Promise<number> {
    return this.#exit.promise;
  }

  type(text: string): void {
    (this.#pty as unknown as { write(data: string): void }).write(text);
  }

  resize(cols: number, rows: number): void {
    this.screen.resize(cols, rows);
    this.#pty.resize(cols, rows);
  }

  /** The terminal takes nothing more, as after Ctrl-S, until `go`. */
  stop(): void {
    this.#pty.pause();
  }

  go(): void {
    this.#pty.resume();
  }

  /** Closes the window. */
  hangUp(): void {
    (this.#pty as unknown as { destroy(): void }).destroy();
  }

  end(): void {
    try {
      process.kill(this.pid, 'SIGKILL');
    } catch {
      // it has ended
    }
  }

  /** For a test that fails: what the terminal shows. */
  describe(): string {
    return rowsOf(this.screen).join('\n');
  }

  /** The visible rows, without the empty ones at the end. */
  async rows(): Promise<string[]> {
    await this.#parsed;
    const rows = rowsOf(this.screen);
    while (rows.length > 0 && rows.at(-1) === '') rows.pop();
    return rows;
  }

  /** Resolves when the screen shows it; vitest's own timeout is the limit. */
  async waitFor(wanted: string | RegExp): Promise<string[]> {
    return this.waitUntil((rows) =>
      rows.some((row) => (typeof wanted === 'string' ? row.includes(wanted) : wanted.test(row))),
    );
  }

  async waitUntil(isSo: (rows: string[]) => boolean): Promise<string[]> {
    for (;;) {
      const more = new Promise<void>((resolve) => this.#watchers.add(resolve));
      const rows = await this.rows();
      if (isSo(rows)) return rows;
      const ended = this.exit.then(async () => {
        await this.#parsed;
        const last = await this.rows();
        if (!isSo(last)) throw new Error(`the program ended, and the screen shows:\n${last.join('\n')}`);
      });
      await Promise.race([more, ended]);
    }
  }

  #onData(data: Buffer): void {
    this.raw += data.toString('latin1');
    this.#parsed = feed(this.screen, data).then(() => {
      for (const tell of this.#watchers) tell();
      this.#watchers.clear();
    });
  }
}
