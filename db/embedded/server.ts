/** A running embedded server: how to reach it, when it ends, how to end it. */
import type pg from 'pg';
import { AppError } from '../../protocol/errors.ts';
import { ADMIN_ROLE } from './cluster.ts';
import type { Postmaster } from './postmaster.ts';
import { isSameProcess, signalProcess, waitForEnd } from './processes.ts';

const FAST_STOP_MS = 15_000;

export class EmbeddedServer {
  readonly #exitListeners: (() => void)[] = [];
  #hasExited = false;

  constructor(
    readonly postmaster: Postmaster,
    readonly isAdopted: boolean,
    readonly adminPassword: string,
  ) {}

  /** The administrator's connection. */
  connection(database = 'postgres'): pg.ClientConfig & { host: string; user: string; password: string } {
    const { socketDir: host, port } = this.postmaster;
    return { host, port, user: ADMIN_ROLE, password: this.adminPassword, database, ssl: false };
  }

  url(role: string, password: string, database: string): string {
    const { socketDir, port } = this.postmaster;
    return `postgres://${role}:${encodeURIComponent(password)}@/${database}?host=${encodeURIComponent(socketDir)}&port=${port}`;
  }

  /** Called once when the server is gone, whoever ended it; at once when it already is. */
  onExit(listener: () => void): void {
    if (this.#hasExited) listener();
    else this.#exitListeners.push(listener);
  }

  noticeExit(): void {
    if (this.#hasExited) return;
    this.#hasExited = true;
    for (const listener of this.#exitListeners) listener();
  }

  /** PostgreSQL's "fast" stop, or "immediate" when forced: either keeps everything that was committed. */
  async stop(isForced = false): Promise<void> {
    await stopPostmaster(this.postmaster, isForced);
    this.noticeExit();
  }
}

/** Ends a server: fast, then immediate (it recovers at the next start), then by force. */
export async function stopPostmaster({ pid, startTime }: Postmaster, isForced = false): Promise<void> {
  const steps = [
    ['SIGINT', isForced ? 0 : FAST_STOP_MS],
    ['SIGQUIT', 5_000],
    ['SIGKILL', 5_000],
  ] as const;
  for (const [signal, waitMs] of steps) {
    if (!isSameProcess({ pid, startTime })) return;
    signalProcess(pid, signal);
    if (await waitForEnd(pid, startTime, waitMs)) return;
  }
  throw new AppError('database.unavailable', `PostgreSQL (process ${pid}) does not end.`);
}
