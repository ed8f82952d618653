/** The backend's end of the screens process: starts it, feeds it, asks it for pictures, and starts it again when it dies. */
import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { AppError } from '../../protocol/errors.ts';
import type { Clock } from '../base/clock.ts';
import { deferred, type Deferred } from '../base/deferred.ts';
import { FrameReader, writeFrame } from '../base/frames.ts';
import type { Log } from '../base/log.ts';
import type { FromScreens, Picture, ToScreens } from '../screens/screenProtocol.ts';

/** Pictures of one moment, in the order they were asked for; they stand for everything before `offset`. */
export interface DrawnScreen {
  offset: number;
  cols: number;
  rows: number;
  pictures: Uint8Array[];
}

/** What a session's program tells its person, in a piece of output that ended at `offset`. */
export type HeardAt = Omit<FromScreens & { t: 'signal' }, 't'>;

export interface ScreenEvents {
  onFed(sessionId: string, offset: number): void;
  onAnswer(sessionId: string, offset: number, bytes: Uint8Array): void;
  onSignal(heard: HeardAt): void;
  /** All screens are gone; `onRestart` follows. */
  onDied(): void;
  /** A new process with no screens: open and feed them again. */
  onRestart(): void;
}

const RESTART_DELAY_MS = 500;
const DRAW_TIMEOUT_MS = 10_000;
const MAX_LINE_CHARACTERS = 1000;

export class ScreensClient {
  #child: ChildProcess | undefined;
  #nextId = 1;
  #waiting = new Map<number, Deferred<DrawnScreen>>();
  /** By what was asked for. */
  #running = new Map<string, Promise<DrawnScreen>>();
  #isClosed = false;
  #cancelRestart: (() => void) | undefined;

  /** @param command argv of the process */
  constructor(
    private readonly command: string[],
    private readonly events: ScreenEvents,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {
    this.#start();
  }

  tell(message: ToScreens, body?: Uint8Array): void {
    if (this.#child?.stdin) writeFrame(this.#child.stdin, message, body);
  }

  /**
   * Asked for by many at once, a picture is drawn once.
   * Rejects with `screen.unavailable` when the process dies, has no such screen, or takes too long.
   */
  draw(sessionId: string, pictures: { of: Picture; maxBytes: number }[]): Promise<DrawnScreen> {
    const key = JSON.stringify([sessionId, pictures]);
    const running = this.#running.get(key);
    if (running) return running;
    const id = this.#nextId++;
    const answer = deferred<DrawnScreen>();
    this.#waiting.set(id, answer);
    this.tell({ t: 'draw', id, sessionId, pictures });
    const cancel = this.clock.after(DRAW_TIMEOUT_MS, () => this.#fail(id));
    const drawn = answer.promise.finally(() => {
      cancel();
      this.#running.delete(key);
    });
    this.#running.set(key, drawn);
    return drawn;
  }

  close(): void {
    this.#isClosed = true;
    this.#cancelRestart?.();
    this.#child?.stdin?.end();
    this.#child?.kill();
  }

  #start(): void {
    const [file, ...args] = this.command as [string, ...string[]];
    const child = spawn(file, args, { stdio: 'pipe', env: { LANG: 'C.UTF-8' }, cwd: '/' });
    this.#child = child;
    // It writes there only when it dies: why, in lines of its own form.
    createInterface(child.stderr).on('line', (line) =>
      this.log.warn({ line: line.slice(0, MAX_LINE_CHARACTERS) }, 'the screens process says'),
    );
    const reader = new FrameReader<FromScreens>();
    child.stdout.on('data', (chunk: Buffer) => {
      for (const { head, body } of reader.push(chunk)) this.#receive(head, body);
    });
    child.stdin.on('error', () => undefined); // its death is told by `exit`
    child.on('error', (error) => this.log.error({ err: error }, 'the screens process could not be started'));
    child.on('exit', (code, signal) => this.#onExit(code, signal));
  }

  #receive(message: FromScreens, body: Buffer): void {
    if (message.t === 'fed') return this.events.onFed(message.sessionId, message.offset);
    if (message.t === 'answer') return this.events.onAnswer(message.sessionId, message.offset, body);
    if (message.t === 'signal') return this.events.onSignal(message);
    if (message.t === 'not_drawn') return this.#fail(message.id);
    const { offset, cols, rows, sizes } = message;
    let at = 0;
    const pictures = sizes.map((size) => body.subarray(at, (at += size)));
    this.#waiting.get(message.id)?.resolve({ offset, cols, rows, pictures });
    this.#waiting.delete(message.id);
  }

  #onExit(code: number | null, signal: string | null): void {
    for (const id of [...this.#waiting.keys()]) this.#fail(id);
    if (this.#isClosed) return;
    this.log.error({ code, signal }, 'the screens process died; it is started again');
    this.events.onDied();
    this.#cancelRestart = this.clock.after(RESTART_DELAY_MS, () => {
      this.#start();
      this.events.onRestart();
    });
  }

  #fail(id: number): void {
    this.#waiting
      .get(id)
      ?.reject(new AppError('screen.unavailable', 'the screen of this session is not there right now'));
    this.#waiting.delete(id);
  }
}
