/** One more backend for a shard of a running stack, as a platform starts one beside an instance that it takes for dead. */
import { spawn, type ChildProcess } from 'node:child_process';
import { openSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Socket } from 'node:net';
import { roleOf } from '../../db/grants.ts';
import { runningPostmaster } from '../../db/embedded/postmaster.ts';
import { DATABASE_NAME } from '../../scripts/supervisor/database.ts';
import { readSettings } from '../../scripts/supervisor/env.ts';
import { locateHome } from '../../scripts/supervisor/home.ts';
import { backendSpec } from '../../scripts/supervisor/instances.ts';
import { ensureSecrets } from '../../scripts/supervisor/secrets.ts';
import type { Stack } from './stack.ts';
import { until } from './until.ts';

export interface SecondBackend {
  process: ChildProcess;
  port: number;
  health(): Promise<{ status: string; active_pty_sessions: number; ptyhost: string } | null>;
  stop(): Promise<void>;
}

/** Resolves when it listens; whether it is ready is for the test to see. */
export async function startSecondBackend(stack: Stack, shardId: string, port: number): Promise<SecondBackend> {
  const settings = readSettings({ ...process.env, HOLDFAST_HOME: stack.home, AUTH_MODE: 'proxy', SHARDS: '2' });
  const home = locateHome(stack.home);
  const secrets = ensureSecrets(home.secretsFile, [shardId]);
  const postmaster = runningPostmaster(home.data)!;
  const password = encodeURIComponent(secrets.databasePasswords[shardId]!);
  const host = encodeURIComponent(home.run);
  const url = `postgres://${roleOf(shardId)}:${password}@/${DATABASE_NAME}?host=${host}&port=${postmaster.port}`;
  const dist = resolve(import.meta.dirname, '../../dist');
  const plan = { settings, home, secrets, dist, databaseUrls: { [shardId]: url } };
  const spec = backendSpec(plan, { id: shardId, port });
  const log = openSync(join(home.logs, `${shardId}.second.log`), 'a', 0o600);
  const child = spawn(process.execPath, ['--enable-source-maps', spec.program], {
    cwd: '/',
    env: spec.environment,
    stdio: ['ignore', log, log, 'pipe'],
  });
  const lifeline = child.stdio[3] as Socket;
  lifeline.on('error', () => undefined);
  lifeline.write(`${JSON.stringify(spec.secrets)}\n`);
  const health = async () => {
    const response = await fetch(`http://127.0.0.1:${port}/api/health`).catch(() => null);
    return (await response?.json().catch(() => null)) as Awaited<ReturnType<SecondBackend['health']>>;
  };
  await until(async () => child.exitCode !== null || (await health()) !== null);
  return {
    process: child,
    port,
    health,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exited = new Promise((done) => child.once('exit', done));
      child.kill('SIGTERM');
      await exited;
    },
  };
}
