/**
 * Entry of the pty host: the process that owns a shard's ptys and their logs and outlives its backends.
 * Its settings come as one JSON line on stdin, so that the key stands neither in its arguments nor in its environment.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { systemClock } from './base/clock.ts';
import { createLog } from './base/log.ts';
import { ControllerServer } from './ptyhost/controllerServer.ts';
import { PtyHost } from './ptyhost/host.ts';
import { spawnPty } from './ptyhost/pty.ts';
import { HostSettings } from './ptyhost/settings.ts';

/** With no session and no backend for this long the host has no reason to be. */
const IDLE_END_MS = 60_000;

async function main(): Promise<void> {
  process.title = 'holdfast-ptyhost';
  const settings = HostSettings.parse(JSON.parse(await readLine()));
  const log = createLog(`${settings.shardId}.host`, settings.logLevel, settings.logFile);
  mkdirSync(settings.directory, { recursive: true, mode: 0o700 });
  const host = new PtyHost(
    { directory: settings.directory, logCapacityBytes: settings.logCapacityBytes },
    spawnPty,
    systemClock,
    log,
  );
  const server = new ControllerServer(host, settings.key, log);
  await server.listen(settings.socketPath);
  writeFileSync(settings.pidFile, JSON.stringify({ pid: process.pid, hostGeneration: host.generation }), {
    mode: 0o600,
  });
  log.info({ pid: process.pid }, 'pty host is ready');

  let isStopping = false;
  const stop = async (reason: string) => {
    if (isStopping) return;
    isStopping = true;
    log.info({ reason }, 'pty host ends');
    await host.endAll();
    server.close();
    rmSync(settings.socketPath, { force: true });
    rmSync(settings.pidFile, { force: true });
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
}

function endWhenIdle(isNeeded: () => boolean, end: () => void): void {
  let idleSince = Date.now();
  systemClock.every(5_000, () => {
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
