/** Finds a running pty host of this shard, or starts one that outlives us. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '../../protocol/errors.ts';
import { hostFileNames, readHostFile } from '../base/hostFile.ts';
import type { Log } from '../base/log.ts';
import type { HostSettings } from '../ptyhost/settings.ts';
import { HOST_PROTOCOL_VERSION, PREVIOUS_HOST_PROTOCOL_VERSION } from '../ptyhost/hostProtocol.ts';
import { HostClient, HostRefused, type Hello } from './hostClient.ts';
import type { HostAccess, OnConnected } from './hostLink.ts';

/** How long a started host may take to listen. */
const START_TIMEOUT_MS = 15_000;
const POLL_MS = 25;
const HANG_UP_TRIES = 10;

/** What a shard's hosts are made of, whatever their version. */
export interface HostPlan {
  /** Where sockets and files about hosts live. */
  runDirectory: string;
  /** When this backend's life began, in ms since the machine's start: of two backends the younger one controls the hosts. */
  since: number;
  settings: Omit<HostSettings, 'socketPath' | 'pidFile'>;
  /** argv of the host: the node binary and ptyHost.js with what it needs. */
  command: string[];
  env: Record<string, string>;
}

/** How to reach a host of one version. */
interface HostAddress {
  shardId: string;
  socketPath: string;
  /** Names its process. */
  pidFile: string;
  hello: Hello;
}

/** The host of today's version, started when there is none; and one of the previous version, only if it runs. */
export function hostAccess(plan: HostPlan, log: Log): { current: HostAccess; previous: HostAccess } {
  const { since } = plan;
  const { key } = plan.settings;
  const current = addressOf(plan, { version: HOST_PROTOCOL_VERSION, key, since });
  const previous = addressOf(plan, { version: PREVIOUS_HOST_PROTOCOL_VERSION, key });
  return {
    current: {
      find: (onConnected) => findHost(current, onConnected),
      start: (onConnected) => startHost(plan, current, onConnected, log),
    },
    previous: { find: (onConnected) => findHost(previous, onConnected) },
  };
}

function addressOf({ runDirectory, settings: { shardId } }: HostPlan, hello: Hello): HostAddress {
  const { socket, file } = hostFileNames(shardId, hello.version);
  return { shardId, socketPath: join(runDirectory, socket), pidFile: join(runDirectory, file), hello };
}

/** When this process began, in ms since the machine's start: by a clock that all its processes share and nobody sets. */
export function bornAt(): number {
  return Number(process.hrtime.bigint()) / 1e6 - process.uptime() * 1000;
}

/**
 * The host that listens, so that its sessions live on; undefined when there is none.
 * @throws AppError `config.invalid` when it has another key or speaks another version; HostRefused when a newer backend controls it
 */
async function findHost(address: HostAddress, onConnected: OnConnected): Promise<HostClient | undefined> {
  for (let tries = 1; ; tries++) {
    try {
      return await HostClient.connect(address.socketPath, address.hello, onConnected);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT' || code === 'ECONNREFUSED') return undefined;
      if (error instanceof HostRefused) throw error.reason === 'fenced' ? error : explain(error, address);
      // A host that dies takes its sockets down one after the other: we may be let in and cut off.
      if (tries === HANG_UP_TRIES) throw error;
      await sleep(POLL_MS);
    }
  }
}

/** Rejects when the host does not listen in time, and as `findHost` does. */
async function startHost(
  plan: HostPlan,
  address: HostAddress,
  onConnected: OnConnected,
  log: Log,
): Promise<HostClient> {
  const [file, ...args] = plan.command as [string, ...string[]];
  const { socketPath, pidFile } = address;
  const child = spawn(file, args, {
    detached: true, // a session of its own: no signal meant for us reaches it
    stdio: ['pipe', plan.settings.logFile ? 'ignore' : 'inherit', 'inherit'],
    env: plan.env,
    cwd: '/',
  });
  child.on('error', (error) => log.error({ err: error }, 'the pty host could not be started'));
  let hasFailed = false;
  child.on('exit', (code, signal) => {
    // Of a host that an earlier backend started nobody tells us how it ended; its log may.
    log.warn({ hostPid: child.pid, code, signal }, 'the pty host ended');
    hasFailed = code !== 0; // 0: it found another one that was started at the same moment
  });
  child.stdin?.on('error', () => undefined); // it died before it read its settings; that it does not listen is told below
  child.stdin?.end(JSON.stringify({ ...plan.settings, socketPath, pidFile } satisfies HostSettings));
  child.unref();
  for (const deadline = Date.now() + START_TIMEOUT_MS; Date.now() < deadline; await sleep(POLL_MS)) {
    const client = await findHost(address, onConnected);
    if (client) return client;
    if (hasFailed) break;
  }
  throw new AppError('ptyhost.unavailable', `the pty host of ${address.shardId} did not start; its log says why`);
}

function explain({ reason }: HostRefused, { shardId, pidFile }: HostAddress): AppError {
  const pid = readHostFile(pidFile)?.pid;
  const who = `The running pty host of ${shardId}${pid ? ` (process ${pid})` : ''}`;
  const why =
    reason === 'key'
      ? 'was started with another key than secrets.json has now. Put the old secrets.json back'
      : 'speaks another version than this release. Start the release that it belongs to';
  return new AppError('config.invalid', `${who} ${why}, or end it and its sessions with "npm run stop".`);
}
