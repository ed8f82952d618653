/** The terminal that the command line runs in: raw while a session is in it, and cooked again on every way out. */
import { writeSync } from 'node:fs';
import type { ReadStream, WriteStream } from 'node:tty';
import { AppError } from '../../protocol/errors.ts';
import { MAX_COLS, MAX_ROWS, MIN_COLS, MIN_ROWS } from '../../protocol/limits.ts';
import type { Size } from './mirror.ts';

/** A terminal that takes nothing for this long, stopped or hung, is left as it is. */
const LEAVE_PATIENCE_MS = 1_000;

export class LocalTerminal {
  #isRaw = false;
  #onGone: () => void = () => undefined;

  private constructor(
    private readonly stdin: ReadStream,
    private readonly stdout: WriteStream & { fd: number },
  ) {
    // Node writes to terminals synchronously; one that is stopped (Ctrl-S) would stop the connection and the signals with it.
    const handle = (stdout as unknown as { _handle?: { setBlocking?: (isBlocking: boolean) => void } })._handle;
    handle?.setBlocking?.(false);
    const gone = () => this.#onGone();
    stdout.on('error', gone);
    stdin.on('error', gone);
    stdin.on('end', gone);
    stdin.on('close', gone);
  }

  /** @throws AppError `input.invalid` */
  static open(): LocalTerminal {
    const { stdin, stdout } = process;
    if (!stdin.isTTY || !stdout.isTTY)
      throw new AppError(
        'input.invalid',
        'attaching needs a terminal on its input and its output, not a pipe or a file',
      );
    return new LocalTerminal(stdin, stdout);
  }

  get size(): Size {
    const within = (value: number, min: number, max: number) => Math.min(Math.max(value, min), max);
    // A pty that was given no size says 0.
    return {
      cols: within(this.stdout.columns || 80, MIN_COLS, MAX_COLS),
      rows: within(this.stdout.rows || 24, MIN_ROWS, MAX_ROWS),
    };
  }

  onResize(listener: () => void): () => void {
    this.stdout.on('resize', listener);
    return () => this.stdout.off('resize', listener);
  }

  onTyped(listener: (bytes: Uint8Array) => void): () => void {
    this.stdin.on('data', listener);
    return () => this.stdin.off('data', listener);
  }

  /** The terminal went away: its window was closed, the line hung up. */
  onGone(listener: () => void): void {
    this.#onGone = listener;
  }

  enterRaw(): void {
    this.#isRaw = true;
    this.stdin.setRawMode(true);
    this.stdin.resume();
  }

  /** After the process was stopped and goes on, the shell has made the terminal cooked. */
  enterRawAgain(): void {
    if (!this.#isRaw) return;
    this.stdin.setRawMode(false);
    this.stdin.setRawMode(true);
  }

  /** Resolves when the terminal took it, or never will. */
  write(data: string | Uint8Array): Promise<void> {
    if (this.stdout.destroyed || data.length === 0) return Promise.resolve();
    return new Promise((resolve) => this.stdout.write(data, () => resolve()));
  }

  /** @param restoring what makes the terminal plain; written behind everything else */
  async leave(restoring: string): Promise<void> {
    if (!this.#isRaw) return;
    let timer: NodeJS.Timeout | undefined;
    const isTaken = await Promise.race([
      this.write(restoring).then(() => true),
      new Promise<boolean>((resolve) => (timer = setTimeout(() => resolve(false), LEAVE_PATIENCE_MS))),
    ]);
    clearTimeout(timer);
    this.#isRaw = false;
    // Setting the mode waits until the terminal has shown everything; where it shows nothing, Node does it at exit without.
    if (isTaken) this.#cook();
  }

  /** The same without waiting, for a process that ends now. */
  leaveNow(restoring: string): void {
    if (!this.#isRaw) return;
    this.#isRaw = false;
    try {
      writeSync(this.stdout.fd, restoring);
    } catch {
      // it is full, or gone
    }
    this.#cook();
  }

  #cook(): void {
    try {
      this.stdin.setRawMode(false);
    } catch {
      // the terminal is gone
    }
    this.stdin.pause();
  }
}
