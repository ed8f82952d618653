// A new build of the app comes while people work: it waits, is taken by one window, and costs no window anything.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openBrowser, screenOf, typeLine, waitForConnection, waitForScreen, type Browser } from './browser.ts';
import { FaultProxy } from './faultProxy.ts';
import { ReleaseProxy } from './releaseProxy.ts';
import { startStack, type Stack } from './stack.ts';

const root = resolve(import.meta.dirname, '../..');
const OLD = join(root, 'dist/pwa');
/** The release is in the bar below. */
const NEXT_VERSION = '77.0.0';
const next = mkdtempSync(join(tmpdir(), 'hf-next-app-'));

let stack: Stack;
let release: ReleaseProxy;
let network: FaultProxy;
let browser: Browser;
let a: Page;
let b: Page;

beforeAll(async () => {
  const built = buildNext();
  stack = await startStack({ authMode: 'token', shards: 1, env: { HOLDFAST_EMAIL: 'ada@example.com' } });
  release = await ReleaseProxy.start(stack.port, OLD);
  network = await FaultProxy.start(release.port);
  browser = await openBrowser();
  a = await browser.context.newPage();
  await a.goto(stack.readyUrl.replace(String(stack.port), String(network.port)));
  await a.getByRole('button', { name: /open a terminal/i }).click();
  await waitForScreen(a, /\$|#/);
  await typeLine(a, 'PS1="$ "; clear; echo read-"y"');
  await waitForScreen(a, /^read-y/);
  await a.getByRole('button', { name: 'Skip' }).click();
  await a.waitForFunction(() => navigator.serviceWorker.controller !== null);
  b = await browser.context.newPage();
  await b.goto(appUrl());
  await b.getByRole('button', { name: 'Open a session in home' }).click();
  await b.getByRole('tab').nth(1).waitFor();
  await b.locator('[data-testid="terminal"][data-state="live"]:visible .xterm-rows').getByText(/[$#]/).waitFor();
  await built;
});
afterAll(async () => {
  await browser?.remove();
  await network?.close();
  await release?.close();
  await stack?.remove();
  rmSync(next, { recursive: true, force: true });
});

const appUrl = () => `http://localhost:${network.port}/`;
const offer = (page: Page) => page.getByRole('button', { name: /update ready/i });
const version = (page: Page) => page.locator('[data-testid="status-bar"] .version').innerText();
const mark = (page: Page) => page.evaluate(() => void Object.assign(window, { isThisPage: true }));
const isMarked = (page: Page) => page.evaluate(() => 'isThisPage' in window);

/** The same sources under another version: every file that names another has a new name. */
function buildNext(): Promise<void> {
  const child = spawn(join(root, 'node_modules/.bin/vite'), ['build', '--logLevel', 'error', '--outDir', next], {
    cwd: root,
    stdio: 'ignore',
    env: { PATH: process.env.PATH, HOME: process.env.HOME, HOLDFAST_VERSION: NEXT_VERSION },
  });
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => (code === 0 ? resolve() : reject(new Error(`the build ended with ${code}`))));
  });
}

/** The scripts that a page of this build may still ask for. */
function scriptsOf(directory: string): string[] {
  const manifest = JSON.parse(readFileSync(join(directory, '.vite/manifest.json'), 'utf8')) as Record<
    string,
    { file: string }
  >;
  const files = new Set(Object.values(manifest).map(({ file }) => file));
  return [...files].filter((file) => file.endsWith('.js')).map((file) => `/${file}`);
}

/** Paths in every cache, of scripts alone. */
const cached = (page: Page) =>
  page.evaluate(async () => {
    const paths: string[] = [];
    for (const name of await caches.keys())
      for (const { url } of await (await caches.open(name)).keys()) paths.push(new URL(url).pathname);
    return paths.filter((path) => path.endsWith('.js'));
  });

async function lookForUpdate(page: Page): Promise<void> {
  await page.evaluate(async () => void (await (await navigator.serviceWorker.ready).update()));
}

/** Fewer lines than are kept of a screen, and slow enough to go on over the restart. */
const LAST = 900;

test('a new build waits and is told in every window, while their programs run on', async () => {
  await typeLine(b, 'clear; echo in-"b"; read answer; echo got-"$answer"');
  await waitForScreen(b, /^in-b/);
  await Promise.all([mark(a), mark(b)]);
  release.directory = next;
  await lookForUpdate(a);
  await Promise.all([offer(a).waitFor(), offer(b).waitFor()]);
  expect([await isMarked(a), await isMarked(b)]).toEqual([true, true]);
});

