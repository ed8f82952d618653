/**
 * Keeps our descriptors from the programs we start. node-pty marks them close-on-exec in the child, one after the other,
 * and takes the first number above 15 that is not open for the end (where its build has no close_range(2)). Behind such
 * a gap lie the masters of other people's terminals. So for the time of the fork there are no gaps.
 */
import { closeSync, openSync, readdirSync } from 'node:fs';

/** Runs `fork`, which must be synchronous, while every number up to our highest descriptor is in use. */
export function withoutGaps<T>(fork: () => T): T {
  const fillers: number[] = [];
  try {
    const highest = highestDescriptor();
    for (let filler = 0; filler < highest;) {
      filler = openSync('/dev/null', 'r'); // the lowest free number, close-on-exec
      fillers.push(filler);
    }
    return fork();
  } finally {
    for (const filler of fillers) closeSync(filler);
  }
}

/** 0 where there is no /proc: macOS closes everything by itself (POSIX_SPAWN_CLOEXEC_DEFAULT). */
function highestDescriptor(): number {
  try {
    return Math.max(...readdirSync('/proc/self/fd').map(Number));
  } catch {
    return 0;
  }
}
