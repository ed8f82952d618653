import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { putCliOnPath } from './cliOnPath.ts';
import type { App } from './state.ts';
import { PlatformStore } from './store.ts';

const HOME = '/Workspace/Users/admin@example.com';
vi.setConfig({ testTimeout: 60_000 }); // each runs dozens of processes

let folder: string;
let bin: string;
let store: PlatformStore;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'hf-cli-'));
  store = PlatformStore.create(folder);
  bin = await putCliOnPath(folder);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Ended {
  code: number;
  out: string;
  err: string;
}

/** Runs `databricks` as a script would find it. */
function cli(args: string[], { stdin = '', env = {} }: { stdin?: string; env?: Record<string, string> } = {}) {
  return new Promise<Ended>((resolve) => {
    const options = { env: { PATH: [bin, process.env['PATH']].join(delimiter), HOME: folder, ...env } };
    const child = execFile('databricks', args, options, (error, out, err) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : error ? -1 : 0, out, err }),
    );
    child.stdin!.end(stdin);
  });
}

async function json<Value = App>(...args: string[]): Promise<Value> {
  const { code, out, err } = await cli([...args, '-o', 'json']);
  expect(err).toBe('');
  expect(code).toBe(0);
  return JSON.parse(out) as Value;
}

/** What stands behind `Error: ` on the first line. */
async function refusal(...args: string[]): Promise<string> {
  const { code, out, err } = await cli(args);
  expect([code, out]).toEqual([1, '']);
  return err.split('\n')[0]!.replace('Error: ', '');
}

function sourceFolder(name: string, files: Record<string, string | Buffer>): string {
  const source = join(folder, `source-${name}`);
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(source, path)), { recursive: true });
    writeFileSync(join(source, path), content);
  }
  return source;
}

async function uploaded(name: string, files: Record<string, string | Buffer> = { 'app.yaml': 'command: ["true"]\n' }) {
  const target = `${HOME}/${name}`;
  const { err } = await cli(['workspace', 'import-dir', sourceFolder(name, files), target, '--overwrite']);
  expect(err).toBe('');
  return target;
}

test('flags and words that the real CLI does not take are refused in its words, with the usage behind them', async () => {
  const naive = await cli(['apps', 'deploy', 'be1', '--source-code-path', '.', '--config', 'x', '--env', 'K=V']);
  expect(naive).toMatchObject({ code: 1, out: '' });
  expect(naive.err).toMatch(
    /^Error: unknown flag: --config\n\nUsage:\n {2}databricks apps deploy \[APP_NAME\] \[flags\]\n/,
  );
  expect(await refusal('apps', 'create', 'x1', '--json', '{"name":"x1"}')).toMatch(
    /^when --json flag is specified, no positional arguments/,
  );
  expect(await refusal('apps', 'get')).toBe('accepts 1 arg(s), received 0');
  expect(await refusal('apps', 'frobnicate')).toBe('unknown command "frobnicate" for "databricks apps"');
  expect(await refusal('frobnicate')).toBe('unknown command "frobnicate" for "databricks"');
  expect(await refusal('apps', 'deploy', 'x', '--mode')).toBe('flag needs an argument: --mode');
  expect(await refusal('apps', 'deploy', 'x', '--mode', 'FAST')).toMatch(/value "FAST" is not one of "AUTO_SYNC"/);
  expect(await refusal('apps', 'create', 'x', '--timeout', '20')).toMatch(/missing unit in duration "20"/);
  expect(await refusal('apps', 'get', 'x', '-z')).toBe("unknown shorthand flag: 'z' in -z");
  expect(await refusal('apps', 'list', '-p', 'nobody')).toMatch(/has no nobody profile configured/);
});

