/** What processes use, as Linux counts it: memory of trees of them, and the CPU they took. */
import { readFileSync } from 'node:fs';
import { descendants } from './instances.ts';

export interface Memory {
  /** Bytes in RAM, with what others have in RAM as well. */
  resident: number;
  /** Of what several processes share, each counts its part: these add up. */
  proportional: number;
  /** No file stands behind these, so without swap they stay in RAM whatever happens. */
  anonymous: number;
}

const NOTHING: Memory = { resident: 0, proportional: 0, anonymous: 0 };
/** USER_HZ, which is 100 on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;

export const treeOf = (pid: number): number[] => [pid, ...descendants(pid)];

export function sum(parts: Memory[]): Memory {
  return parts.reduce(
    (total, part) => ({
      resident: total.resident + part.resident,
      proportional: total.proportional + part.proportional,
      anonymous: total.anonymous + part.anonymous,
    }),
    NOTHING,
  );
}

export function memoryOf(pids: number[]): Memory {
  return sum(pids.map(memoryOfOne));
}

function memoryOfOne(pid: number): Memory {
  const rollup = read(`/proc/${pid}/smaps_rollup`);
  const bytes = (name: string) => Number(new RegExp(`^${name}: +(\\d+) kB$`, 'm').exec(rollup)?.[1] ?? 0) * 1024;
  return { resident: bytes('Rss'), proportional: bytes('Pss'), anonymous: bytes('Anonymous') };
}

/** Seconds of CPU so far, with those of children that have ended and were waited for. */
export function cpuSecondsOf(pids: number[]): number {
  const ticks = pids.map((pid) => {
    const stat = read(`/proc/${pid}/stat`);
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    // utime, stime, cutime and cstime: fields 14 to 17 of proc(5), of which the first two are cut off here.
    return fields.slice(11, 15).reduce((total, field) => total + Number(field), 0);
  });
  return ticks.reduce((total, part) => total + part, 0) / TICKS_PER_SECOND;
}

/** Empty when the process has ended meanwhile. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
