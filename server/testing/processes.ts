/** Every process of a running stack by its role: kill it, freeze it, hold it down, wait until it is back. */
import type { ChildProcess } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { isSameProcess, processFacts } from '../../db/embedded/processes.ts';
import { runningPostmaster } from '../../db/embedded/postmaster.ts';
import { hostFileNames } from '../base/hostFile.ts';
import { HOST_PROTOCOL_VERSION } from '../ptyhost/hostProtocol.ts';
import { until } from './until.ts';

export type Backend = `backend-${number}`;
export type Role = 'launcher' | 'frontend' | 'postgres' | Backend | `${Backend}.host` | `${Backend}.screens`;

export interface KnownProcess {
  pid: number;
  /** With the pid it names one life of one process. */
  startTime: string;
}

/** What is needed to find them. */
export interface Premises {
  home: string;
  port: number;
  backendPorts: number[];
  launcher: ChildProcess;
}

export class StackProcesses {
  /** Undo what is still frozen. */
  #thaws = new Set<() => void>();

  constructor(private readonly premises: Premises) {}

  /** The running process of this role, or null. Never one that is not of this stack, whatever an old file says. */
  find(role: Role): KnownProcess | null {
    const { home, launcher } = this.premises;
    if (role === 'launcher') return running(launcher.pid);
    if (role === 'postgres') return running(runningPostmaster(this.#dataDir)?.pid);
    if (role.endsWith('.host')) return this.#host(role.slice(0, -'.host'.length));
    if (role.endsWith('.screens')) return this.#screens(role.slice(0, -'.screens'.length) as Backend);
    const noted = readJson<Record<string, KnownProcess>>(join(home, 'children.json'))?.[role];
    return noted && isSameProcess(noted) ? noted : null;
  }

  /** Throws when it does not run. */
  get(role: Role): KnownProcess {
    const found = this.find(role);
    if (!found) throw new Error(`${role} of ${this.premises.home} does not run`);
    return found;
  }

  /** Ends it and resolves when it is gone. */
  async kill(role: Role, signal: 'SIGKILL' | 'SIGTERM' | 'SIGINT' = 'SIGKILL'): Promise<KnownProcess> {
    const known = this.get(role);
    process.kill(known.pid, signal);
    await until(() => !isSameProcess(known));
    return known;
  }

  /** Resolves when another process has taken the place of `before` and answers. */
  async back(role: Role, before: KnownProcess): Promise<KnownProcess> {
    let found: KnownProcess | null = null;
    await until(async () => {
      found = this.find(role);
      const isAnother = found !== null && (found.pid !== before.pid || found.startTime !== before.startTime);
      return isAnother && (await this.#answers(role));
    });
    return found!;
  }

  async restart(role: Role, signal?: 'SIGKILL' | 'SIGTERM'): Promise<KnownProcess> {
    return this.back(role, await this.kill(role, signal));
  }

  /** SIGSTOP, to it and (for PostgreSQL) to what works for it; resolves when it stands still. The result lets it go on. */
  async freeze(role: Role): Promise<() => void> {
    const known = this.get(role);
    const frozen: ReturnType<typeof running>[] = [];
    const thaw = () => {
      this.#thaws.delete(thaw);
      for (const one of frozen) if (one && isSameProcess(one)) process.kill(one.pid, 'SIGCONT');
    };
    this.#thaws.add(thaw);
    const stop = async (pids: number[]) => {
      const alive = pids.flatMap((pid) => running(pid) ?? []);
      frozen.push(...alive);
      for (const one of alive) if (isSameProcess(one)) process.kill(one.pid, 'SIGSTOP');
      await until(() => alive.every((one) => !isSameProcess(one) || stateOf(one.pid) === 'T'));
    };
    await stop([known.pid]);
    // Only now does it start nobody any more who would go on without it.
    if (role === 'postgres') await stop(childrenOf(known.pid));
    return thaw;
  }

  /**
   * Kills these and keeps them dead: their launcher is frozen, and nobody else would start them again. A backend's
   * host is named before or after it, as you like. The result lets the launcher go on and resolves when all are back.
   */
  async holdDown(...roles: Role[]): Promise<() => Promise<void>> {
    const thaw = await this.freeze('launcher');
    // A backend first: it would start its host and its screens again.
    const inOrder = roles.toSorted((a, b) => Number(a.includes('.')) - Number(b.includes('.')));
    const killed: [Role, KnownProcess][] = [];
    for (const role of inOrder) {
      // Screens end by themselves with their backend.
      const known = this.find(role);
      if (known) killed.push([role, await this.kill(role)]);
    }
    return async () => {
      thaw();
      for (const [role, known] of killed) await this.back(role, known);
    };
  }

  /** Lets everything go on that is still frozen. */
  thawAll(): void {
    for (const thaw of this.#thaws) thaw();
  }

  get #dataDir(): string {
    return join(realpathSync(this.premises.home), 'postgres');
  }

  #host(shardId: string): KnownProcess | null {
    const file = join(this.premises.home, 'run', hostFileNames(shardId, HOST_PROTOCOL_VERSION).file);
    const found = running(readJson<{ pid: number }>(file)?.pid);
    return found && hasFileIn(found.pid, realpathSync(this.premises.home)) ? found : null;
  }

  #screens(backend: Backend): KnownProcess | null {
    const owner = this.find(backend);
    const isScreens = (pid: number) => /screens/.test(processFacts(pid)?.command ?? '');
    return owner ? running(childrenOf(owner.pid).find(isScreens)) : null;
  }

  async #answers(role: Role): Promise<boolean> {
    const { port, backendPorts } = this.premises;
    if (role === 'frontend') return isReady(port);
    if (role === 'postgres') {
      if (!isAccepting(this.#dataDir)) return false;
      const all = await Promise.all([port, ...backendPorts].map(hasDatabase));
      return all.every(Boolean);
    }
    const number = /^backend-(\d+)$/.exec(role)?.[1];
    return number === undefined || isReady(backendPorts[Number(number) - 1]!);
  }
}

function running(pid: number | undefined): KnownProcess | null {
  const facts = pid === undefined ? null : processFacts(pid);
  return facts && { pid: pid!, startTime: facts.startTime };
}

/** Ids of the processes whose parent is `parent`. */
export function childrenOf(parent: number): number[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.map(Number).filter((pid) => Number(statOf(pid)[1]) === parent);
}

/** One letter, see proc(5): T is stopped. */
function stateOf(pid: number): string | undefined {
  return statOf(pid)[0];
}

/** The fields of /proc/<pid>/stat from the third on; none when there is no such process. */
function statOf(pid: number): string[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return [];
  }
}

function hasFileIn(pid: number, folder: string): boolean {
  try {
    const links = readdirSync(`/proc/${pid}/fd`).map((fd) => linkOf(`/proc/${pid}/fd/${fd}`));
    return links.some((link) => link.startsWith(`${folder}/`));
  } catch {
    return false;
  }
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return ''; // closed meanwhile
  }
}

function readJson<T>(file: string): T | null {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as T;
  } catch {
    return null;
  }
}

/** The last line of postmaster.pid tells how far the server is; health alone may still tell of the one before. */
function isAccepting(dataDir: string): boolean {
  try {
    return /^ready\s*$/m.test(readFileSync(join(dataDir, 'postmaster.pid'), 'utf8'));
  } catch {
    return false; // it ended meanwhile
  }
}

async function isReady(port: number): Promise<boolean> {
  const response = await fetch(`http://127.0.0.1:${port}/api/ready`).catch(() => null);
  await response?.body?.cancel();
  return response?.ok ?? false;
}

async function hasDatabase(port: number): Promise<boolean> {
  const response = await fetch(`http://127.0.0.1:${port}/api/health`).catch(() => null);
  const health = (await response?.json().catch(() => null)) as { database?: string } | null | undefined;
  return health?.database === 'ok';
}
