/** Finds the processes of a pty's session. */
import { readdirSync, readFileSync } from 'node:fs';

/** Ids of all processes whose session leader is `leader`; empty where there is no /proc. */
export function membersOf(leader: number): number[] {
  let names: string[];
  try {
    names = readdirSync('/proc');
  } catch {
    return [];
  }
  return names.filter((name) => /^\d+$/.test(name) && sessionOf(name) === leader).map(Number);
}

/** Field 6 of /proc/<pid>/stat, counted behind the name in parentheses, which may hold anything (proc(5)). */
function sessionOf(pid: string): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[3]);
  } catch {
    return undefined;
  }
}
