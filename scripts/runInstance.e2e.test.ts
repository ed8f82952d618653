import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startEmbedded } from '../db/embedded.ts';
import { ensureDatabase } from '../db/databases.ts';
import { migrateLatest } from '../db/migrate.ts';
import { madeSecrets } from '../server/testing/madeSecrets.ts';
import { childrenOf } from '../server/testing/processes.ts';
import { freePort } from '../server/testing/freePorts.ts';
import { until } from '../server/testing/until.ts';
import { DATABASE_NAME } from './supervisor/database.ts';

// A backend as a container runs it: by launch.sh, of which nobody sees more than what it prints.
const launch = resolve(import.meta.dirname, 'platform/launch.sh');
let folder: string;
let database: Awaited<ReturnType<typeof startEmbedded>>;
let instance: ChildProcess;
/** By stream: chunks of two may meet within a line. */
const output = ['', ''];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'hf-run-'));
  const sockets = join(folder, 'pg');
  mkdirSync(sockets, { mode: 0o700 });
  database = await startEmbedded({
    dataDir: join(folder, 'data'),
    socketDir: sockets,
    logFile: join(folder, 'postgres.log'),
    adminPassword: 'only-for-this-run',
    isDurable: false,
  });
  await ensureDatabase(database.connection(), DATABASE_NAME);
  await migrateLatest(database.connection(DATABASE_NAME));
  const { assertionKey, screensKey } = madeSecrets(['backend-1']);
  const port = await freePort();
  instance = spawn('bash', [launch, 'backend'], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env.PATH,
      HOME: folder,
      SHARD_ID: 'backend-1',
      HOST: '127.0.0.1',
      PORT: String(port),
      RUN_DIR: join(folder, 'run'),
      STATE_STORE: 'none',
      DATABASE_URL: `postgres://postgres:only-for-this-run@/${DATABASE_NAME}?host=${encodeURIComponent(sockets)}`,
      ASSERTION_PUBLIC_KEYS: JSON.stringify([assertionKey.public]),
      SCREENS_KEY: screensKey,
    },
  });
  for (const [i, stream] of [instance.stdout!, instance.stderr!].entries())
    stream.on('data', (text: Buffer) => (output[i] += text.toString()));
});
afterAll(async () => {
  if (instance.exitCode === null && instance.signalCode === null) {
    const exited = new Promise((done) => instance.once('exit', done));
    instance.kill('SIGTERM');
    await exited;
  }
  await database.stop();
  rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
});

interface Line {
  app_instance: string;
  msg: string;
}
const lines = () => output.flatMap((text) => text.split('\n').slice(0, -1)).map((line) => JSON.parse(line) as Line);
const saying = (who: string, what: string) =>
  lines().filter(({ app_instance, msg }) => app_instance === who && msg === what);

test('all that a container prints is one JSON object a line, the lines of its pty host among them', async () => {
  await until(() => saying('backend-1', 'backend is ready').length === 1);
  expect(saying('backend-1.host', 'pty host is ready')).toHaveLength(1);
});

test('a backend that dies there is started again beside the same pty host, which still prints', async () => {
  const [backend] = childrenOf(instance.pid!);
  process.kill(backend!, 'SIGKILL');
  await until(() => saying('backend-1', 'backend is ready').length === 2);
  instance.kill('SIGTERM');
  await until(() => instance.exitCode !== null);
  expect([instance.exitCode, saying('backend-1.host', 'pty host is ready').length]).toEqual([0, 1]);
  expect(saying('backend-1.host', 'pty host ends')).toHaveLength(1);
});
