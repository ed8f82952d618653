import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { UPLOAD_FOLDER } from '../../protocol/files.ts';
import { listPreferences, putPreference } from '../../protocol/preferences.ts';
import { deferred } from '../base/deferred.ts';
import { axe } from './axe.ts';
import { clientIn, openBrowser, typeLine, waitForConnection, waitForScreen, type Browser } from './browser.ts';
import { startStack, type Stack } from './stack.ts';

// What meets a person at first: whether their browser is good for it, the first steps, the installing, and links into the app.
let stack: Stack;
let browser: Browser;
let page: Page;

const DAY_MS = 24 * 60 * 60 * 1000;
const EMAIL = 'ada@example.com';

beforeAll(async () => {
  stack = await startStack({ authMode: 'token', env: { HOLDFAST_EMAIL: EMAIL } });
  browser = await openBrowser();
  await browser.context.grantPermissions(['clipboard-read', 'clipboard-write']);
  page = await browser.context.newPage();
});
afterAll(async () => {
  await browser?.remove();
  await stack?.remove();
});

const selfTest = () => page.getByRole('dialog', { name: 'Self-test' });
const tour = () => page.getByTestId('tour');
const card = () => page.getByTestId('install-card');
/** What was found, by probe. */
async function findings(): Promise<Record<string, string>> {
  await page.locator('[data-testid="self-test-summary"][data-left="0"]').waitFor();
  const all = page.locator('[data-probe]');
  const pairs = await all.evaluateAll((rows) => rows.map(({ dataset }) => [dataset.probe!, dataset.state!]));
  return Object.fromEntries(pairs) as Record<string, string>;
}
/** As a browser does that would install the app. */
const offerInstall = (outcome: 'accepted' | 'dismissed') =>
  page.evaluate((answer) => {
    const prompt = () => Promise.resolve({ outcome: answer });
    dispatchEvent(Object.assign(new Event('beforeinstallprompt', { cancelable: true }), { prompt }));
  }, outcome);

test('who cannot get in can test their browser', async () => {
  await page.goto(`${stack.origin}/?selftest`);
  const found = await findings();
  expect([Object.keys(found).length, found['server'], found['websocket'], found['clipboardRead']]).toEqual([
    25,
    'works',
    'unknown',
    'works',
  ]);
  expect(await axe(page)).toEqual([]);
});

test('the first steps are gone through by keyboard, and do not come again', async () => {
  await page.goto(stack.readyUrl);
  await tour().waitFor();
  await waitForConnection(page, 'online');
  // The card is a part of the window like any other.
  for (let i = 0; i < 9 && !(await tour().evaluate((one) => one.contains(document.activeElement))); i++)
    await page.keyboard.press('F6');
  expect(await axe(page)).toEqual([]);
  await page.keyboard.press('Tab');
  for (const step of ['2 of 3', '3 of 3']) {
    await tour().getByRole('button', { name: 'Next' }).press('Enter');
    await tour().getByText(step).waitFor();
  }
  await tour().getByRole('button', { name: 'Done' }).press('Enter');
  await tour().waitFor({ state: 'detached' });
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
  await page.reload();
  await waitForConnection(page, 'online');
  await page.keyboard.press('F1');
  await page.locator('.palette').waitFor();
  expect(await tour().count()).toBe(0);
  await page.keyboard.press('Escape');
});

test('the whole self-test works when signed in, and is copied without anything of the person', async () => {
  await page.keyboard.press('F1');
  await page.locator('.palette').waitFor();
  await page.keyboard.type('self-test');
  await page.keyboard.press('Enter');
  const found = await findings();
  // A browser without a screen has neither been asked for notices nor been given storage for good.
  const { installed, persistence, notifications, ...others } = found;
  expect([installed, Object.entries(others).filter(([, state]) => state !== 'works')]).toEqual(['missing', []]);
  expect([persistence, notifications].every((state) => state !== undefined)).toBe(true);
  await selfTest().getByRole('button', { name: 'Copy as text' }).click();
  await selfTest().getByRole('button', { name: 'Copied' }).waitFor();
  const report = await page.evaluate(() => navigator.clipboard.readText());
  expect([report.split('\n').length, report.includes(EMAIL), /token|cookie|localhost/i.test(report)]).toEqual([
    29,
    false,
    false,
  ]);
  expect(report).toMatch(/^Websocket: works, \d+ ms$/m);
  await page.keyboard.press('Escape');
});

