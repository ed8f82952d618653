/** Finds the processes of one pty: also those that left its session, its process group or their parents. */
import { listProcesses, markOf, withDescendants, type ProcessFacts } from '../base/processTable.ts';

/** One look at /proc serves all sessions that ask within this time: many may end at once. */
const LOOK_MS = 20;

export class SessionProcesses {
  /** Everything that was ever found, by pid with its start: a child stays ours when its parent has gone. */
  #known = new Map<number, string>();
  #isLeaderGone = false;

  /**
   * @param leader the program in the pty: leader of a session of its own
   * @param mark what its environment was marked with; empty for none
   */
  constructor(
    readonly leader: number,
    private readonly mark: string,
  ) {}

  /**
   * What runs now. Not found are children that have left the session, dropped the environment and lost their parent before
   * anybody looked; and where there is no /proc, anything.
   */
  find(): ProcessFacts[] {
    const all = look();
    const found = withDescendants(all, (facts) => this.#isOurs(facts));
    this.#known = new Map(found.map(({ pid, startTicks }) => [pid, startTicks]));
    return found;
  }

  /** The leader was reaped: remembers who is left of its session, because its number may name another one from now on. */
  leaderEnded(): void {
    const isReused = look().some(({ pid }) => pid === this.leader);
    if (!isReused) this.find();
    this.#isLeaderGone = true;
  }

  #isOurs({ pid, session, group, startTicks }: ProcessFacts): boolean {
    if (this.#known.get(pid) === startTicks) return true;
    if (!this.#isLeaderGone && (session === this.leader || group === this.leader)) return true;
    return this.mark !== '' && lookAtMark(pid) === this.mark;
  }
}

let lastLook: { at: number; all: ProcessFacts[]; marks: Map<number, string> } | undefined;

function look(): ProcessFacts[] {
  const now = performance.now();
  if (!lastLook || now - lastLook.at > LOOK_MS) lastLook = { at: now, all: listProcesses(), marks: new Map() };
  return lastLook.all;
}

function lookAtMark(pid: number): string {
  const { marks } = lastLook!;
  const mark = marks.get(pid) ?? markOf(pid);
  marks.set(pid, mark);
  return mark;
}
