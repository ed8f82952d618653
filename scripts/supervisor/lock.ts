/** One launcher per home: a file that names the process, believed only while that very process runs. */
import { linkSync, renameSync, rmSync } from 'node:fs';
import { z } from 'zod';
import { isSameProcess, processFacts } from '../../db/embedded/processes.ts';
import { AppError } from '../../protocol/errors.ts';
import { readJson, writeJson } from './files.ts';

const Launcher = z.object({
  pid: z.number().int(),
  startTime: z.string(),
  /** Where people reach the app, without a token. */
  url: z.string(),
  authMode: z.enum(['token', 'proxy']),
  email: z.string(),
  isDatabaseEmbedded: z.boolean(),
});
export type Launcher = z.infer<typeof Launcher>;

/** The launcher that runs on this home, if any. */
export function runningLauncher(lockFile: string): Launcher | null {
  const launcher = readJson(lockFile, Launcher);
  return launcher && isSameProcess(launcher) ? launcher : null;
}

/** @throws AppError `config.invalid` when another launcher runs on this home */
export function takeLock(lockFile: string, facts: Omit<Launcher, 'pid' | 'startTime'>): void {
  const mine = `${lockFile}.${process.pid}`;
  writeJson(mine, { pid: process.pid, startTime: processFacts(process.pid)!.startTime, ...facts });
  try {
    // A link is made only where nothing is, so of two launchers one wins.
    for (let tries = 0; !tryLink(mine, lockFile); tries++) {
      const other = runningLauncher(lockFile);
      if (other) throw new AppError('config.invalid', alreadyRunning(other));
      if (tries === 10) throw new AppError('config.invalid', `The file ${lockFile} cannot be replaced; remove it.`);
      setAside(lockFile);
    }
  } finally {
    rmSync(mine, { force: true });
  }
}

export function releaseLock(lockFile: string): void {
  if (readJson(lockFile, Launcher)?.pid === process.pid) rmSync(lockFile, { force: true });
}

function alreadyRunning({ url, pid }: Launcher): string {
  return `Holdfast is already running on this folder: ${url} (process ${pid}). Stop it with "npm run stop", or set HOLDFAST_HOME and PORT for a second one.`;
}

function tryLink(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Moves a stale lock away; puts it back when, between reading and moving, it became a living launcher's. */
function setAside(lockFile: string): void {
  const aside = `${lockFile}.${process.pid}.stale`;
  try {
    renameSync(lockFile, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  if (runningLauncher(aside)) tryLink(aside, lockFile);
  rmSync(aside, { force: true });
}
