/** One session in the pty host: its pty, its log, its input ledger, and the flow of its output to the controlling backend. */
import { AppError } from '../../protocol/errors.ts';
import type { Exit } from '../../protocol/terminal.ts';
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import {
  HOST_WINDOW_BYTES,
  READ_BYTES,
  SCREEN_ATTACHMENT,
  type AttachState,
  type FromHost,
  type HostedSession,
  type SpawnSpec,
} from './hostProtocol.ts';
import { InputLedger } from './inputLedger.ts';
import type { OutputLog } from './outputLog.ts';
import type { Pty, SpawnPty } from './pty.ts';

/** Input a session takes before the program reads it; a client's window is far below, so only a broken one meets this. */
const MAX_QUEUED_INPUT_BYTES = 4 * 1024 * 1024;
/** How long a program may take to end by itself when its session is ended. */
export const END_GRACE_MS = 2_000;
/** In a flood, which arrives in pieces of 4 kB, thousands a second, output is gathered for this long… */
const GATHER_MS = 4;
/** …or until it is this much. */
const GATHER_BYTES = 64 * 1024;
/** It is a flood when the flush before carried at least this much: the echo of keys never does. */
const FLOOD_BYTES = 2 * 1024;
/** While the log cannot be written, the pty rests and the write is tried again this often. */
const LOG_RETRY_MS = 1_000;

export type Send = (message: FromHost, body?: Uint8Array) => void;

export class HostSession {
  readonly #pty: Pty;
  readonly #ledger = new InputLedger();
  #cols: number;
  #rows: number;
  #exit: Exit | null = null;
  #exitedAt: number | undefined;
  /** Told to end: nothing waits for a full disk any more. */
  #isEnding = false;
  /** Output that is being gathered, not logged yet. */
  #gathered: Buffer[] = [];
  #gatheredBytes = 0;
  #isFlushDue = false;
  /** The latest flush: when, and how much. */
  #flushed = { at: 0, bytes: 0 };
  /** The controlling backend's subscription: next byte to send, and what it said it consumed. */
  #subscription: { next: number; consumed: number } | undefined;
  /** Ends the pause that the backend asked for. */
  #cancelPause: (() => void) | undefined;
  #isLogFull = false;
  #whenEnded: (() => void)[] = [];
  send: Send = () => undefined;

