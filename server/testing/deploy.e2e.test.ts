import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Page } from 'playwright-core';
import { openBrowser, typeLine, waitForConnection, waitForScreen, type Browser } from './browser.ts';
import { Deployed } from './deployed.ts';
import { startDeployTrial, type DeployTrial } from './deployTrial.ts';
import { ADMIN } from './platform/state.ts';

// One story in order: an admin puts Holdfast up, people use it through the ingress, and later releases go well and badly.
let trial: DeployTrial;
let deployed: Deployed;
let browser: Browser;
let page: Page;

beforeAll(async () => {
  trial = await startDeployTrial();
  deployed = new Deployed(trial.platform);
  browser = await openBrowser();
});
afterAll(async () => {
  await browser?.remove();
  await trial?.remove();
});

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
  expect(await deployed.healths()).toEqual(['ok', 'ok', 'ok']);
  expect(output).toMatch(/backend-2 +identity by header.*websocket: yes/);
  expect(output).toContain(`Holdfast is deployed: ${deployed.urlOf('frontend')}`);
});

test('a second run makes nothing anew and puts nothing right, but deploys', async () => {
  const from = callsSoFar();
  const before = deployed.releases();
  const { code, output } = await trial.deploy();
  expect(code, output).toBe(0);
  expect(changes(from).filter((what) => !/^(workspace|apps deploy)/.test(what))).toEqual([]);
  expect(deployed.releases().filter((path) => before.includes(path))).toEqual([]);
});

test('a person works in a terminal through both ingresses', async () => {
  const [name, value] = deployed.cookie(ADMIN).split('=') as [string, string];
  await browser.context.addCookies([{ name, value, url: deployed.urlOf('frontend') }]);
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
  await page.goto(deployed.urlOf('frontend'));
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
    deployed.urlOf('backend-1'),
    deployed.urlOf('backend-2'),
    'x-holdfast-assertion',
    ...trial.passwords,
  ];
  expect(secrets.filter((secret) => all.includes(secret))).toEqual([]);
  expect(all).not.toMatch(/eyJ[\w-]+\.eyJ/); // a JWT
});

test('the app can be installed through the ingress', async () => {
  const devtools = await page.context().newCDPSession(page);
  const { data, errors } = await devtools.send('Page.getAppManifest');
  expect([JSON.parse(data!), errors]).toMatchObject([{ name: 'Holdfast' }, []]);
  expect(await devtools.send('Page.getInstallabilityErrors')).toEqual({ installabilityErrors: [] });
});

test('a backend believes nobody but the frontend, neither through its ingress nor on its own port', async () => {
  const forged = { 'x-forwarded-email': ADMIN, 'x-forwarded-user': '1@1', 'x-holdfast-assertion': 'a.b.c' };
  const codeAt = async (origin: string, headers: Record<string, string>) => {
    const response = await fetch(`${origin}/api/v1/sessions`, { headers, redirect: 'manual' });
    return `${response.status} ${((await response.json()) as { error: { code: string } }).error.code}`;
  };
  // Whoever deploys may pass the ingress of a backend, and a program in a terminal reaches the port behind it.
  const authorization = `Bearer ${trial.platform.token(ADMIN)}`;
  expect(await codeAt(deployed.urlOf('backend-1'), { authorization })).toBe('401 AUTH_MISSING');
  expect(await codeAt(deployed.urlOf('backend-1'), { authorization, ...forged })).toBe('401 AUTH_INVALID');
  const own = trial.platform.runner.targetOf('builder-backend-1')!;
  expect(await codeAt(`http://${own.host}:${own.port}`, forged)).toBe('401 AUTH_INVALID');
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

test('a frontend that crashes is told, and everything that was there before is put back', async () => {
  const before = deployed.releases();
  trial.platform.store.addFault({ on: '^app builder-frontend$', state: 'CRASHED', message: 'it ended' });
  const { code, output } = await trial.deploy();
  expect([code, deployed.releases()]).toEqual([1, before]);
  expect(output).toMatch(/CRASHED[^]*frontend +put back[^]*backend-2 +put back[^]*backend-1 +put back/);
  expect(await deployed.healths()).toEqual(['ok', 'ok', 'ok']);
});

test('a rotation of keys that fails half-way is taken back, and one that does not is believed everywhere', async () => {
  const hf = await deployed.client(ADMIN);
  trial.platform.store.addFault({ on: '^app builder-frontend$', state: 'CRASHED', message: 'it ended' });
  expect((await trial.deploy(['--rotate-keys'])).code).toBe(1);
  expect(await hf.sessions.list()).toBeInstanceOf(Array); // the frontend's signature is believed
  const { code, output } = await trial.deploy(['--rotate-keys']);
  expect(code, output).toBe(0);
  expect(await hf.sessions.list()).toBeInstanceOf(Array);
  hf.close();
});

test('the release before is put back on request, and draining is told', async () => {
  const before = deployed.releases();
  const rolledBack = await trial.deploy(['--rollback', '--only', 'frontend']);
  expect(rolledBack.code, rolledBack.output).toBe(0);
  expect(deployed.releases().map((path, i) => path === before[i])).toEqual([true, true, false]);
  expect((await trial.deploy(['--drain', 'backend-1'])).output).toContain('backend-1 takes no new people');
  expect((await trial.deploy(['--drain', 'backend-1', '--off'])).output).toContain('takes new people again');
  expect((await trial.deploy(['--status'])).output).toMatch(/builder-frontend +ACTIVE +RUNNING .*ok, version/);
});
