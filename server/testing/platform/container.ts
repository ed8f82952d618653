/**
 * One process with everything that it starts, as a container would hold it: when the first one ends, all do. Where the system
 * lets us it has process ids of its own; elsewhere what is left is found by the folder that it lives in.
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

export interface ContainerOptions {
  command: string[];
  cwd: string;
  env: Record<string, string>;
  /** Where all its files are. */
  disk: string;
  onOutput(line: string): void;
  /** Called once, when everything of it is gone and all that it said was heard. */
  onEnd(how: string): void;
}

/** Who runs the tests may be killed: what was started here ends with them. */
const WITH_US = ['setpriv', '--pdeathsig', 'SIGKILL', 'unshare'];
const PID_NAMESPACE = ['--pid', '--fork', '--kill-child=SIGKILL', '--mount', '--mount-proc', '--'];
const CANDIDATES = [
  [...WITH_US, ...PID_NAMESPACE],
  [...WITH_US, '--user', '--map-current-user', ...PID_NAMESPACE],
];
let usable: string[] | null | undefined;

/** What a command is put behind so that it gets a namespace here; null where nothing does. */
function namespaceCommand(): string[] | null {
  usable ??= CANDIDATES.find(([program, ...args]) => spawnSync(program!, [...args, 'true']).status === 0) ?? null;
  return usable;
}

export class Container {
  #child: ChildProcess;
  #hasEnded = false;
  #isKilled = false;
  #ended: Promise<void>;

  constructor(private readonly options: ContainerOptions) {
    const { command, cwd, env } = options;
    const namespace = namespaceCommand();
    const [program, ...args] = [...(namespace ?? []), ...command];
    this.#child = spawn(program!, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    for (const stream of [this.#child.stdout!, this.#child.stderr!])
      byLine(stream, (line) => {
        // What it says when its child was killed (util-linux 2.38); the app has said nothing.
        if (!line.startsWith('unshare: sigprocmask')) options.onOutput(line);
      });
    this.#ended = new Promise((resolve) => {
      const end = (how: string) => {
        this.#hasEnded = true;
        options.onEnd(this.#isKilled ? 'signal SIGKILL' : how);
        resolve();
      };
      this.#child.once('error', (error) => end(error.message));
      this.#child.once('exit', () => {
        this.#hasEnded = true;
        // They may hold the ends of the pipes, and then there is no `close`.
        this.#endRest();
      });
      this.#child.once('close', (code, signal) => end(signal ? `signal ${signal}` : `exit code ${code}`));
    });
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** SIGTERM to the first process, and SIGKILL to all after the grace. */
  async stop(graceMs: number): Promise<void> {
    if (this.#hasEnded) return;
    signal(this.#first, 'SIGTERM');
    const kill = setTimeout(() => this.#kill(), graceMs);
    await this.#ended;
    clearTimeout(kill);
  }

  /** As when the machine is lost. */
  async kill(): Promise<void> {
    this.#kill();
    await this.#ended;
  }

  #kill(): void {
    this.#isKilled = true;
    signal(this.#first, 'SIGKILL');
  }

  /** Seen from here; behind `unshare` it is its only child. */
  get #first(): number | undefined {
    const { pid } = this.#child;
    if (pid === undefined || !namespaceCommand()) return pid;
    try {
      return Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim()) || pid;
    } catch {
      return pid;
    }
  }

  #endRest(): void {
    const { pid } = this.#child;
    if (pid !== undefined) signal(-pid, 'SIGKILL');
    if (!namespaceCommand()) for (const other of livingIn(this.options.disk)) signal(other, 'SIGKILL');
  }
}

function livingIn(disk: string): number[] {
  const pids = (attempt(() => readdirSync('/proc')) ?? []).filter(
    (name) => /^\d+$/.test(name) && Number(name) !== process.pid,
  );
  return pids.filter((pid) => attempt(() => isIn(pid, disk)) ?? false).map(Number);
}

function isIn(pid: string, disk: string): boolean {
  const read = (name: string) => attempt(() => readFileSync(`/proc/${pid}/${name}`, 'utf8')) ?? '';
  const cwd = attempt(() => readlinkSync(`/proc/${pid}/cwd`)) ?? '';
  return cwd.startsWith(disk) || read('environ').includes(disk) || read('cmdline').includes(disk);
}

function attempt<Result>(action: () => Result): Result | undefined {
  try {
    return action();
  } catch {
    return undefined;
  }
}

function signal(pid: number | undefined, name: NodeJS.Signals): void {
  if (pid !== undefined) attempt(() => process.kill(pid, name));
}

function byLine(stream: NodeJS.ReadableStream, onLine: (line: string) => void): void {
  let rest = '';
  stream.setEncoding('utf8');
  stream.on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop()!;
    lines.forEach(onLine);
  });
  stream.on('end', () => rest !== '' && onLine(rest));
}
