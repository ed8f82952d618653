/** Facts about a process by its id, so that a recycled id is never taken for the process we knew. */
import { execFileSync } from 'node:child_process';
import { readFileSync, readlinkSync } from 'node:fs';

export interface ProcessFacts {
  /** Opaque; differs between two processes that had the same id, also over a reboot. */
  startTime: string;
  /** Program and arguments, joined by spaces. */
  command: string;
}

/** Null when there is no such process or only its zombie. */
export function processFacts(pid: number): ProcessFacts | null {
  if (!Number.isInteger(pid) || pid < 1) return null;
  return process.platform === 'linux' ? factsFromProc(pid) : factsFromPs(pid);
}

/** True when the process with this id is the one whose start time was noted. */
export function isSameProcess(known: { pid: number; startTime: string }): boolean {
  return processFacts(known.pid)?.startTime === known.startTime;
}

/** The working directory, or null where the system does not tell. */
export function processDirectory(pid: number): string | null {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return null;
  }
}

/** Signals a process or, with a negative id, its group; false when it was already gone. */
export function signalProcess(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
}

/** Resolves to true once the process is gone, to false after `timeoutMs`. */
export async function waitForEnd(pid: number, startTime: string, timeoutMs: number): Promise<boolean> {
  const deadline = Date.now() + timeoutMs;
  while (isSameProcess({ pid, startTime })) {
    if (Date.now() > deadline) return false;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  return true;
}

function factsFromProc(pid: number): ProcessFacts | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name in parentheses may hold spaces; what follows it is state (field 3) … start time in ticks since boot (field 22).
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields[0] === 'Z' || fields[0] === 'X') return null;
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').join(' ').trim();
    return { startTime: `${bootId()}:${fields[19]}`, command };
  } catch {
    return null;
  }
}

let cachedBootId: string | undefined;
function bootId(): string {
  cachedBootId ??= readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').slice(0, 8);
  return cachedBootId;
}

function factsFromPs(pid: number): ProcessFacts | null {
  const ask = (column: string) =>
    execFileSync('ps', ['-ww', '-o', `${column}=`, '-p', String(pid)], { encoding: 'utf8', stdio: 'pipe' }).trim();
  try {
    if (ask('stat').startsWith('Z')) return null;
    return { startTime: ask('lstart'), command: ask('command') };
  } catch {
    return null;
  }
}
