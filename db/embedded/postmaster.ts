/** The running server of a data directory, as its postmaster.pid tells. */
import { readFileSync, rmSync } from 'node:fs';
import { processDirectory, processFacts } from './processes.ts';

export interface Postmaster {
  pid: number;
  /** See ProcessFacts. */
  startTime: string;
  port: number;
  socketDir: string;
}

/** Null when no server runs on this data directory. */
export function runningPostmaster(dataDir: string): Postmaster | null {
  const lines = readLines(dataDir);
  const pid = Number(lines[0]);
  const facts = processFacts(pid);
  if (!facts || !/postgres|postmaster/.test(facts.command)) return null;
  // A server lives in its data directory; another server with a recycled id does not count.
  const directory = processDirectory(pid);
  if (directory !== null && directory !== dataDir) return null;
  return { pid, startTime: facts.startTime, port: Number(lines[3]), socketDir: lines[4] ?? '' };
}

/** Removes the pid file of a server that is gone. Its id may belong to another program by now, and PostgreSQL would then refuse to start. */
export function clearStalePidFile(dataDir: string): void {
  if (!runningPostmaster(dataDir)) rmSync(`${dataDir}/postmaster.pid`, { force: true });
}

function readLines(dataDir: string): string[] {
  try {
    return readFileSync(`${dataDir}/postmaster.pid`, 'utf8').split('\n');
  } catch {
    return [];
  }
}