test('installing is offered where no terminal is covered, taken by the browser, and “not now” holds for a month', async () => {
  await offerInstall('dismissed');
  await card().waitFor();
  expect(await axe(page)).toEqual([]);
  await card().getByRole('button', { name: 'Install…' }).click();
  await card().waitFor({ state: 'detached' }); // refused in the browser's own question
  const comesBack = async (afterMs: number) => {
    await page.evaluate((ms) => {
      const key = 'holdfast.install.dismissedAt';
      localStorage.setItem(key, String(Number(localStorage.getItem(key)) - ms));
    }, afterMs);
    await page.reload();
    await waitForConnection(page, 'online');
    await page.getByText('No terminal is open here').waitFor();
    await page.locator('.extras').waitFor({ state: 'attached' }); // the card is among what comes later
    await offerInstall('accepted');
    await page.keyboard.press('F1');
    await page.locator('.palette').waitFor();
    await page.keyboard.press('Escape');
    return (await card().count()) === 1;
  };
  expect([await comesBack(DAY_MS), await comesBack(30 * DAY_MS)]).toEqual([false, true]);
  await card().getByRole('button', { name: 'Not now' }).click();
  await card().waitFor({ state: 'detached' });
});

test('a link opens a session that is there, asks before it makes one, and is heard once', async () => {
  await page.getByRole('button', { name: /open a terminal/i }).click();
  await waitForScreen(page, /\$|#/);
  const id = (await page.getByTestId('terminal').getAttribute('data-session-id'))!;
  await page.getByTestId('close-tab').click();
  const follow = (link: string) => page.goto(`${stack.origin}/?open=${encodeURIComponent(link)}`);
  await follow(`web+holdfast:session/${id}`);
  await page.locator(`[data-session-id="${id}"]`).waitFor();
  expect(new URL(page.url()).search).toBe('');
  await follow('web+holdfast:session/00000000-0000-4000-8000-000000000000');
  await page.getByText('That link names no session of yours.').waitFor();
  await follow('https://elsewhere.example/');
  await page.getByText('That link asks for nothing that Holdfast knows.').waitFor();
  await page.goto(`${stack.origin}/?do=new-session`);
  const question = page.getByRole('dialog', { name: /open a new session in/i });
  await question.waitFor();
  expect(await axe(page)).toEqual([]);
  await question.getByRole('button', { name: 'Open' }).click();
  await expect.poll(() => page.getByRole('tab').count()).toBe(2);
});

test('files that another app shares are asked about, uploaded into a session, and named there', async () => {
  const cwd = join(stack.home, 'shared into');
  mkdirSync(cwd);
  const status = await page.evaluate(async (directory) => {
    const body = JSON.stringify({ name: 'shared', cwd: directory, command: ['/bin/bash'], cols: 80, rows: 24 });
    const headers = { 'Content-Type': 'application/json' };
    return (await fetch('/api/v1/sessions', { method: 'POST', headers, body })).status;
  }, cwd);
  expect(status).toBeLessThan(300);
  await page.evaluate(async () => {
    await navigator.serviceWorker.ready;
    const form = document.createElement('form');
    Object.assign(form, { method: 'POST', action: '/share', enctype: 'multipart/form-data' });
    const input = Object.assign(document.createElement('input'), { type: 'file', name: 'files', multiple: true });
    const given = new DataTransfer();
    given.items.add(new File(['of a phone'], 'a picture.txt'));
    given.items.add(new File(['two'], 'second.txt'));
    input.files = given.files;
    form.append(input);
    document.body.append(form);
    form.submit();
  });
  const question = page.getByRole('dialog', { name: 'Upload 2 shared files?' });
  await question.waitFor();
  expect(new URL(page.url()).search).toBe('');
  expect(await axe(page)).toEqual([]);
  await question.getByLabel('Into the session').selectOption('shared');
  await question.getByRole('button', { name: 'Upload' }).click();
  await page.getByRole('tab', { name: /shared/, selected: true }).waitFor();
  await waitForScreen(page, /a picture\.txt/);
  await waitForScreen(page, /second\.txt/);
  const uploads = join(cwd, UPLOAD_FOLDER);
  expect(readFileSync(join(uploads, 'a picture.txt'), 'utf8')).toBe('of a phone');
  expect(readFileSync(join(uploads, 'second.txt'), 'utf8')).toBe('two');
  await page.keyboard.press('Control+c');
  await page.reload(); // they are offered once
  await waitForConnection(page, 'online');
  await waitForScreen(page, /second\.txt/);
  expect(await question.count()).toBe(0);
});

test('a recording that is opened from the system’s files is played', async () => {
  await page.addInitScript(() => {
    const launchQueue = { setConsumer: (hear: unknown) => Object.assign(window, { hearLaunch: hear }) };
    Object.defineProperty(window, 'launchQueue', { value: launchQueue });
  });
  await page.reload();
  await waitForConnection(page, 'online');
  await page.waitForFunction(() => 'hearLaunch' in window);
  await page.evaluate(() => {
    const lines = [{ version: 2, width: 20, height: 4 }, [0.1, 'o', 'from-a-file']].map((line) => JSON.stringify(line));
    const getFile = () => Promise.resolve(new File([lines.join('\n')], 'a.cast'));
    const { hearLaunch } = window as unknown as { hearLaunch: (launch: unknown) => void };
    hearLaunch({ targetURL: location.href, files: [{ getFile }] });
  });
  await page.getByTestId('playback-place').waitFor();
  await page.keyboard.press('End');
  const rows = page.getByTestId('playback-screen').locator('.xterm-rows');
  await expect.poll(() => rows.innerText()).toContain('from-a-file');
  await page.keyboard.press('Escape');
});

test('the browser finds everything in the manifest, and nothing wrong with it', async () => {
  const devtools = await browser.context.newCDPSession(page);
  const { installabilityErrors } = await devtools.send('Page.getInstallabilityErrors');
  const { errors, data } = await devtools.send('Page.getAppManifest');
  const manifest = JSON.parse(data!) as Record<string, unknown> & {
    screenshots: { src: string; sizes: string }[];
    icons: { src: string; purpose: string }[];
  };
  expect({ installabilityErrors, errors, id: manifest.id, launch: manifest.launch_handler }).toEqual({
    installabilityErrors: [],
    errors: [],
    id: '/',
    launch: { client_mode: 'focus-existing' },
  });
  expect(manifest.display_override).toContain('window-controls-overlay');
  expect(manifest.icons.map(({ purpose }) => purpose)).toContain('maskable');
  const sizes = await page.evaluate(
    (all) =>
      Promise.all(
        all.map(async ({ src }) => {
          const image = await createImageBitmap(await (await fetch(src)).blob());
          return `${image.width}x${image.height}`;
        }),
      ),
    manifest.screenshots,
  );
  expect(sizes).toEqual(manifest.screenshots.map((one) => one.sizes));
});

/** A page of a browser that knows nothing but who the person is. */
async function openKnown() {
  const fresh = await openBrowser();
  onTestFinished(() => fresh.remove());
  const [cookie] = await browser.context.cookies();
  await fresh.context.addCookies([cookie!]);
  return fresh.context.newPage();
}

/** The same where the files of `pattern` come when they are released, and no server tells of changes. */
async function openWithout(pattern: string) {
  const there = await openKnown();
  const { promise: held, resolve: release } = deferred<void>();
  await there.route(pattern, async (route) => {
    await held;
    await route.continue();
  });
  await there.routeWebSocket(/socket\.io/, (page) => {
    page.connectToServer().onMessage((message) => {
      if (!String(message).includes('["changed"')) page.send(message);
    });
  });
  await there.goto(stack.origin);
  return { there, release };
}

test('what is typed before there is a terminal to take it goes to the program all the same', async () => {
  const { there, release } = await openWithout('**/assets/terminalView-*.js');
  await there.getByRole('button', { name: 'Open a session in home' }).click();
  await there.waitForFunction(() => document.activeElement?.matches('[data-testid="terminal"] + textarea'));
  await there.keyboard.type('echo early-$((40 + 2))\n');
  expect(await there.locator('.xterm').count()).toBe(0);
  release();
  await waitForScreen(there, /^early-42/);
  await there.waitForFunction(() => document.activeElement?.matches('.xterm-helper-textarea'));
});

test('what was set elsewhere holds in a window whose later parts come late, and what was done there before them stays', async () => {
  const hf = await clientIn(browser.context, stack.origin);
  onTestFinished(() => hf.close());
  const { documents } = await hf.call(listPreferences, {});
  const settings = documents.find(({ name }) => name === 'settings') ?? { revision: 0, value: {} };
  const value = { ...settings.value, family: 'lakehouse' };
  await hf.call(putPreference, { name: 'settings', revision: settings.revision, value });
  const { there, release } = await openWithout('**/assets/startPreferences-*.js');
  await waitForConnection(there, 'online');
  const theme = () => there.evaluate(() => document.documentElement.dataset['theme']);
  expect(await theme()).not.toMatch(/lakehouse/);
  await there.getByRole('button', { name: 'Open a session in home' }).click();
  await there.getByTestId('close-tab').click(); // the layout that comes has others
  // What is asked for meanwhile waits for them, too.
  await there.keyboard.press('Control+,');
  release();
  await expect.poll(theme).toMatch(/lakehouse/);
  await there.getByRole('dialog', { name: 'Settings' }).waitFor();
  expect(await there.getByTestId('close-tab').count()).toBe(0);
});

test('parts that cannot be fetched are told of, keep no key from the others, and come with a restart', async () => {
  const there = await openKnown();
  const parts = /assets\/(Dialogs|CommandPalette|DockArea)-.*\.js/;
  await there.addInitScript(() => {
    navigator.serviceWorker.register = () => Promise.reject(new Error('no worker here')); // which would have all parts
  });
  await there.route(parts, (route) => route.abort());
  await there.route('**/assets/FilesLayer-*.js', () => {}); // for ever on its way
  await there.goto(stack.origin);
  await there.getByRole('button', { name: 'Open a session in home' }).click();
  await waitForConnection(there, 'online');
  const notice = there.getByTestId('toasts').getByText('could not be fetched');
  for (const [key, mark] of [
    ['Control+,', 'free-41'],
    ['F1', 'free-42'],
    ['Control+Shift+E', 'free-43'],
  ] as const) {
    await there.keyboard.press(key);
    await notice.waitFor();
    await typeLine(there, `echo free-$((${mark.slice(5)}))`);
    await waitForScreen(there, new RegExp(`^${mark}`));
    expect(await axe(there)).toEqual([]);
    await there.getByRole('button', { name: 'Dismiss' }).click();
  }
  // The browser would show it in the place of the app.
  const isTakenByBrowser = await there.evaluate(() => {
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add(new File(['x'], 'x.txt'));
    return document.body.dispatchEvent(new DragEvent('drop', { bubbles: true, cancelable: true, dataTransfer }));
  });
  expect(isTakenByBrowser).toBe(false);
  await there.keyboard.press('Control+,');
  await notice.waitFor();
  await there.unroute(parts);
  await there.getByRole('button', { name: 'Restart this window' }).click();
  await notice.waitFor({ state: 'detached' });
  await waitForScreen(there, /^free-43/);
  await there.keyboard.press('Control+,');
  await there.getByRole('dialog', { name: 'Settings' }).waitFor();
});
