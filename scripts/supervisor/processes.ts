/** Processes that outlive their launcher: children by our list, pty hosts by their own files. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { isSameProcess, processFacts, signalProcess, waitForEnd } from '../../db/embedded/processes.ts';
import { readJson, writeJson } from './files.ts';
import type { Home } from './home.ts';

const Identity = z.object({ pid: z.number().int(), startTime: z.string() });
export type KnownProcess = z.infer<typeof Identity> & { instance: string };

const CHILD_STOP_MS = 15_000;
const HOST_STOP_MS = 10_000;

/** By instance: `{ "backend-1": { "pid": …, "startTime": … }, … }`. */
export function writeChildren(home: Home, children: KnownProcess[]): void {
  const byInstance = children.map(({ instance, pid, startTime }) => [instance, { pid, startTime }] as const);
  writeJson(home.childrenFile, Object.fromEntries(byInstance));
}

/** Children of an earlier launcher that still run. */
export function leftoverChildren(home: Home): KnownProcess[] {
  const byInstance = readJson(home.childrenFile, z.record(z.string(), Identity)) ?? {};
  return Object.entries(byInstance)
    .map(([instance, identity]) => ({ instance, ...identity }))
    .filter(isSameProcess);
}

/** The pty hosts that run, by the files that each writes into the runtime folder. */
export function runningHosts(home: Home): KnownProcess[] {
  return listDir(home.run)
    .filter((name) => name.endsWith('.host.json'))
    .flatMap((name) => {
      const file = readJson(join(home.run, name), z.object({ pid: z.number().int() }));
      const facts = file && processFacts(file.pid);
      // The id may have gone to another program since. A host gives itself a short title once it runs.
      const isHost = facts && /ptyHost\.[jt]s|holdfast-ptyhost/.test(facts.command);
      return isHost
        ? [{ instance: `pty host of ${name.replace('.host.json', '')}`, pid: file.pid, startTime: facts.startTime }]
        : [];
    });
}

/** The frontend first, so that nobody is shown a shard going away; then the backends together. */
export async function endChildren(children: KnownProcess[]): Promise<void> {
  const isFrontend = ({ instance }: KnownProcess) => instance === 'frontend';
  await endAll(children.filter(isFrontend), CHILD_STOP_MS);
  await endAll(
    children.filter((child) => !isFrontend(child)),
    CHILD_STOP_MS,
  );
}

/** Ends the hosts and with them every session. */
export async function endHosts(home: Home, isForced = false): Promise<KnownProcess[]> {
  const hosts = runningHosts(home);
  await endAll(hosts, isForced ? 0 : HOST_STOP_MS);
  return hosts;
}

async function endAll(known: KnownProcess[], patienceMs: number): Promise<void> {
  await Promise.all(known.map((process) => end(process, patienceMs)));
}

async function end({ pid, startTime }: KnownProcess, patienceMs: number): Promise<void> {
  if (patienceMs > 0) signalProcess(pid, 'SIGTERM');
  if (patienceMs > 0 && (await waitForEnd(pid, startTime, patienceMs))) return;
  if (!signalProcess(-pid, 'SIGKILL')) signalProcess(pid, 'SIGKILL');
  await waitForEnd(pid, startTime, 5_000);
}

function listDir(dir: string): string[] {
  try {
    return readdirSync(dir);
  } catch {
    return [];
  }
}
