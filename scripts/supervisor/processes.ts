/** Processes that outlive their launcher: children by our list, pty hosts by their own files. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { isSameProcess, processFacts, signalProcess, waitForEnd } from '../../db/embedded/processes.ts';
import { readHostFile, shardOfHostFile } from '../../server/base/hostFile.ts';
import { endProcesses, factsOf } from '../../server/base/processTable.ts';
import { readJson, writeJson } from './files.ts';
import type { Home } from './home.ts';

const Identity = z.object({ pid: z.number().int(), startTime: z.string() });
export type KnownProcess = z.infer<typeof Identity> & { instance: string };

const CHILD_STOP_MS = 15_000;
const HOST_STOP_MS = 10_000;
/** Their terminal is gone, so nobody sees a longer farewell. */
const LEFTOVER_GRACE_MS = 500;

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

export interface KnownHost extends KnownProcess {
  shardId: string;
  hostGeneration: string;
  /** Null for a host of the first version, which does not say. */
  sessions: number | null;
}

/**
 * The pty hosts that run, by the files that each writes into the runtime folder: also of shards that are no longer configured,
 * of earlier versions, and such as do not answer.
 */
export function runningHosts(home: Home): KnownHost[] {
  return listDir(home.run).flatMap((name) => {
    const shardId = shardOfHostFile(name);
    const file = shardId === undefined ? undefined : readHostFile(join(home.run, name));
    const facts = file && processFacts(file.pid);
    if (!shardId || !facts) return [];
    // The id may have gone to another program since, even to the host of another home.
    const isHost = /ptyHost\.[jt]s|holdfast-ptyhost/.test(facts.command);
    const isSame = file.startTicks === undefined || factsOf(file.pid)?.startTicks === file.startTicks;
    if (!isHost || !isSame) return [];
    const { pid, hostGeneration, sessions = null } = file;
    return [{ instance: `pty host of ${shardId}`, shardId, pid, startTime: facts.startTime, hostGeneration, sessions }];
  });
}

/** `pty host of backend-1: process 4711, 3 sessions`. */
export function describeHost({ instance, pid, sessions }: KnownHost): string {
  const count = sessions === null ? '' : `, ${sessions} ${sessions === 1 ? 'session' : 'sessions'}`;
  return `${instance}: process ${pid}${count}`;
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

/** Ends the hosts and with them every session, and whatever programs of theirs are left when a host had to be killed. */
export async function endHosts(home: Home, isForced = false): Promise<KnownHost[]> {
  const hosts = runningHosts(home);
  await Promise.all(
    hosts.map(async (host) => {
      await end(host, isForced ? 0 : HOST_STOP_MS);
      await endProcesses((table) => table.ofHost(host.hostGeneration), LEFTOVER_GRACE_MS);
    }),
  );
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
