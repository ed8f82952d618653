import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Page } from 'playwright-core';
import { openHoldfast, type Holdfast } from '../../client/index.ts';
import { openBrowser, typeLine, waitForConnection, waitForScreen, type Browser } from './browser.ts';
import { startDeployTrial, type DeployTrial } from './deployTrial.ts';
import { ADMIN } from './platform/state.ts';
import { until } from './until.ts';

// One story in order: an admin puts Holdfast up, people use it through the ingress, and later releases go well and badly.
const APPS = ['builder-backend-1', 'builder-backend-2', 'builder-frontend'];
let trial: DeployTrial;
let browser: Browser;
let page: Page;

beforeAll(async () => {
  trial = await startDeployTrial();
  browser = await openBrowser();
});
afterAll(async () => {
  await browser?.remove();
  await trial?.remove();
});

const app = (name: string) => trial.platform.app(name);
const releases = () => APPS.map((name) => app(name).active_deployment?.source_code_path ?? '');
const frontendUrl = () => app('builder-frontend').url;
const cookie = () => trial.platform.ingress.auth.signIn('builder-frontend', ADMIN);
/** Commands that change something, since the entry `from` of the journal. */
const changes = (from = 0) =>
  trial.platform.store
    .entries('cli')
    .slice(from)
    .map(({ what }) => what)
    .filter(
      (what) => !/^(current-user|auth|apps (get|list)|secrets (list|get)|postgres|database|workspace list)/.test(what),
    );
const callsSoFar = () => trial.platform.store.entries('cli').length;

async function healthOf(name: string): Promise<unknown> {
  const headers = { authorization: `Bearer ${trial.platform.token(ADMIN)}` };
  const response = await fetch(`${app(name).url}/api/health`, { headers, redirect: 'manual' });
  return response.status === 200 ? ((await response.json()) as { status: string }).status : response.status;
}

const allHealths = () => Promise.all(APPS.map(healthOf));

function asAdmin(): Promise<Holdfast> {
  return openHoldfast({ url: frontendUrl(), headers: { cookie: cookie() } });
}

test('a dry run prints every call, with secrets hidden, and makes none', async () => {
  const { code, output } = await trial.deploy(['--dry-run']);
  expect([code, changes()]).toEqual([0, []]);
  for (const call of ['apps create', 'secrets put-secret', 'workspace import-dir', 'apps deploy builder-frontend'])
    expect(output).toContain(`would call: databricks ${call}`);
  expect(output).not.toMatch(/"d":/); // the private half of a key
});

test('the first run makes what is missing, deploys, and tells what the ingress lets through', async () => {
  const { code, output } = await trial.deploy();
  expect(code, output).toBe(0);
  expect(await allHealths()).toEqual(['ok', 'ok', 'ok']);
  expect(output).toMatch(/backend-2 +identity by header.*websocket: yes/);
  expect(output).toContain(`Holdfast is deployed: ${frontendUrl()}`);
});

test('a second run makes nothing anew and puts nothing right, but deploys', async () => {
  const from = callsSoFar();
  const before = releases();
  const { code, output } = await trial.deploy();
  expect(code, output).toBe(0);
  expect(changes(from).filter((what) => !/^(workspace|apps deploy)/.test(what))).toEqual([]);
  expect(releases().filter((path) => before.includes(path))).toEqual([]);
});

test('a person works in a terminal through both ingresses', async () => {
  const [name, value] = cookie().split('=') as [string, string];
  await browser.context.addCookies([{ name, value, url: frontendUrl() }]);
  page = await browser.context.newPage();
  const seen: string[] = [];
  page.on('response', (response) => {
    seen.push(JSON.stringify(response.headers()), response.url());
    if (!/\.(woff2|png)$/.test(response.url()))
      void response.text().then(
        (text) => seen.push(text),
        () => undefined,
      );
  });
  await page.goto(frontendUrl());
  await page.getByRole('button', { name: /open a terminal/i }).click();
  await waitForConnection(page, 'online');
  await typeLine(page, 'PS1="$ "; clear; echo sum-$((40+2))');
  await waitForScreen(page, 'sum-42');
  // What the browser was given and keeps holds neither a backend's address nor anything that opens one.
  const stored = await page.evaluate(
    () => JSON.stringify(localStorage) + JSON.stringify(sessionStorage) + document.cookie,
  );
  const all = [...seen, stored].join('\n');
  const secrets = [
    app('builder-backend-1').url,
    app('builder-backend-2').url,
    'x-holdfast-assertion',
    ...trial.passwords,
  ];
  expect(secrets.filter((secret) => all.includes(secret))).toEqual([]);
  expect(all).not.toMatch(/eyJ[\w-]+\.eyJ/); // a JWT
});

