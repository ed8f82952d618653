/** One pty and the program in it. The only file that knows node-pty. */
import { closeSync, constants, openSync } from 'node:fs';
import { spawn as spawnNodePty, type IPty } from 'node-pty';
import type { Exit } from '../../protocol/terminal.ts';
import { withoutGaps } from './descriptors.ts';
import type { PtySpec } from './hostProtocol.ts';
import { MasterWriter } from './masterWriter.ts';
import { membersOf } from './processes.ts';

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
  /** Ends everything in the pty's session: SIGHUP, and SIGKILL for what is left after `graceMs`. */
  end(graceMs: number): void;
}

export type SpawnPty = (spec: PtySpec, events: PtyEvents) => Pty;

/** After the program's end its pty is read until nothing came for this long… */
const QUIET_MS = 100;
/** …or, when something it left behind goes on writing, for this long at most. */
const MAX_TAIL_MS = 5_000;

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
  /** Our own hold on the slave: without it the kernel hangs up at the program's end, and up to 5 kB of its last output are lost. */
  #slave: number | undefined;
  #isPaused = false;
  #lastOutputAt = 0;
  #killTimer: NodeJS.Timeout | undefined;

  constructor(spec: PtySpec, events: PtyEvents) {
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
    this.#slave = openSync(this.#pty.ptsName, constants.O_RDWR | constants.O_NOCTTY);
    this.#writer = new MasterWriter(this.#pty.fd);
    this.#holdTail();
    this.#pty.onData((data) => {
      this.#lastOutputAt = Date.now();
      events.onOutput(data as unknown as Buffer); // typed as a string; with encoding null it is a Buffer
    });
    this.#pty.onExit(({ exitCode, signal }) => {
      this.#release();
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

  end(graceMs: number): void {
    signalAll(this.pid, 'SIGHUP');
    signalAll(this.pid, 'SIGCONT'); // a stopped program cannot act on a hang-up
    this.#killTimer ??= setTimeout(() => signalAll(this.pid, 'SIGKILL'), graceMs);
  }

  /** node-pty closes the pty 200 ms after the program's end, read or not. This waits until it was read to the end. */
  #holdTail(): void {
    const socket = this.#pty._socket;
    const destroy = socket.destroy.bind(socket);
    let endedAt = 0;
    const whenQuiet = () => {
      const now = Date.now();
      endedAt ||= now;
      if (this.#isPaused) endedAt = now; // nothing can be said of a pty that is not being read
      const isQuiet = !this.#isPaused && now - Math.max(this.#lastOutputAt, endedAt) >= QUIET_MS;
      if (isQuiet || now - endedAt >= MAX_TAIL_MS) destroy();
      else setTimeout(whenQuiet, QUIET_MS / 4);
    };
    socket.destroy = whenQuiet;
  }

  #release(): void {
    clearTimeout(this.#killTimer);
    this.#writer.close();
    if (this.#slave !== undefined) closeSync(this.#slave);
    this.#slave = undefined;
  }
}

/** Everything in the session the pty leads: its groups too, which a signal to one group would miss. */
function signalAll(leader: number, signal: NodeJS.Signals): void {
  for (const target of [-leader, ...membersOf(leader)]) {
    try {
      process.kill(target, signal);
    } catch {
      // it ended meanwhile
    }
  }
}