test('the window that takes it goes on at the very byte, drawn before there is a connection', async () => {
  await typeLine(a, `clear; for i in $(seq ${LAST}); do echo "n $i"; ((i % 10)) || sleep 0.1; done; echo all-"done"`);
  await waitForScreen(a, /^n \d\d\d$/);
  // Cut off before it is asked: the new page has no network from its first moment.
  network.block();
  await offer(a).click();
  await expect.poll(() => isMarked(a).catch(() => true)).toBe(false);
  // Without the network: the new build from its cache, and the screen as it was left.
  await waitForScreen(a, /^n \d+$/);
  expect(await version(a)).toBe(NEXT_VERSION);
  network.restore();
  await waitForScreen(a, /^all-done/);
  await a.keyboard.press('F1');
  await a.getByRole('combobox').fill('Terminal as text');
  await a
    .getByRole('option', { name: /as text/ })
    .first()
    .click();
  const text = await a.getByTestId('terminal-text').innerText();
  const numbers = [...text.matchAll(/^n (\d+)$/gm)].map(([, n]) => Number(n));
  await a.keyboard.press('Escape');
  expect(numbers).toEqual(Array.from({ length: LAST }, (_, i) => i + 1));
});

test('the other window is the same page with the same program, and opens every part of its build without the network', async () => {
  expect([await isMarked(b), await isMarked(a)]).toEqual([true, false]);
  await offer(b).waitFor(); // it may follow when it likes
  await typeLine(b, 'same-page');
  await waitForScreen(b, /^got-same-page/);
  const scripts = scriptsOf(OLD);
  const only = scripts.filter((path) => !existsSync(join(next, path)));
  expect(only.length).toBeGreaterThan(20);
  network.block();
  await waitForConnection(b, 'offline');
  const failed = await b.evaluate(async (paths) => {
    const results = await Promise.all(
      paths.map((path) =>
        fetch(path).then(
          ({ ok }) => ok,
          () => false,
        ),
      ),
    );
    return paths.filter((_, i) => !results[i]);
  }, scripts);
  expect(failed).toEqual([]);
  // Not fetched alone: opened, too.
  await b.keyboard.press('Control+,');
  await b.getByRole('dialog', { name: 'Settings' }).waitFor();
  await b.keyboard.press('Escape');
  network.restore();
});

test('when the last window of the old build is gone, so are its files', async () => {
  const only = scriptsOf(OLD).filter((path) => !existsSync(join(next, path)));
  const kept = async () => (await cached(a)).filter((path) => only.includes(path)).length;
  expect(await kept()).toBe(only.length);
  await b.close();
  await expect.poll(kept).toBe(0);
  expect((await cached(a)).length).toBeGreaterThan(20);
});

test('a window in which nothing is open takes an update by itself when nobody looks, and one with a terminal does not', async () => {
  release.directory = OLD;
  const empty = await browser.context.newPage();
  await empty.goto(appUrl());
  await waitForConnection(empty, 'online');
  for (const close of await empty.getByTestId('close-tab').all()) await close.click();
  await Promise.all([mark(a), mark(empty)]);
  await lookForUpdate(a);
  await Promise.all([offer(a).waitFor(), offer(empty).waitFor()]);
  const hide = (page: Page) =>
    page.evaluate(() => {
      Object.defineProperty(document, 'hidden', { value: true, configurable: true });
      document.dispatchEvent(new Event('visibilitychange'));
    });
  await hide(a);
  expect(await isMarked(a)).toBe(true);
  await hide(empty);
  await expect.poll(() => isMarked(empty).catch(() => true)).toBe(false);
  await expect.poll(() => version(empty)).not.toBe(NEXT_VERSION);
  expect([await isMarked(a), (await screenOf(a)).includes('all-done')]).toEqual([true, true]);
});

test('servers of the next release are worked with, and of those after it the window says that it has to follow', async () => {
  const answer = (number: number) =>
    a.route('**/api/config', async (route) => {
      const response = await route.fetch();
      const config = (await response.json()) as object;
      await route.fulfill({ response, json: { ...config, release: { number, oldest: number - 1 } } });
    });
  const again = async () => {
    await a.unrouteAll({ behavior: 'wait' });
    network.cut();
    await waitForConnection(a, 'online');
  };
  const card = a.getByTestId('skew-card');
  await answer(2);
  await a.reload();
  await waitForConnection(a, 'online');
  await typeLine(a, 'clear; echo next-"release"');
  await waitForScreen(a, /^next-release/);
  expect(await card.count()).toBe(0);
  await a.unrouteAll({ behavior: 'wait' });
  await answer(3);
  await a.reload();
  await card.getByText(/servers no longer understand.*sessions go on/).waitFor();
  await again();
  await card.waitFor({ state: 'detached' });
});

test('while one worker after another takes over, every page that is opened is answered', async () => {
  const page = await browser.context.newPage();
  const open = async () => {
    await page.goto(appUrl());
    await waitForConnection(page, 'online');
  };
  await open();
  for (let i = 0; i < 8; i++) {
    // Under another address the same worker is another one to the browser; a page that opens puts the usual one in its place.
    await page.evaluate(async (n) => void (await navigator.serviceWorker.register(`/sw.js?${n}`)), i);
    await page.waitForFunction((n) => navigator.serviceWorker.controller?.scriptURL.endsWith(`?${n}`), i);
    await open();
    await open();
  }
  await page.close();
});