test('an app comes up by and by, has what the platform gives it, and is made only once', async () => {
  expect(await refusal('apps', 'get', 'one')).toBe('App with name one does not exist or is deleted.');
  const made = await json('apps', 'create', 'one', '--no-wait', '--description', 'first');
  expect(made).toMatchObject({ compute_status: { state: 'STARTING' }, compute_size: 'MEDIUM', description: 'first' });
  expect(made.url).toMatch(/^https:\/\/one-\d+\.18\.azure\.databricksapps\.com$/);
  expect(made.service_principal_client_id).toMatch(/^[0-9a-f-]{36}$/);
  expect(made.service_principal_id).toBeTypeOf('number');
  expect(await refusal('apps', 'create', 'one')).toMatch(/already exists/);
  const other = await json('-p', 'DEFAULT', 'apps', 'create', '--json', '{"name":"two","compute_size":"LARGE"}');
  expect(other).toMatchObject({ compute_status: { state: 'ACTIVE' }, compute_size: 'LARGE' });
  expect(await json('apps', 'create', 'cold', '--no-compute', '--no-wait')).toMatchObject({
    compute_status: { state: 'STOPPED' },
  });
  expect((await cli(['apps', 'list'])).out).toMatch(/^Name +Url +ComputeStatus/);
  expect((await json<App[]>('apps', 'list')).map(({ name }) => name)).toEqual(['one', 'two', 'cold']);
  expect(await refusal('apps', 'create', 'Big_Name')).toMatch(/Invalid app name/);
});

test('size is not changed by update, and create-update replaces what its mask names, wholesale', async () => {
  await json('apps', 'create', 'three');
  expect(await refusal('apps', 'update', 'three', '--compute-size', 'LARGE')).toBe(
    'Compute size updates are not supported in this update API. Please use the new update API instead.',
  );
  const resources = [{ name: 'a', sql_warehouse: { id: '1', permission: 'CAN_USE' } }];
  const update = (mask: string, app: object) =>
    json('apps', 'create-update', 'three', '--json', JSON.stringify({ update_mask: mask, app }));
  await update('resources,compute_size', { resources, compute_size: 'LARGE', description: 'not named' });
  const changed = await json('apps', 'get', 'three');
  expect(changed).toMatchObject({ resources, compute_size: 'LARGE' });
  expect(changed.description).toBeUndefined();
  await update('resources', { resources: [{ name: 'b', app: { name: 'three', permission: 'CAN_USE' } }] });
  expect((await json('apps', 'get', 'three')).resources!.map(({ name }) => name)).toEqual(['b']);
  expect(await refusal('apps', 'create-update', 'three', 'resources', '--json', '{}')).toMatch(/provide only APP_NAME/);
});

test('a deployment wants an uploaded workspace path, active compute and no other one under way', async () => {
  const path = await uploaded('four');
  await json('apps', 'create', 'four', '--no-compute', '--no-wait');
  expect(await refusal('apps', 'deploy', 'four', '--source-code-path', path)).toMatch(/compute is not in ACTIVE state/);
  await json('apps', 'start', 'four');
  expect(await refusal('apps', 'deploy', 'four')).toMatch(/must be specified/);
  expect(await refusal('apps', 'deploy', 'four', '--source-code-path', '.')).toMatch(/valid workspace path/);
  expect(await refusal('apps', 'deploy', 'four', '--source-code-path', `${HOME}/never`)).toMatch(/does not exist/);
  store.update(({ settings }) => (settings.delaysMs.deploy = 3_600_000));
  const vars = { source_code_path: path, env_vars: [{ name: 'K', value: 'V' }] };
  const begun = await json<{ deployment_id: string }>(
    'apps',
    'deploy',
    'four',
    '--no-wait',
    '--json',
    JSON.stringify(vars),
  );
  expect(await refusal('apps', 'deploy', 'four', '--source-code-path', path)).toBe(
    'Cannot deploy app four as there is an active deployment in progress',
  );
  store.update(({ settings, apps }) => {
    settings.delaysMs.deploy = 0;
    for (const due of apps['four']!.due) due.atMs = 0;
  });
  await expect
    .poll(() => json('apps', 'get', 'four'))
    .toMatchObject({ app_status: { state: 'RUNNING' }, active_deployment: { env_vars: [{ name: 'K' }] } });
  const deployment = await json<object>('apps', 'get-deployment', 'four', begun.deployment_id);
  expect(deployment).toMatchObject({ status: { state: 'SUCCEEDED' }, source_code_path: path, mode: 'SNAPSHOT' });
  expect(JSON.stringify(deployment)).not.toContain('"V"');
  expect(store.read().apps['four']!.appYaml).toBe('command: ["true"]\n');
});

