/** The processes of this machine as /proc shows them, which of them belong together, and ending them. Where there is no /proc the table is empty. */
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

export interface ProcessFacts {
  pid: number;
  parent: number;
  group: number;
  session: number;
  /** Ticks since boot; together with the pid it names a process for ever. */
  startTicks: string;
}

/** Every program of a pty inherits this variable: `<hostGeneration>/<sessionId>/<incarnation>`. No secret, only a name. */
export const PTY_MARK = 'HOLDFAST_PTY';

/** Between two looks at what is still there. */
const ROUND_MS = 25;
/** SIGKILL is repeated for this long: a program that forks faster than we look is caught in one of the rounds. */
const KILL_MS = 5_000;

/** Zombies are left out: they have ended, and wait for their parent. */
export function listProcesses(): ProcessFacts[] {
  try {
    return readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? (factsOf(Number(name)) ?? []) : []));
  } catch {
    return [];
  }
}

/** Undefined when there is no such process, or only its zombie. */
export function factsOf(pid: number): ProcessFacts | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name in parentheses may hold anything; behind it come state (field 3), parent, group, session … start time (22). See proc(5).
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields[0] === 'Z' || fields[0] === 'X') return undefined;
    const [parent, group, session] = fields.slice(1, 4).map(Number) as [number, number, number];
    return { pid, parent, group, session, startTicks: fields[19]! };
  } catch {
    return undefined;
  }
}

/** What the process was marked with when it was started; empty for nothing, and for a process of somebody else. */
export function markOf(pid: number): string {
  const entry = `${PTY_MARK}=`;
  try {
    const environment = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
    return environment.find((one) => one.startsWith(entry))?.slice(entry.length) ?? '';
  } catch {
    return '';
  }
}

/** Those that `isSeed` names, and the children of them all. */
export function withDescendants(
  all: readonly ProcessFacts[],
  isSeed: (facts: ProcessFacts) => boolean,
): ProcessFacts[] {
  const found = new Map(all.filter(isSeed).map((facts) => [facts.pid, facts]));
  for (let before = -1; before !== found.size;) {
    before = found.size;
    for (const facts of all) if (found.has(facts.parent)) found.set(facts.pid, facts);
  }
  return [...found.values()];
}

/** What was started by the host of this generation, in any of its ptys. */
export function processesOfHost(hostGeneration: string): ProcessFacts[] {
  return withDescendants(listProcesses(), ({ pid }) => markOf(pid).startsWith(`${hostGeneration}/`));
}

/**
 * Ends what `find` finds, again and again until it finds nothing: SIGHUP first, SIGTERM after half of the grace, SIGKILL after it.
 * Resolves to what is left all the same, which only a process that the kernel cannot end should be.
 */
export async function endProcesses(find: () => ProcessFacts[], graceMs: number): Promise<ProcessFacts[]> {
  const startedAt = Date.now();
  const told = new Map<string, NodeJS.Signals>();
  for (;;) {
    const left = find();
    const elapsedMs = Date.now() - startedAt;
    if (left.length === 0 || elapsedMs > graceMs + KILL_MS) return left;
    const signal = elapsedMs >= graceMs ? 'SIGKILL' : elapsedMs >= graceMs / 2 ? 'SIGTERM' : 'SIGHUP';
    for (const { pid, startTicks } of left) {
      const name = `${pid}:${startTicks}`;
      if (told.get(name) === signal && signal !== 'SIGKILL') continue;
      told.set(name, signal);
      signalOne(pid, signal);
      if (signal !== 'SIGKILL') signalOne(pid, 'SIGCONT'); // a stopped program cannot act on a signal
    }
    await sleep(ROUND_MS);
  }
}

function signalOne(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // it ended meanwhile
  }
}
