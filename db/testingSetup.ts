/** Before the database tests: a server, ours or TEST_DATABASE_URL, and the migrated template. After them: neither. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { asAdmin, dropDatabase, ensureDatabase } from './databases.ts';
import { startEmbedded } from './embedded.ts';
import { migrateLatest } from './migrate.ts';
import './testing.ts';

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = process.env['TEST_DATABASE_URL'] ? givenServer(process.env['TEST_DATABASE_URL']) : await ownServer();
  const prefix = `holdfast_test_${randomBytes(4).toString('hex')}`;
  const template = `${prefix}_template`;
  const admin = server.urlPattern.replace('DATABASE', 'postgres');
  await ensureDatabase(admin, template);
  await migrateLatest(server.urlPattern.replace('DATABASE', template));
  project.provide('testServer', { urlPattern: server.urlPattern, template, prefix });
  return async () => {
    await dropAll(admin, prefix);
    await server.stop();
  };
}

interface Server {
  urlPattern: string;
  stop(): Promise<void>;
}

function givenServer(url: string): Server {
  return { urlPattern: url.replace(/^([a-z]+:\/\/[^/]*\/)[^?]*/, '$1DATABASE'), stop: () => Promise.resolve() };
}

async function ownServer(): Promise<Server> {
  const dir = mkdtempSync(join(tmpdir(), 'holdfast-db-'));
  const embedded = await startEmbedded({
    dataDir: join(dir, 'data'),
    socketDir: dir,
    logFile: join(dir, 'postgres.log'),
    adminPassword: 'only-for-this-run',
    isDurable: false,
  });
  const { user, password } = embedded.connection();
  return {
    urlPattern: embedded.url(user, password, 'DATABASE'),
    stop: async () => {
      await embedded.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** What a failed test left behind goes as well. */
async function dropAll(admin: string, prefix: string): Promise<void> {
  const names = await asAdmin(admin, async (client) => {
    const { rows } = await client.query<{ datname: string }>('select datname from pg_database where datname like $1', [
      `${prefix}%`,
    ]);
    return rows.map((row) => row.datname);
  });
  for (const name of names) await dropDatabase(admin, name);
}