test('what is scripted to fail fails, once, and a cancelled deployment is waited for in vain', async () => {
  const path = await uploaded('five');
  await json('apps', 'create', 'five');
  const deploy = ['apps', 'deploy', 'five', '--source-code-path', path];
  store.addFault({ on: '^deployment five$', state: 'FAILED', message: 'npm install failed' });
  const failed = await cli(deploy);
  expect(failed.code).toBe(1);
  expect(failed.err).toContain('failed to reach SUCCEEDED, got FAILED: npm install failed\n\nTo view app logs, run:');
  store.addFault({ on: '^deployment five$', state: 'CANCELLED' });
  expect((await cli([...deploy, '--timeout', '100ms'])).err).toMatch(/^Error: timed out: /);
  store.addFault({ on: '^app five$', state: 'CRASHED' });
  await json(...deploy);
  await expect.poll(() => json('apps', 'get', 'five')).toMatchObject({ app_status: { state: 'CRASHED' } });
  store.addFault({ on: '^apps deploy five', exit: { code: 1, stderr: 'Error: lost\n' }, when: 'after' });
  expect(await cli(deploy)).toEqual({ code: 1, out: '', err: 'Error: lost\n' });
  expect((await json<object[]>('apps', 'list-deployments', 'five')).length).toBe(4);
  store.addFault({ on: '^POST /api/2.0/apps/five/deployments', answer: { status: 500, body: { message: 'no' } } });
  expect(await refusal(...deploy)).toBe('no');
});

test('stop takes the deployment away, start brings it back, and a deleted app is deleted only once', async () => {
  const path = await uploaded('six');
  await json('apps', 'create', 'six');
  await json('apps', 'deploy', 'six', '--source-code-path', path);
  const stopped = await json('apps', 'stop', 'six');
  expect(stopped.compute_status.state).toBe('STOPPED');
  expect(stopped.active_deployment).toBeUndefined();
  await json('apps', 'start', 'six');
  await expect.poll(() => json('apps', 'get', 'six')).toMatchObject({ app_status: { state: 'RUNNING' } });
  expect((await cli(['apps', 'start', 'six'])).code).toBe(0);
  store.update((state) => (state.settings.delaysMs.delete = 60_000));
  expect(await json('apps', 'delete', 'six')).toMatchObject({ compute_status: { state: 'DELETING' } });
  expect(await refusal('apps', 'delete', 'six')).toMatch(/DELETING/);
});

test('import-dir really copies, leaves node_modules out, and a file above 10 MB fails the deployment', async () => {
  const path = await uploaded('seven', {
    'app.yaml': 'command: ["true"]\n',
    'dist/a b.js': 'x',
    'node_modules/p/i.js': 'x',
    'big.bin': Buffer.alloc(10_485_761),
  });
  expect(readFileSync(join(folder, 'workspace', 'Users/admin@example.com/seven/dist/a b.js'), 'utf8')).toBe('x');
  expect((await json<{ path: string }[]>('workspace', 'list', path)).map((one) => one.path.split('/').at(-1))).toEqual([
    'app.yaml',
    'big.bin',
    'dist',
  ]);
  expect(await refusal('workspace', 'get-status', `${path}/node_modules`)).toBe(
    `Path (${path}/node_modules) doesn't exist.`,
  );
  await json('apps', 'create', 'seven');
  expect(await refusal('apps', 'deploy', 'seven', '--source-code-path', path)).toMatch(
    /big\.bin: File is larger than 10485760 bytes/,
  );
  expect(await refusal('workspace', 'delete', path)).toMatch(/is not empty/);
  expect((await cli(['workspace', 'delete', path, '--recursive'])).code).toBe(0);
});

