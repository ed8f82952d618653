import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { asAdmin, ensureDatabase } from './databases.ts';
import { startEmbedded, type EmbeddedOptions } from './embedded.ts';
import type { EmbeddedServer } from './embedded/server.ts';

let dir: string;
let options: EmbeddedOptions;
const started: EmbeddedServer[] = [];

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'holdfast-embedded-'));
  options = {
    dataDir: join(dir, 'data'),
    socketDir: dir,
    logFile: join(dir, 'log'),
    adminPassword: 'pass word/?',
    isDurable: false,
  };
});
afterEach(async () => {
  for (const server of started.splice(0)) await server.stop();
  rmSync(dir, { recursive: true, force: true });
});

async function start(changes: Partial<EmbeddedOptions> = {}): Promise<EmbeddedServer> {
  const server = await startEmbedded({ ...options, ...changes });
  started.push(server);
  return server;
}

const ended = (server: EmbeddedServer) => new Promise<void>((resolve) => server.onExit(resolve));

const count = (server: EmbeddedServer) =>
  asAdmin(server.connection('app'), async (client) => (await client.query('select * from notes')).rowCount);

async function startWithOneRow(): Promise<EmbeddedServer> {
  const server = await start();
  await ensureDatabase(server.connection(), 'app');
  await asAdmin(server.connection('app'), (client) => client.query('create table notes as select 1 as id'));
  return server;
}

test('a killed server is noticed, and the next start finds everything that was committed', async () => {
  const first = await startWithOneRow();
  process.kill(first.postmaster.pid, 'SIGKILL');
  await ended(first);
  const second = await start();
  expect(second.isAdopted).toBe(false);
  expect(await count(second)).toBe(1);
});

test('a server that outlived its launcher is adopted, and its end is noticed', async () => {
  const first = await startWithOneRow();
  const second = await start();
  expect([second.isAdopted, second.postmaster.pid]).toEqual([true, first.postmaster.pid]);
  expect(await count(second)).toBe(1);
  process.kill(first.postmaster.pid, 'SIGKILL');
  await ended(second);
});

test('a server whose socket is gone is replaced', async () => {
  const first = await startWithOneRow();
  rmSync(join(dir, '.s.PGSQL.5432'));
  const second = await start();
  expect(second.postmaster.pid).not.toBe(first.postmaster.pid);
  expect(await count(second)).toBe(1);
});

test('a pid file whose number belongs to another program does not stop a start', async () => {
  const first = await startWithOneRow();
  const pidFile = join(dir, 'data', 'postmaster.pid');
  const text = readFileSync(pidFile, 'utf8');
  await first.stop();
  writeFileSync(pidFile, text.replace(/^\d+/, String(process.ppid)));
  expect(await count(await start())).toBe(1);
});

test('the only way in is a private socket and a password', async () => {
  const server = await start();
  const socket = statSync(join(dir, '.s.PGSQL.5432'));
  expect((socket.mode & 0o077).toString(8)).toBe('0');
  const listening = await asAdmin(server.connection(), async (client) => {
    return (await client.query<{ listen_addresses: string }>('show listen_addresses')).rows;
  });
  expect(listening).toEqual([{ listen_addresses: '' }]);
  await expect(asAdmin({ ...server.connection(), password: 'wrong' }, () => Promise.resolve())).rejects.toThrow(
    /password/,
  );
  await server.stop();
  await expect(start({ adminPassword: 'lost' }).then((s) => s.postmaster)).rejects.toMatchObject({
    code: 'config.invalid',
  });
});

test('where no server can be found the error says what to do', async () => {
  await expect(start({ binDirs: ['/nonexistent'] })).rejects.toMatchObject({
    code: 'config.invalid',
    message: expect.stringContaining('set DATABASE_URL') as string,
  });
});

test('a stopped server leaves no socket behind', async () => {
  const server = await start();
  await server.stop();
  expect(existsSync(join(dir, '.s.PGSQL.5432'))).toBe(false);
});
