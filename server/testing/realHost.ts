/** A real pty host process of its own, in a temporary folder, for tests without a backend. */
import { spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { hostFileNames } from '../base/hostFile.ts';
import { HOST_PROTOCOL_VERSION, type HostedSession, type SpawnSpec } from '../ptyhost/hostProtocol.ts';
import type { HostSettings } from '../ptyhost/settings.ts';
import { HostClient } from '../sessions/hostClient.ts';
import { until } from './until.ts';

/** From the sources: these tests need no build. */
export const HOST_COMMAND = [
  process.execPath,
  '--import',
  import.meta.resolve('tsx'),
  resolve(import.meta.dirname, '../ptyHost.ts'),
];
export const TEST_ENVIRONMENT = { PATH: process.env.PATH ?? '/usr/bin:/bin', LANG: 'C.UTF-8' };
const SHARD = 'backend-1';

export class RealHost {
  readonly settings: HostSettings;
  readonly #children: ChildProcess[] = [];
  #lives = 0;

  private constructor(readonly home: string) {
    const { socket, file } = hostFileNames(SHARD, HOST_PROTOCOL_VERSION);
    mkdirSync(join(home, 'run'), { mode: 0o700 });
    this.settings = {
      shardId: SHARD,
      key: randomUUID(),
      socketPath: join(home, 'run', socket),
      pidFile: join(home, 'run', file),
      directory: join(home, 'sessions'),
      logFile: join(home, 'host.log'),
      logLevel: 'info',
      endGraceMs: 200,
    };
  }

  /** A folder for hosts; none runs yet. */
  static prepare(): RealHost {
    return new RealHost(mkdtempSync(join(tmpdir(), 'hf-host-')));
  }

  static async start(): Promise<RealHost> {
    const host = RealHost.prepare();
    host.run();
    (await host.connect()).close();
    return host;
  }

  /** Starts one more host process on the same path; resolves when it is there, which does not mean that it listens. */
  run(): ChildProcess {
    const [file, ...args] = HOST_COMMAND as [string, ...string[]];
    const child = spawn(file, args, { stdio: ['pipe', 'ignore', 'inherit'], env: TEST_ENVIRONMENT, cwd: '/' });
    child.stdin.end(JSON.stringify(this.settings));
    this.#children.push(child);
    return child;
  }

  /** As a backend whose life began at `since`; by default later than those before it. Waits until a host listens. */
  async connect(since = ++this.#lives): Promise<HostClient> {
    const hello = { version: HOST_PROTOCOL_VERSION, key: this.settings.key, since };
    let client: HostClient | undefined;
    await until(async () => {
      client = await HostClient.connect(this.settings.socketPath, hello, () => undefined).catch(
        (error: NodeJS.ErrnoException) => {
          if (['ENOENT', 'ECONNREFUSED', 'ECONNRESET'].includes(error.code ?? '')) return undefined;
          throw error;
        },
      );
      return client !== undefined;
    });
    return client!;
  }

  async remove(): Promise<void> {
    const running = this.#children.filter((child) => child.exitCode === null && child.signalCode === null);
    await Promise.all(
      running.map(async (child) => {
        const gone = new Promise((resolve) => child.once('exit', resolve));
        child.kill('SIGCONT');
        child.kill('SIGTERM');
        await gone;
      }),
    );
    rmSync(this.home, { recursive: true, force: true });
  }
}

/** What runs `script` in a shell. */
export function shellSpec(script: string, sessionId: string = randomUUID()): SpawnSpec {
  const env = { PATH: process.env.PATH ?? '/usr/bin:/bin', TERM: 'xterm-256color' };
  const shell = { file: '/bin/sh', args: ['-c', script], cwd: '/', env, cols: 80, rows: 24 };
  return { ...shell, sessionId, incarnation: 1, label: '{}' };
}

export async function spawnShell(client: HostClient, script: string): Promise<HostedSession> {
  return client.request<HostedSession>({ t: 'spawn', spec: shellSpec(script) });
}
