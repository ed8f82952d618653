import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { ConsoleMessage, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { axe } from './axe.ts';
import { openBrowser, typeLine, waitForConnection, waitForScreen, waitUntilKept, type Browser } from './browser.ts';
import { FaultProxy } from './faultProxy.ts';
import { pidOf, startStack, type Stack } from './stack.ts';
import { until } from './until.ts';

// One story in order: what a person does on a day with Holdfast, in one browser profile.
let stack: Stack;
let network: FaultProxy;
let browser: Browser;
let page: Page;

beforeAll(async () => {
  stack = await startStack({ authMode: 'token', env: { HOLDFAST_EMAIL: 'ada@example.com' } });
  network = await FaultProxy.start(stack.port);
  browser = await openBrowser();
  page = await browser.context.newPage();
});
afterAll(async () => {
  await browser?.remove();
  await network?.close();
  await stack?.remove();
});

const appUrl = () => `http://localhost:${network.port}/`;
const assignment = () =>
  page.evaluate(() => JSON.parse(localStorage.getItem('backend_assignment') ?? 'null') as Record<string, unknown>);
const shardShown = () => page.getByTestId('status-bar').getAttribute('data-shard');
/** @returns what the page has complained of since, in its console or as a mistake that nobody caught; listens no more */
function listenToComplaints(): () => string[] {
  const complaints: string[] = [];
  const said = (message: ConsoleMessage) => void (message.type() === 'error' && complaints.push(message.text()));
  const failed = ({ message }: Error) => void complaints.push(message);
  page.on('console', said).on('pageerror', failed);
  return () => {
    page.off('console', said).off('pageerror', failed);
    return complaints;
  };
}

const LINES = 40;
const expectedLines = Array.from({ length: LINES }, (_, i) => `line ${i + 1} of ${LINES}`);

test('without signing in there is nothing to see, and the page says what to do', async () => {
  const complaints = listenToComplaints();
  await page.goto(appUrl());
  await page.getByText('npm run link').first().waitFor();
  expect(complaints()).toEqual([]);
  expect(await axe(page)).toEqual([]);
  expect(await page.getByTestId('terminal').count()).toBe(0);
});

test('a person signs in by the link, opens a terminal, types and reads', async () => {
  const complaints = listenToComplaints();
  await page.goto(stack.readyUrl.replace(String(stack.port), String(network.port)));
  await page.getByRole('button', { name: /open a terminal/i }).click();
  await waitForConnection(page, 'online');
  await waitForScreen(page, /\$|#/);
  await typeLine(page, 'PS1="$ "; clear; echo sum-$((40+2))');
  expect(await waitForScreen(page, 'sum-42')).toContain('sum-42');
  await page.keyboard.press('F1');
  await page.getByRole('combobox').waitFor();
  await page.keyboard.press('Escape');
  expect(complaints()).toEqual([]);
});

test('the link is good for one sign-in', async () => {
  const response = await fetch(stack.readyUrl, { redirect: 'manual' });
  expect([response.status, response.headers.get('location')]).toEqual([303, '/?signIn=expired']);
});

test('nothing stands in the way of a screen reader or the keyboard, wide and narrow, light and dark', async () => {
  const found: string[] = [];
  for (const colorScheme of ['dark', 'light'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    for (const [width, height] of [
      [1440, 900],
      [390, 844],
    ] as const) {
      await page.setViewportSize({ width, height });
      found.push(...(await axe(page)).map((fault) => `${colorScheme} ${width}: ${fault}`));
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      if (overflow > 0) found.push(`${colorScheme} ${width}: ${overflow} px wider than the window`);
    }
  }
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.emulateMedia({ colorScheme: 'dark' });
  expect(found).toEqual([]);
  // The terminal takes every key but the one that leads out of it.
  await page.locator('[data-testid="terminal"]:visible').click();
  await page.keyboard.press('F6');
  expect(await page.evaluate(() => document.activeElement?.closest('[data-testid="terminal"]'))).toBeNull();
});

test('the app can be installed', async () => {
  const devtools = await browser.context.newCDPSession(page);
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
  const { installabilityErrors } = await devtools.send('Page.getInstallabilityErrors');
  const { errors, url } = await devtools.send('Page.getAppManifest');
  expect({ installabilityErrors, errors, hasManifest: url !== '' }).toEqual({
    installabilityErrors: [],
    errors: [],
    hasManifest: true,
  });
});

test('the assignment is where the page and the next start find it', async () => {
  const record = await assignment();
  expect(Object.keys(record).sort()).toEqual(['assignedAt', 'email', 'epoch', 'shardId', 'url']);
  expect(record).toMatchObject({
    email: 'ada@example.com',
    shardId: await shardShown(),
    url: `/api/shards/${await shardShown()}`,
  });
});

test('the network is lost while a program prints, and comes back: every line once, in order, on the same shard', async () => {
  const shard = await shardShown();
  await typeLine(
    page,
    `clear; for i in $(seq ${LINES}); do echo "line $i of ${LINES}"; sleep 0.1; done; touch ${join(stack.home, 'printed')}; echo all-"done"`,
  );
  await waitForScreen(page, /^line 10 of/);
  network.block();
  await waitForConnection(page, 'offline');
  await until(() => existsSync(join(stack.home, 'printed'))); // the program goes on meanwhile
  network.restore();
  const screen = await waitForScreen(page, /^all-done/);
  expect(screen.filter((row) => row.startsWith('line '))).toEqual(expectedLines);
  expect(await shardShown()).toBe(shard);
});

test('what is typed while the network is away is sent once when it is back', async () => {
  await typeLine(page, 'clear');
  network.block();
  await waitForConnection(page, 'offline');
  await typeLine(page, 'echo typed-"offline"');
  network.restore();
  const screen = await waitForScreen(page, /^typed-offline/);
  expect(screen.filter((row) => row === 'typed-offline')).toEqual(['typed-offline']);
});

test('a reload goes on with exactly the bytes that are missing', async () => {
  await typeLine(
    page,
    `clear; for i in $(seq ${LINES}); do echo "line $i of ${LINES}"; sleep 0.1; done; echo all-"done"`,
  );
  await waitForScreen(page, /^line 10 of/);
  await page.reload();
  const screen = await waitForScreen(page, /^all-done/);
  expect(screen.filter((row) => row.startsWith('line '))).toEqual(expectedLines);
});

test('a reload without a network paints the shell and the last screen', async () => {
  await typeLine(page, 'echo kept-"now"');
  const before = await waitForScreen(page, /^kept-now/);
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
  network.block();
  await page.reload(); // at once: what was drawn last is kept by the page as it goes
  expect((await waitForScreen(page, /^kept-now/)).slice(0, LINES)).toEqual(before.slice(0, LINES));
  network.restore();
  await waitForConnection(page, 'online');
});

test('the frontend is killed and comes back, and the page goes on by itself', async () => {
  await typeLine(page, 'clear; echo before');
  await waitForScreen(page, /^before/);
  process.kill(pidOf(stack, 'frontend'), 'SIGKILL');
  await waitForConnection(page, 'offline');
  await waitForConnection(page, 'online');
  await typeLine(page, 'echo after');
  expect((await waitForScreen(page, /^after/)).filter((row) => /^(before|after)$/.test(row))).toEqual([
    'before',
    'after',
  ]);
});

test('a browser that was closed and opened again finds its session', async () => {
  const record = await assignment();
  await waitUntilKept(page, 'after');
  await browser.restart();
  page = await browser.context.newPage();
  await page.goto(appUrl());
  await waitForConnection(page, 'online');
  await page.getByRole('button', { name: /bash/ }).first().click();
  await waitForScreen(page, /^after/);
  await typeLine(page, 'echo still-"here"');
  await waitForScreen(page, /^still-here/);
  expect(await assignment()).toEqual(record);
});

test('the assignment survives a cleared localStorage', async () => {
  const record = await assignment();
  await page.evaluate(() => localStorage.clear());
  network.block();
  await page.reload();
  await waitForConnection(page, 'offline');
  expect(await assignment()).toEqual(record);
  network.restore();
  await waitForConnection(page, 'online');
});

test('two windows show the same session', async () => {
  const second = await browser.context.newPage();
  await second.goto(appUrl());
  await second.getByRole('button', { name: /bash/ }).first().click();
  await typeLine(page, 'echo to-"both"');
  await Promise.all([waitForScreen(page, /^to-both/), waitForScreen(second, /^to-both/)]);
  await second.close();
});

test('with every server stopped a new page opens and shows the last screen', async () => {
  await waitUntilKept(page, 'to-both');
  await stack.stop();
  const fresh = await browser.context.newPage();
  await fresh.goto(appUrl());
  await waitForConnection(fresh, 'offline');
  await fresh.getByRole('button', { name: /bash/ }).first().click();
  await waitForScreen(fresh, /^to-both/);
  await fresh.screenshot({ path: join(stack.home, 'stopped.png') });
  await fresh.close();
});
