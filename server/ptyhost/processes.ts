/** Finds the processes of one pty: also those that left its session, its process group or their parents. */
import { withDescendants, type ProcessFacts, type ProcessTable } from '../base/processTable.ts';

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
  find(table: ProcessTable): ProcessFacts[] {
    const found = withDescendants(table.all, (facts) => this.#isOurs(facts, table));
    this.#known = new Map(found.map(({ pid, startTicks }) => [pid, startTicks]));
    return found;
  }

  /** The leader was reaped: remembers who is left of its session, because its number may name another one from now on. */
  leaderEnded(table: ProcessTable): void {
    const isReused = table.all.some(({ pid }) => pid === this.leader);
    if (!isReused) this.find(table);
    this.#isLeaderGone = true;
  }

  #isOurs({ pid, session, group, startTicks }: ProcessFacts, table: ProcessTable): boolean {
    if (this.#known.get(pid) === startTicks) return true;
    if (!this.#isLeaderGone && (session === this.leader || group === this.leader)) return true;
    return this.mark !== '' && table.markOf(pid) === this.mark;
  }
}