test('sockets that the ingress recycles cost neither a byte nor a key', async () => {
  await typeLine(page, 'clear; for i in $(seq 1 25); do echo line-$i; sleep 0.1; done; echo all-done');
  for (const [key, how] of [
    ['x', 1001],
    ['y', 1012],
    ['z', 'rst'],
  ] as const) {
    await waitForConnection(page, 'online');
    if (how === 1012) trial.platform.ingress.refuseUpgrades('builder-frontend', 1);
    trial.platform.ingress.recycle(how);
    await page.keyboard.type(key);
  }
  await waitForScreen(page, /^all-done/);
  await page.keyboard.press('Enter');
  const screen = await waitForScreen(page, 'not found');
  const printed = screen.join('\n').match(/line-\d+/g);
  expect(printed).toEqual(Array.from({ length: 25 }, (_, i) => `line-${i + 1}`));
  expect(screen.find((line) => line.includes('not found'))).toMatch(/\bxyz: /);
});

test.each([
  [
    'an upload that fails',
    '^workspace import-dir .*backend-2',
    { exit: { code: 1, stderr: 'Error: no space' } },
    /no space/,
  ],
  [
    'a deployment that fails',
    '^deployment builder-backend-2$',
    { state: 'FAILED', message: 'npm said no' },
    /npm said no/,
  ],
  ['a frontend that crashes', '^app builder-frontend$', { state: 'CRASHED', message: 'it ended' }, /CRASHED/],
] as const)('%s is told, and what was there before is put back', async (_name, on, fault, reason) => {
  const before = releases();
  trial.platform.store.addFault({ on, ...fault });
  const { code, output } = await trial.deploy();
  expect([code, releases()]).toEqual([1, before]);
  expect(output).toMatch(reason);
  expect(await allHealths()).toEqual(['ok', 'ok', 'ok']);
});

test('a deployment of one backend leaves the people of the other alone, and offers its own to revive their sessions', async () => {
  const hf = await asAdmin();
  const session = (shardId: string) => hf.sessions.list().then((all) => all.find((one) => one.shardId === shardId));
  const { id, shardId } = await hf.sessions.open({ command: ['/bin/sh'], cols: 80, rows: 24 });
  const other = shardId === 'backend-1' ? 'backend-2' : 'backend-1';
  const { code, output } = await trial.deploy(['--only', other]);
  expect(code, output).toBe(0);
  expect(await session(shardId)).toMatchObject({ id: expect.any(String) as string, state: 'running' });
  const again = await trial.deploy(['--only', shardId]);
  expect(again.code, again.output).toBe(0);
  await until(async () => (await hf.sessions.list()).find((one) => one.id === id)?.state === 'lost');
  hf.close();
});

test('a rotation of keys that fails half-way is taken back, and one that does not is believed everywhere', async () => {
  const hf = await asAdmin();
  trial.platform.store.addFault({ on: '^app builder-frontend$', state: 'CRASHED', message: 'it ended' });
  expect((await trial.deploy(['--rotate-keys'])).code).toBe(1);
  expect(await hf.sessions.list()).toBeInstanceOf(Array); // the frontend's signature is believed
  const { code, output } = await trial.deploy(['--rotate-keys']);
  expect(code, output).toBe(0);
  expect(await hf.sessions.list()).toBeInstanceOf(Array);
  hf.close();
});

test('the release before is put back on request, and draining is told', async () => {
  const before = releases();
  const rolledBack = await trial.deploy(['--rollback', '--only', 'frontend']);
  expect(rolledBack.code, rolledBack.output).toBe(0);
  expect(releases().map((path, i) => path === before[i])).toEqual([true, true, false]);
  expect((await trial.deploy(['--drain', 'backend-1'])).output).toContain('backend-1 takes no new people');
  expect((await trial.deploy(['--drain', 'backend-1', '--off'])).output).toContain('takes new people again');
  expect((await trial.deploy(['--status'])).output).toMatch(/builder-frontend +ACTIVE +RUNNING .*ok, version/);
});
