import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { listProcesses } from '../../base/processTable.ts';
import type { CredentialRequest } from './lakebase.ts';
import { startPlatform, type Platform } from './platform.ts';
import { SAMPLE } from './sampleApp.ts';
import { ADMIN, type App } from './state.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const ENDPOINT = 'projects/p/branches/b/endpoints/e';
const given: CredentialRequest[] = [];
let platform: Platform;
let source: string;

beforeAll(async () => {
  const place = { host: 'localhost', port: 5432, sslMode: 'require', state: 'ACTIVE' };
  platform = await startPlatform({
    lakebase: { endpoints: { [ENDPOINT]: place } },
    giveCredential: (request) => {
      given.push(request);
      return Promise.resolve({ token: 'pw', expiresMs: Date.UTC(2030, 0, 1) });
    },
  });
  source = mkdtempSync(join(tmpdir(), 'hf-source-'));
  for (const [name, text] of Object.entries(SAMPLE)) writeFileSync(join(source, name), text);
  mkdirSync(join(source, 'node_modules'));
});
afterAll(async () => {
  await platform.close();
  rmSync(source, { recursive: true, force: true });
});

async function cli<Value = App>(...args: string[]): Promise<Value> {
  const { stdout } = await promisify(execFile)('databricks', [...args, '-o', 'json'], { env: { PATH: platform.path } });
  return (stdout.startsWith('{') || stdout.startsWith('[') ? JSON.parse(stdout) : stdout) as Value;
}

test('an app is put up by commands alone, answers at its address, and is taken down', async () => {
  const { url } = await cli('apps', 'create', 'one');
  const target = `/Workspace/Users/${ADMIN}/one`;
  await cli('workspace', 'import-dir', source, target);
  await cli('apps', 'deploy', 'one', '--source-code-path', target);
  await expect.poll(() => cli('apps', 'get', 'one')).toMatchObject({ app_status: { state: 'RUNNING' } });
  const { access_token: token } = await cli<{ access_token: string }>('auth', 'token');
  const answer = await fetch(`${url}/api/tell`, { headers: { authorization: `Bearer ${token}` } });
  expect(await answer.json()).toMatchObject({ headers: { 'x-forwarded-email': ADMIN } });
  expect(await cli<string>('apps', 'logs', 'one', '--source', 'APP')).toMatch(/\[APP\] listening\n$/);
  expect(await cli('apps', 'stop', 'one')).toMatchObject({ compute_status: { state: 'STOPPED' } });
  await cli('apps', 'start', 'one');
  await expect.poll(() => cli('apps', 'get', 'one')).toMatchObject({ app_status: { state: 'RUNNING' } });
});

test('a command gets the password of the database from the test that knows it', async () => {
  expect(await cli<object>('postgres', 'generate-database-credential', ENDPOINT)).toEqual({
    token: 'pw',
    expire_time: '2030-01-01T00:00:00.000Z',
  });
  expect(given).toEqual([{ role: ADMIN, product: 'autoscaling', target: ENDPOINT, ttlMs: null }]);
  expect(await cli<object[]>('postgres', 'list-endpoints', 'projects/p/branches/b')).toMatchObject([
    { name: ENDPOINT },
  ]);
});

test('nothing is left of a platform that was closed', async () => {
  const { folder } = platform.store;
  if (process.platform === 'linux') expect(livingIn(folder)).not.toEqual([]);
  await platform.close();
  expect(livingIn(folder)).toEqual([]);
  expect(existsSync(folder)).toBe(false);
});

/** Processes that work in a folder, as far as there is a /proc. */
function livingIn(folder: string): number[] {
  return listProcesses().flatMap(({ pid }) => (workingFolder(pid).startsWith(folder) ? [pid] : []));
}

function workingFolder(pid: number): string {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return ''; // it has ended
  }
}
