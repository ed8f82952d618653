/**
 * Ends whatever is left of an instance: launcher, servers, pty hosts and the embedded database, in this order.
 * With --list it only says which pty hosts run, and with how many sessions.
 */
import { rmSync } from 'node:fs';
import { stopPostmaster } from '../db/embedded/server.ts';
import { runningPostmaster } from '../db/embedded/postmaster.ts';
import { signalProcess, waitForEnd } from '../db/embedded/processes.ts';
import { AppError } from '../protocol/errors.ts';
import { readSettings } from './supervisor/env.ts';
import { locateHome, type Home } from './supervisor/home.ts';
import { runningLauncher } from './supervisor/lock.ts';
import { describeHost, endChildren, endHosts, leftoverChildren, runningHosts } from './supervisor/processes.ts';
import { complain, say } from './supervisor/progress.ts';

/** The launcher's own patience with its children adds up to less. */
const LAUNCHER_STOP_MS = 60_000;

async function stop(home: Home): Promise<void> {
  for (const host of runningHosts(home)) say(describeHost(host)); // the launcher ends them too, without a word
  const ended = [...(await endLauncher(home)), ...(await endServers(home)), ...(await endDatabase(home))];
  rmSync(home.run, { recursive: true, force: true });
  rmSync(home.childrenFile, { force: true });
  rmSync(home.lockFile, { force: true });
  for (const what of ended) say(`Ended ${what}.`);
  say(ended.length > 0 ? 'Holdfast has stopped.' : `Nothing of Holdfast runs on ${home.dir}.`);
}

async function endLauncher(home: Home): Promise<string[]> {
  const launcher = runningLauncher(home.lockFile);
  if (!launcher) return [];
  const { pid, startTime } = launcher;
  say(`Stopping the launcher (process ${pid}) and what it started …`);
  signalProcess(pid, 'SIGTERM');
  if (!(await waitForEnd(pid, startTime, LAUNCHER_STOP_MS))) {
    signalProcess(pid, 'SIGKILL');
    await waitForEnd(pid, startTime, 5_000);
  }
  return [`the launcher (process ${pid})`];
}

function list(home: Home): void {
  const hosts = runningHosts(home);
  for (const host of hosts) say(describeHost(host));
  if (hosts.length === 0) say(`No pty host runs on ${home.dir}.`);
}

async function endServers(home: Home): Promise<string[]> {
  const children = leftoverChildren(home);
  await endChildren(children);
  const hosts = await endHosts(home);
  return [...children, ...hosts].map(({ instance, pid }) => `${instance} (process ${pid})`);
}

async function endDatabase(home: Home): Promise<string[]> {
  const postmaster = runningPostmaster(home.data);
  if (!postmaster) return [];
  await stopPostmaster(postmaster);
  return [`PostgreSQL (process ${postmaster.pid})`];
}

async function main(args: string[]): Promise<void> {
  const home = locateHome(readSettings().home);
  const unknown = args.find((arg) => arg !== '--list');
  if (unknown !== undefined) throw new AppError('input.invalid', `${unknown} is not an option of stop; --list is.`);
  if (args.length > 0) list(home);
  else await stop(home);
}

main(process.argv.slice(2)).catch((error: unknown) => {
  complain(error instanceof AppError ? error.message : String((error as Error).stack));
  process.exit(1);
});
