import { existsSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { listProcesses } from '../../base/processTable.ts';
import { parseAppYaml } from './appYaml.ts';
import { startPlatform, type Platform } from './platform.ts';
import { call, deploySample } from './sampleApp.ts';
import { ADMIN } from './state.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 }); // processes start and end in them

const BRANCH = 'projects/p/branches/b';
let platform: Platform;

beforeAll(async () => {
  const place = { host: 'db.example.com', port: 5433, sslMode: 'require', state: 'ACTIVE' };
  platform = await startPlatform({
    apps: 10,
    runner: { graceMs: 500 },
    lakebase: {
      endpoints: { [`${BRANCH}/endpoints/e`]: place },
      databases: { [`${BRANCH}/databases/d`]: 'databricks_postgres' },
    },
  });
});
afterAll(() => platform.close());

interface Told {
  headers: Record<string, string>;
  env: Record<string, string>;
  argv: string[];
  pid: number;
  isZod: boolean;
}

/** What the app says of itself, through its ingress. */
async function told(name: string): Promise<Told> {
  const headers = { authorization: `Bearer ${platform.token(ADMIN)}` };
  return (await (await fetch(`${platform.app(name).url}/api/tell`, { headers })).json()) as Told;
}

const lastDeployment = (name: string) => platform.store.read().apps[name]!.deployments.at(-1)!;

test('app.yaml holds a command and an environment of strings, and nothing else', () => {
  const bad = [
    'command: node server.js',
    'command: []',
    'resources: []',
    'env: {A: "1"}',
    'env: [{name: A, value: 1}]',
    'env: [{name: A}]',
    'env: [{name: A, value: "1", valueFrom: b}]',
    'env: [{name: A, value_from: b}]',
    'env: [{name: "A B", value: "1"}]',
    'env: [',
  ];
  for (const text of bad) expect(() => parseAppYaml(text), text).toThrow(/error reading app\.yaml/);
  expect(parseAppYaml('command: [a]\nenv: [{name: A, valueFrom: b}]')).toEqual({
    command: ['a'],
    env: [{ name: 'A', value_from: 'b' }],
  });
});

test('an app runs with the environment of the platform and nothing of ours, without a shell', async () => {
  expect((await deploySample(platform, 'plain')).app_status.state).toBe('RUNNING');
  const { env, argv, isZod } = await told('plain');
  const app = platform.app('plain');
  expect(env).toMatchObject({
    PLAIN: '1',
    DATABRICKS_APP_NAME: 'plain',
    DATABRICKS_HOST: platform.api.url,
    DATABRICKS_CLIENT_ID: app.service_principal_client_id,
    DATABRICKS_APP_PORT: String(platform.runner.portOf('plain')),
  });
  expect(env['VITEST']).toBeUndefined();
  expect(argv.slice(2)).toEqual([env['DATABRICKS_APP_PORT'], '$HOME']);
  expect(isZod).toBe(true);
  expect(platform.log('plain')).toMatch(/\[APP\] listening\n/);
});

test('valueFrom gives what the table of the platform says, and a database its PG variables', async () => {
  await call(platform, 'POST', '/secrets/scopes/create', { scope: 's' });
  await call(platform, 'POST', '/secrets/put', { scope: 's', key: 'k', string_value: 'two\nlines' });
  await call(platform, 'POST', '/apps', { name: 'other' });
  const resources = [
    {
      name: 'db',
      postgres: { branch: BRANCH, database: `${BRANCH}/databases/d`, permission: 'CAN_CONNECT_AND_CREATE' },
    },
    { name: 'key', secret: { scope: 's', key: 'k', permission: 'READ' } },
    { name: 'peer', app: { name: 'other', permission: 'CAN_USE' } },
  ];
  await call(platform, 'POST', '/apps', { name: 'fed', resources });
  const names = Object.entries({ A: 'db', B: 'key', C: 'peer' });
  const env = names.map(([name, from]) => `  - {name: ${name}, valueFrom: ${from}}\n`).join('');
  await deploySample(platform, 'fed', { 'app.yaml': `command: [node, server.mjs]\nenv:\n${env}` });
  expect((await told('fed')).env).toMatchObject({
    A: `${BRANCH}/endpoints/e`,
    B: 'two\nlines',
    C: 'other',
    PGHOST: 'db.example.com',
    PGPORT: '5433',
    PGDATABASE: 'databricks_postgres',
    PGUSER: platform.app('fed').service_principal_client_id,
    PGSSLMODE: 'require',
  });
  const missing = 'command: [node, server.mjs]\nenv: [{name: A, valueFrom: nothing}]\n';
  await deploySample(platform, 'fed', { 'app.yaml': missing });
  expect(lastDeployment('fed').status).toMatchObject({
    state: 'FAILED',
    message: expect.stringMatching(/nothing/) as string,
  });
});

test('a release that cannot be built leaves the one before running; another one takes its place on a new disk', async () => {
  await deploySample(platform, 'turns');
  const before = (await told('turns')).env['HOME']!;
  const forgetful = JSON.stringify({ type: 'module', dependencies: { 'no-such-package-here': '1' } });
  await deploySample(platform, 'turns', { 'package.json': forgetful });
  expect(lastDeployment('turns').status.state).toBe('FAILED');
  expect((await told('turns')).env['HOME']).toBe(before);
  await deploySample(platform, 'turns');
  const after = (await told('turns')).env['HOME']!;
  expect([after === before, existsSync(before), existsSync(after)]).toEqual([false, false, true]);
  expect(platform.log('turns')).toContain('[APP] told to end');
});

test('what a release does not declare is not there, and the app crashes', async () => {
  const app = await deploySample(platform, 'undeclared', { 'package.json': '{"type":"module"}' });
  expect(app).toMatchObject({
    app_status: { state: 'CRASHED' },
    active_deployment: { status: { state: 'SUCCEEDED' } },
  });
  expect(platform.log('undeclared')).toContain("Cannot find package 'zod'");
});

test.runIf(process.platform === 'linux')('an app that listens on loopback alone is not reached', async () => {
  const yaml = 'command: [node, server.mjs]\nenv: [{name: LISTEN, value: "127.0.0.1"}]\n';
  platform.runner.set({ startLimitMs: 1500 });
  const app = await deploySample(platform, 'shy', { 'app.yaml': yaml });
  platform.runner.set({ startLimitMs: 60_000 });
  expect(app.app_status).toMatchObject({ state: 'CRASHED', message: 'App did not start listening in time.' });
});

test('an app that ends by itself is shown as crashed, and answered 502', async () => {
  await deploySample(platform, 'mortal');
  const headers = { authorization: `Bearer ${platform.token(ADMIN)}` };
  expect((await fetch(`${platform.app('mortal').url}/api/exit`, { headers })).status).toBe(502);
  await expect.poll(() => platform.app('mortal').app_status.state).toBe('CRASHED');
  expect((await fetch(`${platform.app('mortal').url}/api/tell`, { headers })).status).toBe(502);
});

test('a deleted app ends, and its address answers no more', async () => {
  await deploySample(platform, 'gone');
  const { url } = platform.app('gone');
  await call(platform, 'DELETE', '/apps/gone');
  await expect.poll(async () => JSON.stringify(await call(platform, 'GET', '/apps'))).not.toContain('"gone"');
  await expect.poll(() => platform.log('gone')).toContain('[APP] told to end');
  expect((await fetch(url)).status).toBe(404);
});

test('with an app ends everything that it started, and what does not heed SIGTERM is killed', async () => {
  const yaml = 'command: [node, start.mjs]\nenv: [{name: STUBBORN, value: "1"}]\n';
  const start = `import { spawn } from 'node:child_process';
    spawn('sleep', ['54321'], { detached: true, stdio: 'ignore' }).unref();
    await import('./server.mjs');`;
  await deploySample(platform, 'family', { 'app.yaml': yaml, 'start.mjs': start });
  if (process.platform === 'linux') expect(sleepers()).toBe(1);
  await call(platform, 'POST', '/apps/family/stop');
  await expect
    .poll(() => call(platform, 'GET', '/apps/family'))
    .toMatchObject({ compute_status: { state: 'STOPPED' } });
  expect(platform.log('family')).toMatch(/told to end\n.*ended: signal SIGKILL/);
  expect(sleepers()).toBe(0);
});

/** How many `sleep 54321` there are; where there is no /proc none is seen. */
function sleepers(): number {
  return listProcesses().filter(({ pid }) => commandLine(pid) === 'sleep 54321').length;
}

function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').join(' ').trim();
  } catch {
    return ''; // it has ended
  }
}