test('sync leaves out what git ignores, and removes what vanished', async () => {
  const source = sourceFolder('eight', { '.gitignore': 'dist\n', 'a.js': '1', 'dist/b.js': '2' });
  const target = `${HOME}/eight`;
  expect((await cli(['sync', source, target])).out).toBe('Initial Sync Complete\nUploaded .gitignore\nUploaded a.js\n');
  rmSync(join(source, 'a.js'));
  const second = await cli(['sync', source, target, '--include', 'dist/**']);
  expect(second.out).toContain('Deleted a.js\n');
  expect(second.out).toContain('Uploaded dist/b.js\n');
  expect(await refusal('workspace', 'get-status', `${target}/a.js`)).toMatch(/doesn't exist/);
});

test('a secret comes by stdin as it is, and an app may name one that is there', async () => {
  expect(await cli(['secrets', 'create-scope', 'hf'])).toEqual({ code: 0, out: '', err: '' });
  expect(await refusal('secrets', 'create-scope', 'hf')).toBe('Scope hf already exists!');
  expect(await cli(['secrets', 'put-secret', 'hf', 'key'], { stdin: 'one\ntwo\n' })).toMatchObject({
    code: 0,
    out: '',
  });
  const read = await json<{ value: string }>('secrets', 'get-secret', 'hf', 'key');
  expect(Buffer.from(read.value, 'base64').toString()).toBe('one\ntwo\n');
  expect((await json<{ key: string }[]>('secrets', 'list-secrets', 'hf')).map(({ key }) => key)).toEqual(['key']);
  const create = (key: string) => [
    'apps',
    'create',
    '--json',
    JSON.stringify({
      name: 'nine',
      resources: [{ name: 's', secret: { scope: 'hf', key, permission: 'READ' } }],
    }),
  ];
  expect(await refusal(...create('other'))).toMatch(/Secret does not exist/);
  await json(...create('key'));
});

test('rights on an app: set replaces, update adds, and naming an app as a resource grants its use', async () => {
  const owner = await json('apps', 'create', 'ten');
  const list = [{ user_name: 'ann@example.com', permission_level: 'CAN_USE' }];
  const body = JSON.stringify({ access_control_list: list });
  const names = (acl: { access_control_list: Record<string, string>[] }) =>
    acl.access_control_list.map((one) => one['user_name'] ?? one['group_name'] ?? one['service_principal_name']);
  type Acl = { access_control_list: Record<string, string>[] };
  expect(names(await json<Acl>('apps', 'update-permissions', 'ten', '--json', body))).toEqual([
    'admin@example.com',
    'admins',
    'ann@example.com',
  ]);
  expect(names(await json<Acl>('apps', 'set-permissions', 'ten', '--json', body))).toEqual([
    'admins',
    'ann@example.com',
  ]);
  const front = await json(
    'apps',
    'create',
    '--json',
    JSON.stringify({ name: 'front', resources: [{ name: 'ten', app: { name: owner.name, permission: 'CAN_USE' } }] }),
  );
  expect(names(await json<Acl>('apps', 'get-permissions', 'ten'))).toContain(front.service_principal_client_id);
});

test('tokens are for people who signed in; a service principal has none', async () => {
  const token = await json<{ access_token: string; token_type: string }>('auth', 'token');
  expect(token).toMatchObject({ token_type: 'Bearer', access_token: expect.stringMatching(/^eyJ/) as string });
  const { service_principal_client_id: id } = await json('apps', 'create', 'eleven');
  const secret = store.read().principals.find(({ userName }) => userName === id)!.clientSecret!;
  const env = { DATABRICKS_HOST: 'x', DATABRICKS_CLIENT_ID: id, DATABRICKS_CLIENT_SECRET: secret };
  expect((await cli(['auth', 'token'], { env })).err).toMatch(/OAuth is not configured for this host/);
  const me = JSON.parse((await cli(['current-user', 'me'], { env })).out) as Record<string, unknown>;
  expect(me).toMatchObject({ userName: id });
  expect(me['emails']).toBeUndefined();
  expect((await cli(['current-user', 'me'], { env: { ...env, DATABRICKS_CLIENT_SECRET: 'x' } })).code).toBe(1);
});

test('every command line is in the journal, with how it ended', async () => {
  await cli(['--version']);
  await cli(['apps', 'get', 'nobody']);
  expect(store.entries('cli').slice(-2)).toMatchObject([
    { argv: ['--version'], status: 0 },
    { argv: ['apps', 'get', 'nobody'], status: 1 },
  ]);
});

test('many commands at once lose nothing of each other', async () => {
  await Promise.all([1, 2, 3, 4, 5, 6].map((n) => cli(['secrets', 'create-scope', `scope-${n}`])));
  expect(Object.keys(store.read().scopes).filter((name) => name.startsWith('scope-')).length).toBe(6);
});
