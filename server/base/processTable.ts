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
function markOf(pid: number): string {
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

/** One look at all processes. */
export class ProcessTable {
  readonly all = listProcesses();
  #marks = new Map<number, string>();

  markOf(pid: number): string {
    const mark = this.#marks.get(pid) ?? markOf(pid);
    this.#marks.set(pid, mark);
    return mark;
  }

  /** What was started by the host of this generation, in any of its ptys. */
  ofHost(hostGeneration: string): ProcessFacts[] {
    return withDescendants(this.all, ({ pid }) => this.markOf(pid).startsWith(`${hostGeneration}/`));
  }
}

let nextLook: Promise<ProcessTable> | undefined;

/** A look that is taken after the call; all who call in the same turn of the loop share it. */
export function look(): Promise<ProcessTable> {
  nextLook ??= new Promise((resolve) => {
    setImmediate(() => {
      nextLook = undefined;
      resolve(new ProcessTable());
    });
  });
  return nextLook;
}

/** Which of all processes are meant; may remember what it found before. */
export type Find = (table: ProcessTable) => ProcessFacts[];

const STAGES = ['SIGHUP', 'SIGTERM', 'SIGKILL'] as const;

/**
 * Ends what `find` finds, again and again until it finds nothing: SIGHUP first, SIGTERM after half of the grace, SIGKILL after it.
 * Before each of them everything is stopped, so that nothing can fork, leave its parents and be lost between a look and a signal.
 * Resolves to what is left all the same, which only a process that the kernel cannot end should be.
 */
export async function endProcesses(find: Find, graceMs: number): Promise<ProcessFacts[]> {
  const startedAt = Date.now();
  let stagesDone = 0;
  let emptyLooks = 0;
  for (;;) {
    const elapsedMs = Date.now() - startedAt;
    const stage = elapsedMs >= graceMs ? 2 : elapsedMs >= graceMs / 2 ? 1 : 0;
    const isDue = stage >= stagesDone || stage === 2;
    const left = isDue ? await stopAll(find) : find(await look());
    // A process in the middle of an exec shows no environment, so that one look may miss it.
    emptyLooks = left.length === 0 ? emptyLooks + 1 : 0;
    if (emptyLooks === 2 || elapsedMs > graceMs + KILL_MS) return left;
    if (isDue && left.length > 0) stagesDone = stage + 1;
    for (const { pid } of isDue ? left : []) {
      signalOne(pid, STAGES[stage]);
      signalOne(pid, 'SIGCONT');
    }
    await sleep(ROUND_MS);
  }
}

/** A process with a stop pending completes no fork: when a look finds nobody new, all are found. */
async function stopAll(find: Find): Promise<ProcessFacts[]> {
  const stopped = new Set<string>();
  for (;;) {
    const found = find(await look());
    const fresh = found.filter(({ pid, startTicks }) => !stopped.has(`${pid}:${startTicks}`));
    if (fresh.length === 0) return found;
    for (const { pid, startTicks } of fresh) {
      signalOne(pid, 'SIGSTOP');
      stopped.add(`${pid}:${startTicks}`);
    }
  }
}

function signalOne(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // it ended meanwhile
  }
}