  constructor(
    readonly spec: SpawnSpec,
    private readonly outputLog: OutputLog,
    spawnPty: SpawnPty,
    private readonly clock: Clock,
    private readonly log: Log,
    preamble = '',
  ) {
    this.#cols = spec.cols;
    this.#rows = spec.rows;
    outputLog.markSize(spec.cols, spec.rows, clock.now());
    if (preamble) outputLog.append(Buffer.from(preamble), clock.now());
    this.#pty = spawnPty(spec, {
      onOutput: (bytes) => this.#onOutput(bytes),
      onExit: (exit) => this.#onExit(exit),
    });
  }

  describe(): HostedSession {
    const { sessionId, incarnation, label } = this.spec;
    return {
      sessionId,
      incarnation,
      label,
      pid: this.#pty.pid,
      cols: this.#cols,
      rows: this.#rows,
      start: this.outputLog.start,
      end: this.outputLog.end,
      exit: this.#exit,
      ...(this.#exitedAt === undefined ? {} : { exitedAt: this.#exitedAt }),
    };
  }

  get isRunning(): boolean {
    return this.#exit === null;
  }

  subscribe(from: number): void {
    this.outputLog.read(from, 0); // throws when it is not there
    this.#subscription = { next: from, consumed: from };
    this.#pump();
  }

  unsubscribe(): void {
    this.#subscription = undefined;
  }

  consumed(upTo: number): void {
    if (!this.#subscription) return;
    this.#subscription.consumed = Math.max(this.#subscription.consumed, upTo);
    this.#pump();
  }

  read(from: number): Buffer {
    return this.outputLog.read(from, READ_BYTES);
  }

  sizes() {
    return this.outputLog.sizes();
  }

  input(attachmentId: string, seq: number, bytes: Uint8Array): void {
    const refuse = (code: string, message: string) =>
      this.send({ t: 'input_refused', sessionId: this.spec.sessionId, attachmentId, seq, code, message });
    if (!this.isRunning) return refuse('session.not_running', 'the program has ended');
    if (this.#pty.queuedBytes + bytes.length > MAX_QUEUED_INPUT_BYTES) {
      return refuse('input.too_large', 'the program does not read its input, and too much of it is waiting');
    }
    const verdict = this.#ledger.offer(attachmentId, seq, attachmentId === SCREEN_ATTACHMENT);
    if (verdict === 'duplicate') this.#acknowledge(attachmentId);
    if (verdict !== 'accept') return;
    this.#pty.write(bytes, () => {
      this.#ledger.wrote(attachmentId, seq);
      this.#acknowledge(attachmentId);
    });
  }

  attachState(attachmentId: string): AttachState {
    this.#flush(); // so that `end` is the end of what was read
    // A client sends again what was not written. The screen makes its answers anew, perhaps cut differently: what waits for a
    // program that does not read must not be given a second time.
    const writtenSeq =
      attachmentId === SCREEN_ATTACHMENT ? this.#ledger.accepted(attachmentId) : this.#ledger.written(attachmentId);
    return { writtenSeq, start: this.outputLog.start, end: this.outputLog.end };
  }

  resize(cols: number, rows: number): void {
    if (!this.isRunning) throw new AppError('session.not_running', 'the program has ended');
    if (cols === this.#cols && rows === this.#rows) return;
    this.#flush(); // output so far was made for the old size
    this.#pty.resize(cols, rows);
    this.#cols = cols;
    this.#rows = rows;
    this.outputLog.markSize(cols, rows, this.clock.now());
    this.send({ t: 'resized', sessionId: this.spec.sessionId, offset: this.outputLog.end, cols, rows });
  }

  /** The pause is a lease: it ends by itself when nobody renews it. */
  pause(forMs: number): void {
    this.#cancelPause?.();
    if (!this.isRunning || this.#isEnding) return;
    this.#pty.pause();
    this.#cancelPause = this.clock.after(forMs, () => this.unpause());
  }

  unpause(): void {
    this.#cancelPause?.();
    this.#cancelPause = undefined;
    if (!this.#isLogFull && this.isRunning) this.#pty.resume();
  }

  /** Resolves when the program has ended, its last byte is logged, and nothing that it started is left. */
  async end(graceMs = END_GRACE_MS): Promise<void> {
    this.#isEnding = true;
    this.#isLogFull = false;
    this.unpause();
    const ended = this.isRunning ? new Promise<void>((resolve) => this.#whenEnded.push(resolve)) : Promise.resolve();
    const left = await this.#pty.end(graceMs);
    if (left.length > 0) {
      const pids = left.map(({ pid }) => pid);
      this.log.error({ session: this.spec.sessionId, pids }, 'processes of a session could not be ended');
    }
    await ended;
  }

  /** Only after the end. */
  forget(): void {
    this.outputLog.delete();
  }

  /** Outside a flood, output goes out in this very turn of the loop. */
  #onOutput(bytes: Buffer): void {
    this.#gathered.push(bytes);
    this.#gatheredBytes += bytes.length;
    if (this.#gatheredBytes >= GATHER_BYTES) return this.#flush();
    if (this.#isFlushDue) return;
    this.#isFlushDue = true;
    const flush = () => {
      this.#isFlushDue = false;
      this.#flush();
    };
    const isFlood = this.#flushed.bytes >= FLOOD_BYTES && this.clock.now() - this.#flushed.at < 2 * GATHER_MS;
    if (isFlood) this.clock.after(GATHER_MS, flush);
    else setImmediate(flush);
  }

  #flush(): void {
    if (this.#gathered.length === 0) return;
    const bytes = this.#gathered.length === 1 ? this.#gathered[0]! : Buffer.concat(this.#gathered);
    const before = this.outputLog.end;
    this.#flushed = { at: this.clock.now(), bytes: bytes.length };
    try {
      this.outputLog.append(bytes, this.#flushed.at);
      this.#gathered = [];
    } catch (error) {
      this.#gathered = [bytes.subarray(this.outputLog.end - before)];
      this.#restUntilLogged(error);
    }
    this.#gatheredBytes = bytes.length - (this.outputLog.end - before);
    this.#pump(bytes, before);
  }

  /** A full disk: no byte is dropped, the program waits; unless it is being ended, and would wait for ever. */
  #restUntilLogged(error: unknown): void {
    if (this.#isEnding) return void (this.#gathered = []);
    if (!this.#isLogFull)
      this.log.error({ err: error, session: this.spec.sessionId }, 'output cannot be logged; the pty waits');
    this.#isLogFull = true;
    this.#pty.pause();
    this.clock.after(LOG_RETRY_MS, () => {
      this.#isLogFull = false;
      this.#flush();
      if (!this.#isLogFull && !this.#cancelPause) this.#pty.resume();
    });
  }

  /** Sends what the window allows. `fresh` is what was just logged at `freshAt`, to spare reading it back. */
  #pump(fresh?: Buffer, freshAt?: number): void {
    const subscription = this.#subscription;
    if (!subscription) return;
    while (subscription.next < this.outputLog.end) {
      const room = subscription.consumed + HOST_WINDOW_BYTES - subscription.next;
      if (room <= 0) return;
      const isFresh = fresh && subscription.next === freshAt && fresh.length <= room;
      const bytes = isFresh ? fresh.subarray(0, this.outputLog.end - freshAt) : this.#readKept(subscription, room);
      this.send({ t: 'output', sessionId: this.spec.sessionId, offset: subscription.next }, bytes);
      subscription.next += bytes.length;
    }
  }

  /** What is next in the log; when it was pruned meanwhile, the backend finds the jump in the offset. */
  #readKept(subscription: { next: number; consumed: number }, room: number): Buffer {
    if (subscription.next < this.outputLog.start) {
      subscription.next = this.outputLog.start;
      subscription.consumed = this.outputLog.start;
    }
    return this.outputLog.read(subscription.next, Math.min(room, READ_BYTES));
  }

  #acknowledge(attachmentId: string): void {
    const seq = this.#ledger.written(attachmentId);
    if (seq > 0) this.send({ t: 'written', sessionId: this.spec.sessionId, attachmentId, seq });
  }

  #onExit(exit: Exit): void {
    this.#flush();
    if (this.#isLogFull) {
      this.clock.after(LOG_RETRY_MS, () => this.#onExit(exit));
      return;
    }
    this.#cancelPause?.();
    this.#exit = exit;
    this.#exitedAt = this.clock.now();
    this.outputLog.close();
    this.send({ t: 'exited', sessionId: this.spec.sessionId, exit, end: this.outputLog.end });
    for (const resolve of this.#whenEnded.splice(0)) resolve();
  }
}
