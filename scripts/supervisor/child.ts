/** One server process under the launcher's care: started, started again when it dies, and ended. */
import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync } from 'node:fs';
import type { Socket } from 'node:net';
import { processFacts, signalProcess } from '../../db/embedded/processes.ts';
import { EXIT_FENCED } from '../../server/base/entry.ts';
import { Backoff } from './backoff.ts';
import { openLog } from './logFile.ts';
import { say } from './progress.ts';

export interface ChildSpec {
  /** `frontend`, `backend-1`, … */
  instance: string;
  /** Absolute path of the program. */
  program: string;
  /** All of its environment; no secrets. */
  environment: Record<string, string>;
  /** Handed over on descriptor 3, which stays open: its end tells the child that the launcher is gone. */
  secrets: Record<string, unknown>;
  /** null: its lines go where ours go. */
  logFile: string | null;
}

/** Time for a child to end by itself. Platforms grant 15 s in all, so no program of ours needs longer. */
const STOP_MS = 15_000;

export class Child {
  #process: ChildProcess | null = null;
  #startTime = '';
  #startedAt = 0;
  #restart: NodeJS.Timeout | undefined;
  #isStopping = false;
  #stops = 0;
  readonly #backoff = new Backoff();
  /** Ends since the launcher began. */
  deaths = 0;

  constructor(
    readonly spec: ChildSpec,
    readonly onChange: () => void,
    /** Told when it died, in a sentence for people. */
    private readonly tell: (sentence: string) => void = (sentence) => say(`  ${sentence}`),
    /** A newer one of its kind is there; by default it is started again as after any death. */
    private readonly onFenced?: () => void,
  ) {}

  /** The running process, to be found by later launchers. */
  get identity(): { instance: string; pid: number; startTime: string } | null {
    const pid = this.#process?.pid;
    return pid === undefined ? null : { instance: this.spec.instance, pid, startTime: this.#startTime };
  }

  start(): void {
    const { program, environment, secrets, logFile } = this.spec;
    const log = logFile === null ? 'inherit' : openLog(logFile);
    // detached: a process group of its own, so that Ctrl-C reaches only the launcher, which ends the children in order.
    const child = spawn(process.execPath, ['--enable-source-maps', program], {
      cwd: '/',
      detached: true,
      env: environment,
      stdio: ['ignore', log, log, 'pipe'],
    });
    if (typeof log === 'number') closeSync(log);
    this.#process = child;
    this.#startedAt = Date.now();
    this.#startTime = processFacts(child.pid ?? 0)?.startTime ?? '';
    const lifeline = child.stdio[3] as Socket;
    lifeline.on('error', () => undefined); // a child that died before it read its secrets is handled as any death
    lifeline.write(`${JSON.stringify(secrets)}\n`);
    child.once('error', (error) => this.#died(child, error.message));
    child.once('exit', (code, signal) => {
      const onFenced = code === EXIT_FENCED && !this.#isStopping ? this.onFenced : undefined;
      if (onFenced) this.#isStopping = true;
      this.#died(child, signal ? `signal ${signal}` : `code ${code}`);
      onFenced?.();
    });
    this.onChange();
  }

  /** Ends the child; after 15 s, or at once when `isForced`, with everything in its process group. */
  async stop(isForced = false): Promise<void> {
    this.#isStopping = true;
    this.#stops++;
    clearTimeout(this.#restart);
    const child = this.#process;
    if (!child?.pid) return;
    const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    if (!isForced) signalProcess(child.pid, 'SIGTERM');
    const timer = setTimeout(() => signalProcess(-child.pid!, 'SIGKILL'), isForced ? 0 : STOP_MS);
    await gone;
    clearTimeout(timer);
  }

  /** Ends it and starts it again with what its program is now; unless it is ended for good meanwhile. */
  async restart(): Promise<void> {
    const stopped = this.stop();
    const mine = this.#stops;
    await stopped;
    if (this.#stops !== mine) return;
    this.#isStopping = false;
    this.start();
  }

  #died(child: ChildProcess, reason: string): void {
    if (this.#process !== child) return;
    this.#process = null;
    (child.stdio[3] as Socket).destroy();
    this.deaths++;
    this.onChange();
    if (this.#isStopping) return;
    const waitMs = this.#backoff.after(Date.now() - this.#startedAt);
    const { instance, logFile } = this.spec;
    const where = logFile === null ? '' : ` Its log: ${logFile}`;
    this.tell(`${instance} ended (${reason}); starting it again in ${waitMs / 1000} s.${where}`);
    this.#restart = setTimeout(() => this.start(), waitMs);
  }
}
