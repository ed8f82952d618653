/** One pty and the program in it. The only file that knows node-pty. */
import { closeSync, constants, openSync, readSync, writeSync } from 'node:fs';
import { spawn as spawnNodePty, type IPty } from 'node-pty';
import type { Exit } from '../../protocol/terminal.ts';
import { endProcesses, look, PTY_MARK, type ProcessFacts } from '../base/processTable.ts';
import { withoutGaps } from './descriptors.ts';
import { EndMark, newEndMark } from './endMark.ts';
import type { PtySpec } from './hostProtocol.ts';
import { MasterWriter } from './masterWriter.ts';
import { SessionProcesses } from './processes.ts';

export interface PtyEvents {
  onOutput(bytes: Buffer): void;
  /** Comes once, after the last output. */
  onExit(exit: Exit): void;
}

export interface Pty {
  readonly pid: number;
  /** Calls back when all of it has been written to the master. */
  write(bytes: Uint8Array, onWritten: () => void): void;
  /** Bytes taken and not yet written. */
  readonly queuedBytes: number;
  resize(cols: number, rows: number): void;
  pause(): void;
  resume(): void;
  /**
   * Ends everything that runs in the pty or was started from it, also after the program itself has ended: SIGHUP, SIGTERM
   * after half of `graceMs`, SIGKILL after it. Resolves to what could not be ended; the exit is told apart from it.
   */
  end(graceMs: number): Promise<ProcessFacts[]>;
}

export type SpawnPty = (spec: PtySpec, events: PtyEvents) => Pty;

/** After the program's end its pty is read up to our mark, and until nothing came for this long… */
const QUIET_MS = 100;
/** …or, when something it left behind goes on writing or has stopped the terminal, for this long at most. */
const MAX_TAIL_MS = 5_000;
/** A read of a pty gives 4 kB at most. */
const TAIL_READ_BYTES = 4 * 1024;
const TAIL_READS = 64;

/** node-pty 1.1.0 keeps its reading stream in a private field; the version is pinned for that reason. */
interface NodePtyInternals extends IPty {
  _socket: { destroy(): void };
  fd: number;
  ptsName: string;
}

export const spawnPty: SpawnPty = (spec, events) => new NodePty(spec, events);

class NodePty implements Pty {
  readonly pid: number;
  #pty: NodePtyInternals;
  #writer: MasterWriter;
  #processes: SessionProcesses;
  /** Our own hold on the slave: without it the kernel hangs up at the program's end, and up to 5 kB of its last output are lost. */
  #slave: number | undefined;
  #isPaused = false;
  #lastOutputAt = 0;
  #killTimer: NodeJS.Timeout | undefined;
  /** From the program's end on. */
  #endMark: EndMark | undefined;

  constructor(
    spec: PtySpec,
    private readonly events: PtyEvents,
  ) {
    this.#pty = withoutGaps(() =>
      spawnNodePty(spec.file, spec.args, {
        name: spec.env.TERM ?? 'xterm-256color',
        cols: spec.cols,
        rows: spec.rows,
        cwd: spec.cwd,
        env: spec.env,
        encoding: null,
      }),
    ) as NodePtyInternals;
    this.pid = this.#pty.pid;
    this.#processes = new SessionProcesses(this.pid, spec.env[PTY_MARK] ?? '');
    // Non-blocking, because a terminal that was stopped (Ctrl-S) takes nothing.
    this.#slave = openSync(this.#pty.ptsName, constants.O_RDWR | constants.O_NOCTTY | constants.O_NONBLOCK);
    this.#writer = new MasterWriter(this.#pty.fd);
    this.#holdTail();
    this.#pty.onData((data) => this.#onOutput(data as unknown as Buffer)); // typed as a string; with encoding null it is a Buffer
    this.#pty.onExit(({ exitCode, signal }) => {
      void look().then((table) => this.#processes.leaderEnded(table));
      this.#release();
      const rest = this.#endMark?.rest();
      if (rest?.length) events.onOutput(rest);
      // node-pty reports exitCode 0 beside a signal: the signal is the truth.
      events.onExit(signal ? { code: null, signal } : { code: exitCode, signal: null });
    });
  }

  get queuedBytes(): number {
    return this.#writer.queuedBytes;
  }

  write(bytes: Uint8Array, onWritten: () => void): void {
    this.#writer.push(bytes, onWritten);
  }

  resize(cols: number, rows: number): void {
    this.#pty.resize(cols, rows);
  }

  pause(): void {
    this.#isPaused = true;
    this.#pty.pause();
  }

  resume(): void {
    this.#isPaused = false;
    this.#pty.resume();
  }

  end(graceMs: number): Promise<ProcessFacts[]> {
    this.#killTimer ??= setTimeout(() => this.#signalGroup('SIGKILL'), graceMs);
    if (process.platform !== 'linux') this.#signalGroup('SIGHUP');
    return endProcesses((table) => this.#processes.find(table), graceMs);
  }

  #onOutput(bytes: Buffer): void {
    this.#lastOutputAt = Date.now();
    const own = this.#endMark ? this.#endMark.pass(bytes) : bytes;
    if (own.length > 0) this.events.onOutput(own);
  }

  /**
   * node-pty closes the pty 200 ms after the program's end, read or not. This waits until it was read up to a mark that is
   * written behind the program's last byte, so that no busy machine and no slow kernel thread can cut it off.
   */
  #holdTail(): void {
    const socket = this.#pty._socket;
    const destroy = socket.destroy.bind(socket);
    const mark = newEndMark();
    let unsent = mark;
    let endedAt = 0;
    const whenRead = () => {
      const now = Date.now();
      endedAt ||= now;
      if (this.#isPaused)
        endedAt = now; // nothing can be said of a pty that is not being read
      else {
        this.#endMark ??= new EndMark(mark);
        this.#readRest();
        unsent = unsent.subarray(this.#send(unsent));
        const isQuiet = now - Math.max(this.#lastOutputAt, endedAt) >= QUIET_MS;
        if ((this.#endMark.isSeen && isQuiet) || now - endedAt >= MAX_TAIL_MS) return void destroy();
      }
      setTimeout(whenRead, QUIET_MS / 4);
    };
    socket.destroy = whenRead;
  }

  /** What the kernel has, now: a timer may come before the loop had its turn to read. Bounded, for what writes on and on. */
  #readRest(): void {
    const buffer = Buffer.allocUnsafe(TAIL_READ_BYTES);
    try {
      for (let reads = 0; reads < TAIL_READS && !this.#isPaused; reads++) {
        const count = readSync(this.#pty.fd, buffer, 0, buffer.length, null);
        this.#onOutput(Buffer.from(buffer.subarray(0, count)));
      }
    } catch {
      // EAGAIN: that was all for now
    }
  }

  /** How much of it the terminal took; nothing while it is stopped or full. */
  #send(bytes: Buffer): number {
    try {
      return bytes.length === 0 ? 0 : writeSync(this.#slave!, bytes);
    } catch {
      return 0;
    }
  }

  /** The kernel's own list of the group: without /proc it is all that can be reached. */
  #signalGroup(signal: NodeJS.Signals): void {
    if (this.#slave === undefined) return; // the program has ended: its number may be somebody else's
    try {
      process.kill(-this.pid, signal);
    } catch {
      // it ended meanwhile
    }
  }

  #release(): void {
    clearTimeout(this.#killTimer);
    this.#writer.close();
    if (this.#slave !== undefined) closeSync(this.#slave);
    this.#slave = undefined;
  }
}
