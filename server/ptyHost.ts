/**
 * Entry of the pty host: the process that owns a shard's ptys and their logs and outlives its backends.
 * Its settings come as one JSON line on stdin, so that the key stands neither in its arguments nor in its environment.
 */
import { mkdirSync, rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { systemClock } from './base/clock.ts';
import { readHostFile, writeHostFile, type HostFile } from './base/hostFile.ts';
import { createLog, type Log } from './base/log.ts';
import { endProcesses, factsOf, ProcessTable } from './base/processTable.ts';
import { ControllerServer } from './ptyhost/controllerServer.ts';
import { PtyHost } from './ptyhost/host.ts';
import { HostPlace, PathTaken, verdict } from './ptyhost/hostPlace.ts';
import { HOST_PROTOCOL_VERSION } from './ptyhost/hostProtocol.ts';
import { spawnPty } from './ptyhost/pty.ts';
import { HostSettings } from './ptyhost/settings.ts';

/** With no session and no backend for this long the host has no reason to be. */
const IDLE_END_MS = 60_000;
const CHECK_MS = 5_000;
/** Ending takes as long as its most stubborn program and the rounds after it; what cannot be ended must not keep us. */
const END_LIMIT_MS = 9_000;
/** What a host that was killed left behind gets this long to end by itself: nobody sees it any more. */
const LEFTOVER_GRACE_MS = 1_000;

async function main(): Promise<void> {
  process.title = 'holdfast-ptyhost';
  const settings = HostSettings.parse(JSON.parse(await readLine()));
  const log = createLog(`${settings.shardId}.host`, settings.logLevel, settings.logFile);
  await serve(settings, log).catch((error: unknown) => {
    if (error instanceof PathTaken) process.exit(0); // two were started at the same moment: the other one serves
    log.fatal({ err: error }, 'pty host cannot start');
    process.exit(1);
  });
}

async function serve(settings: HostSettings, log: Log): Promise<void> {
  mkdirSync(settings.directory, { recursive: true, mode: 0o700 });
  const { directory, logCapacityBytes, endGraceMs } = settings;
  const host = new PtyHost({ directory, logCapacityBytes, endGraceMs }, spawnPty, systemClock, log);
  const server = new ControllerServer(host, settings.key, log);
  const place = new HostPlace(settings.socketPath, directory);
  const earlier = readHostFile(settings.pidFile);
  if (isAlive(earlier)) throw new PathTaken(settings.socketPath); // its socket was tidied away; it is about to listen again
  await server.listen(place);
  endLeftovers(earlier, log);
  host.onCount = () => note(settings, host, log);
  host.onCount();
  log.info({ pid: process.pid }, 'pty host is ready');

  let isStopping = false;
  const stop = async (reason: string) => {
    if (isStopping) return;
    isStopping = true;
    log.info({ reason, sessions: host.sessionCount }, 'pty host ends');
    await Promise.race([host.endAll(), sleep(END_LIMIT_MS)]);
    if (place.look().socket === 'ours') rmSync(settings.pidFile, { force: true });
    place.leave();
    server.close();
    process.exit(0);
  };
  process.on('SIGTERM', () => void stop('SIGTERM'));
  process.on('SIGINT', () => void stop('SIGINT'));
  process.on('SIGHUP', () => undefined);
  process.on('uncaughtException', (error) => {
    // Ending would take every session along; what failed is one request or one pty.
    log.error({ err: error }, 'uncaught exception');
  });
  endWhenIdle(
    () => server.hasController || host.sessionCount > 0,
    () => void stop('idle'),
  );
  systemClock.every(CHECK_MS, () => {
    const what = verdict({ ...place.look(), hasController: server.hasController });
    if (what === 'end') void stop('no backend can find us: our folder or socket is gone');
    if (what !== 'listen again' || isStopping) return;
    log.warn('our socket was removed; listening again');
    server.listen(place).then(host.onCount, (error: unknown) => log.error({ err: error }, 'we cannot listen again'));
  });
}

/** For whoever lists or ends hosts. */
function note({ pidFile }: HostSettings, host: PtyHost, log: Log): void {
  try {
    writeHostFile(pidFile, {
      pid: process.pid,
      hostGeneration: host.generation,
      version: HOST_PROTOCOL_VERSION,
      startTicks: factsOf(process.pid)?.startTicks,
      sessions: host.sessionCount,
    });
  } catch (error) {
    log.warn({ err: error }, 'the file about this host could not be written');
  }
}

function isAlive(host: HostFile | undefined): boolean {
  return host?.startTicks !== undefined && factsOf(host.pid)?.startTicks === host.startTicks;
}

/** A host that was killed could end nothing: what ignored the hang-up still runs, and nobody can reach it. */
function endLeftovers(earlier: HostFile | undefined, log: Log): void {
  if (!earlier) return;
  const { hostGeneration } = earlier;
  const count = new ProcessTable().ofHost(hostGeneration).length;
  if (count === 0) return;
  log.warn({ count, hostGeneration }, 'ending what a dead pty host left behind');
  void endProcesses((table) => table.ofHost(hostGeneration), LEFTOVER_GRACE_MS);
}

function endWhenIdle(isNeeded: () => boolean, end: () => void): void {
  let idleSince = Date.now();
  systemClock.every(CHECK_MS, () => {
    if (isNeeded()) idleSince = Date.now();
    else if (Date.now() - idleSince >= IDLE_END_MS) end();
  });
}

function readLine(): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    process.stdin.setEncoding('utf8');
    process.stdin.on('data', (chunk: string) => (text += chunk));
    process.stdin.on('end', () => resolve(text));
    process.stdin.on('error', reject);
  });
}

main().catch((error: unknown) => {
  const reason = error instanceof z.ZodError ? z.prettifyError(error) : String(error);
  process.stderr.write(`pty host: ${reason}\n`);
  process.exit(1);
});
