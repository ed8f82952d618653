/** The real PostgreSQL that runs beside the launcher: started or adopted, watched, and stopped. */
import { spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, realpathSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import pg from 'pg';
import { AppError } from '../protocol/errors.ts';
import { candidateDirs, findBinaries } from './embedded/binaries.ts';
import { clusterMajor, initCluster, unprivileged } from './embedded/cluster.ts';
import { lastFatalLine } from './embedded/log.ts';
import { clearStalePidFile, runningPostmaster, type Postmaster } from './embedded/postmaster.ts';
import { isSameProcess, processFacts } from './embedded/processes.ts';
import { EmbeddedServer, stopPostmaster } from './embedded/server.ts';

export interface EmbeddedOptions {
  /** Absolute; made when missing. */
  dataDir: string;
  /** Absolute, mode 0700; the only way in is a unix socket in it. */
  socketDir: string;
  logFile: string;
  /** Of the administrator, used when the cluster is made and ever after. */
  adminPassword: string;
  /** False only for tests: a crash of the machine may then lose the cluster. */
  isDurable?: boolean;
  /** All that PostgreSQL gets to see of ours: PATH, also searched for an installed server, and TZ. */
  environment?: Record<string, string>;
  /** Where to look for the programs instead of the platform package and the system. */
  binDirs?: string[];
}

const PORT = 5432; // only names the socket file
/** Recovery after a crash may take a while before the server answers. */
const START_TIMEOUT_MS = 60_000;
const ADOPTED_POLL_MS = 250;
/** The kernel's limit is 107; PostgreSQL's lock file name is the longest there. */
const MAX_SOCKET_DIR_BYTES = 107 - '/.s.PGSQL.5432.lock'.length;

export async function startEmbedded(given: EmbeddedOptions): Promise<EmbeddedServer> {
  mkdirSync(dirname(given.dataDir), { recursive: true });
  const environment = given.environment ?? { PATH: '/usr/local/bin:/usr/bin:/bin' };
  const options = {
    ...given,
    environment,
    dataDir: `${realpathSync(dirname(given.dataDir))}/${given.dataDir.split('/').at(-1)}`,
  };
  if (Buffer.byteLength(options.socketDir) > MAX_SOCKET_DIR_BYTES) {
    throw new AppError(
      'config.invalid',
      `The socket folder ${options.socketDir} has a path that is too long for a unix socket.`,
    );
  }
  const running = runningPostmaster(options.dataDir);
  const adopted = running && (await adopt(options, running));
  if (adopted) return adopted;
  if (!existsSync(`${options.dataDir}/PG_VERSION`)) {
    await initCluster({
      ...options,
      binaries: findBinaries(null, options.binDirs ?? candidateDirs(options.environment['PATH'])),
    });
  }
  return launch(options);
}

/** Null when the server runs but not where we want it, or its socket is gone; it is stopped then. */
async function adopt(options: EmbeddedOptions, running: Postmaster): Promise<EmbeddedServer | null> {
  const server = new EmbeddedServer(running, true, options.adminPassword);
  const isReachable =
    running.socketDir === options.socketDir && existsSync(`${running.socketDir}/.s.PGSQL.${running.port}`);
  if (!isReachable) {
    await stopPostmaster(running);
    return null;
  }
  await untilReady(server, () => isSameProcess(running), options.logFile);
  const timer = setInterval(() => {
    if (isSameProcess(running)) return;
    clearInterval(timer);
    server.noticeExit();
  }, ADOPTED_POLL_MS);
  timer.unref();
  return server;
}

async function launch(
  options: EmbeddedOptions & { environment: Record<string, string> },
  retriesLeft = 20,
): Promise<EmbeddedServer> {
  clearStalePidFile(options.dataDir);
  rmSync(`${options.socketDir}/.s.PGSQL.${PORT}.lock`, { force: true });
  const { postgres } = findBinaries(
    clusterMajor(options.dataDir),
    options.binDirs ?? candidateDirs(options.environment['PATH']),
  );
  const settings = [
    'listen_addresses=',
    'unix_socket_permissions=0700',
    'synchronous_commit=on',
    'max_connections=200',
  ];
  if (options.isDurable === false) settings.push('fsync=off');
  const args = [
    '-D',
    options.dataDir,
    '-k',
    options.socketDir,
    '-p',
    String(PORT),
    ...settings.flatMap((s) => ['-c', s]),
  ];
  const [command, ...rest] = unprivileged([postgres, ...args]);
  const log = openSync(options.logFile, 'a', 0o600);
  // A session of its own: Ctrl-C in the terminal is for the launcher, which stops the database last.
  const child = spawn(command, rest, {
    detached: true,
    stdio: ['ignore', log, log],
    env: { ...options.environment, LC_ALL: 'C' },
  });
  closeSync(log);
  child.on('error', () => undefined); // seen as a missing pid below
  const pid = child.pid ?? 0;
  const startTime = processFacts(pid)?.startTime ?? '';
  const server = new EmbeddedServer(
    { pid, startTime, port: PORT, socketDir: options.socketDir },
    false,
    options.adminPassword,
  );
  child.on('exit', () => server.noticeExit());
  try {
    await untilReady(server, () => child.exitCode === null && child.signalCode === null && pid > 0, options.logFile);
  } catch (error) {
    // Children of a killed server hold its shared memory for a moment longer.
    if (retriesLeft === 0 || !/shared memory block/.test((error as Error).message)) throw error;
    await delay(250);
    return launch(options, retriesLeft - 1);
  }
  child.unref();
  return server;
}

async function untilReady(server: EmbeddedServer, isAlive: () => boolean, logFile: string): Promise<void> {
  const deadline = Date.now() + START_TIMEOUT_MS;
  for (;;) {
    const failure = await tryConnect(server.connection());
    if (!failure) return;
    if (failure.code === '28P01') {
      throw new AppError(
        'config.invalid',
        'The database refuses the stored password: secrets.json does not belong to this data folder.',
      );
    }
    if (!isAlive()) throw new AppError('database.unavailable', `PostgreSQL did not start: ${lastFatalLine(logFile)}`);
    if (Date.now() > deadline)
      throw new AppError('database.unavailable', `PostgreSQL did not answer within 60 s: ${failure.message}`);
    await delay(30);
  }
}

async function tryConnect(config: pg.ClientConfig): Promise<(Error & { code?: string }) | null> {
  const client = new pg.Client({ ...config, connectionTimeoutMillis: 5_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return null;
  } catch (error) {
    return error as Error;
  } finally {
    await client.end().catch(() => undefined);
  }
}

const delay = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
