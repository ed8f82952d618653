/** The backend's end of the screens process: starts it, feeds it, asks it for snapshots, and starts it again when it dies. */
import { spawn, type ChildProcess } from 'node:child_process';
import { AppError } from '../../protocol/errors.ts';
import type { Clock } from '../base/clock.ts';
import { deferred, type Deferred } from '../base/deferred.ts';
import { encodeFrame, FrameReader, writeFrame } from '../base/frames.ts';
import type { Log } from '../base/log.ts';
import type { FromScreens, ToScreens } from '../screens/screenProtocol.ts';

export interface ScreenSnapshot {
  offset: number;
  cols: number;
  rows: number;
  bytes: Uint8Array;
}

export interface ScreenEvents {
  onFed(sessionId: string, offset: number): void;
  onAnswer(sessionId: string, offset: number, bytes: Uint8Array): void;
  /** A new process with no screens: open and feed them again. */
  onRestart(): void;
}

const RESTART_DELAY_MS = 500;
const SNAPSHOT_TIMEOUT_MS = 10_000;

export class ScreensClient {
  #child: ChildProcess | undefined;
  #nextId = 1;
  #waiting = new Map<number, Deferred<ScreenSnapshot>>();
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

  tell(message: Exclude<ToScreens, { id: number }>, body?: Uint8Array): void {
    if (this.#child?.stdin) writeFrame(this.#child.stdin, message, body);
  }

  /** Rejects with `screen.unavailable` when the process dies, has no such screen, or takes too long. */
  snapshot(sessionId: string): Promise<ScreenSnapshot> {
    const id = this.#nextId++;
    const answer = deferred<ScreenSnapshot>();
    this.#waiting.set(id, answer);
    this.#child?.stdin?.write(encodeFrame({ t: 'snapshot', id, sessionId } satisfies ToScreens));
    const cancel = this.clock.after(SNAPSHOT_TIMEOUT_MS, () => this.#fail(id));
    return answer.promise.finally(cancel);
  }

  close(): void {
    this.#isClosed = true;
    this.#cancelRestart?.();
    this.#child?.stdin?.end();
    this.#child?.kill();
  }

  #start(): void {
    const [file, ...args] = this.command as [string, ...string[]];
    const child = spawn(file, args, { stdio: ['pipe', 'pipe', 'inherit'], env: { LANG: 'C.UTF-8' }, cwd: '/' });
    this.#child = child;
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
    if (message.t === 'no_snapshot') return this.#fail(message.id);
    const { offset, cols, rows } = message;
    this.#waiting.get(message.id)?.resolve({ offset, cols, rows, bytes: body });
    this.#waiting.delete(message.id);
  }

  #onExit(code: number | null, signal: string | null): void {
    for (const id of [...this.#waiting.keys()]) this.#fail(id);
    if (this.#isClosed) return;
    this.log.error({ code, signal }, 'the screens process died; it is started again');
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
