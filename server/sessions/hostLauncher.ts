/** Finds the running pty host of this shard, or starts one that outlives us. */
import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '../base/log.ts';
import type { HostSettings } from '../ptyhost/settings.ts';
import { HostClient } from './hostClient.ts';

/** How long a started host may take to listen. */
const START_TIMEOUT_MS = 15_000;
const POLL_MS = 25;

export interface HostLaunch {
  settings: HostSettings;
  /** argv of the host: the node binary and ptyHost.js with what it needs. */
  command: string[];
  env: Record<string, string>;
}

/** Adopts the host that listens, so that its sessions live on; only when there is none a new one is started. */
export async function connectHost(launch: HostLaunch, log: Log): Promise<HostClient> {
  const { socketPath, key } = launch.settings;
  const running = await HostClient.connect(socketPath, key).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ECONNREFUSED') return undefined;
    throw error;
  });
  if (running) {
    log.info(
      { hostPid: running.welcome.pid, sessions: running.welcome.sessions.length },
      'adopted the running pty host',
    );
    return running;
  }
  start(launch);
  return waitFor(launch, Date.now() + START_TIMEOUT_MS);
}

function start({ command, env, settings }: HostLaunch): void {
  const [file, ...args] = command as [string, ...string[]];
  const child = spawn(file, args, {
    detached: true, // a session of its own: no signal meant for us reaches it
    stdio: ['pipe', 'ignore', 'inherit'],
    env,
    cwd: '/',
  });
  child.stdin?.end(JSON.stringify(settings));
  child.unref();
}

async function waitFor({ settings }: HostLaunch, deadline: number): Promise<HostClient> {
  for (;;) {
    try {
      return await HostClient.connect(settings.socketPath, settings.key);
    } catch (error) {
      if (Date.now() > deadline) throw new Error('the pty host did not start', { cause: error });
      await sleep(POLL_MS);
    }
  }
}
