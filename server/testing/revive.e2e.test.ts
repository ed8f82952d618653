import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { reviveSession, type StoredScreen } from '../../protocol/sessions.ts';
import { axe } from './axe.ts';
import {
  clientIn,
  openBrowser,
  screenOf,
  typeLine,
  waitForConnection,
  waitForScreen,
  type Browser,
} from './browser.ts';
import type { Backend } from './processes.ts';
import { startStack, type Stack } from './stack.ts';
import { until } from './until.ts';

// One story in order: a person whose shard is lost under their hands, and one day later the whole instance.
let stack: Stack;
let browser: Browser;
let page: Page;
let bringBack: () => Promise<void>;

beforeAll(async () => {
  stack = await startStack({ authMode: 'token', env: { HOLDFAST_EMAIL: 'ada@example.com' } });
  browser = await openBrowser();
  page = await browser.context.newPage();
});
afterAll(async () => {
  await browser?.remove();
  await stack?.remove();
});

const shardShown = async () => (await page.getByTestId('status-bar').getAttribute('data-shard')) as Backend;
const otherThan = (shard: Backend): Backend => (shard === 'backend-1' ? 'backend-2' : 'backend-1');
const strip = () => page.getByTestId('lost-strip');
const putAwayStrip = () => page.getByTestId('put-away-strip');
/** Without what stands in the terminal: its colours are its program's. */
const violations = () => axe(page, ['.xterm-rows']);

/** Closes the tab, so that the session is stored soon, and opens it again when its stored screen has this text. */
async function whenStored(text: string): Promise<void> {
  const id = await page.locator('[data-testid="terminal"]:visible').getAttribute('data-session-id');
  await page.getByTestId('close-tab').click();
  const stored = () =>
    page.evaluate(async (path) => {
      const answer = await fetch(path);
      return answer.ok ? ((await answer.json()) as StoredScreen).screen : '';
    }, `/api/v1/sessions/${id}/screen`);
  await until(async () => (await stored()).includes(text));
  await page.getByRole('navigation').locator('.open').click();
  await page.mouse.move(700, 500); // a row under the pointer shows its menu instead
  await waitForScreen(page, text);
}

async function signIn(): Promise<void> {
  await page.goto(stack.readyUrl);
  await page.waitForURL((url) => !url.search.includes('token'));
}

test('the shard of an open terminal is lost: it is said with the time, over the last screen', async () => {
  await signIn();
  await page.getByRole('button', { name: /open a terminal/i }).click();
  await waitForScreen(page, /\$|#/);
  await typeLine(page, 'PS1="$ "; clear; echo kept-$((40+2))');
  await waitForScreen(page, 'kept-42');
  await whenStored('kept-42');
  const shard = await shardShown();
  bringBack = await stack.processes.holdDown(shard, `${shard}.host`);
  await strip()
    .getByText(new RegExp(`${shard} is lost since \\d\\d:\\d\\d`))
    .waitFor();
  expect(await screenOf(page)).toContain('kept-42');
  await page.getByRole('navigation').getByText(`lost · ${shard}`).waitFor();
  await page.getByTestId('status-bar').getByText(`${shard} is lost since`, { exact: false }).first().waitFor();
});

test('nothing of it stands in the way of a screen reader, wide and narrow, light and dark', async () => {
  const found: string[] = [];
  for (const colorScheme of ['dark', 'light'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    for (const [width, height] of [
      [1440, 900],
      [1024, 768],
      [390, 844],
    ] as const) {
      await page.setViewportSize({ width, height });
      await strip().getByRole('button', { name: 'Revive' }).waitFor();
      found.push(...(await axe(page)).map((fault) => `${colorScheme} ${width}: ${fault}`));
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      if (overflow > 0) found.push(`${colorScheme} ${width}: ${overflow} px wider than the window`);
    }
  }
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.emulateMedia({ colorScheme: 'dark' });
  expect(found).toEqual([]);
});

test('a browser that has kept nothing shows the screen that the server has', async () => {
  await page.evaluate(
    () =>
      new Promise<void>((resolve, reject) => {
        const opening = indexedDB.open('holdfast');
        opening.onerror = () => reject(new Error('the store did not open'));
        opening.onsuccess = () => {
          const clearing = opening.result.transaction('screens', 'readwrite');
          clearing.objectStore('screens').clear();
          clearing.oncomplete = () => resolve();
        };
      }),
  );
  await page.reload();
  await strip().waitFor();
  await waitForScreen(page, 'kept-42');
});

test('it is revived by keyboard on the other shard, below its old lines, and typing goes on', async () => {
  const lost = await shardShown();
  await strip().getByRole('button', { name: 'Revive' }).focus();
  await page.keyboard.press('Enter');
  await waitForScreen(page, new RegExp(`── revived on ${otherThan(lost)} at `));
  await waitForConnection(page, 'online');
  await strip().waitFor({ state: 'detached' });
  // The focus is in the terminal again.
  await page.waitForFunction(() => document.activeElement?.closest('[data-testid="terminal"]') !== null);
  await page.keyboard.type('echo alive-$((50+1))');
  await page.keyboard.press('Enter');
  const screen = await waitForScreen(page, /^alive-51/);
  const places = [/^kept-42/, /── revived on/, /^alive-51/].map((line) => screen.findIndex((row) => line.test(row)));
  expect([places.includes(-1), places]).toEqual([false, [...places].sort((a, b) => a - b)]);
  expect(await shardShown()).toBe(otherThan(lost));
  await bringBack();
});

test('the pty host of a living shard dies: the session is lost at once, and is revived where it was', async () => {
  const shard = await shardShown();
  await stack.processes.kill(`${shard}.host`);
  await strip()
    .getByText(new RegExp(`Lost on ${shard} at \\d\\d:\\d\\d`))
    .waitFor();
  await strip().getByRole('button', { name: 'Revive' }).click();
  await waitForScreen(page, /── revived on[^]*── revived on/);
  await typeLine(page, 'echo third-$((1+2))');
  const screen = await waitForScreen(page, /^third-3/);
  expect(screen.join('\n')).toMatch(/kept-42[^]*── revived on[^]*alive-51[^]*── revived on[^]*third-3/);
});

test('it is put away from its menu, which asks for what runs in it, and stands there with its last screen', async () => {
  await typeLine(page, 'sleep 1000 & echo busy-$((1+1))');
  await waitForScreen(page, /^busy-2/);
  const row = page.getByRole('navigation').getByRole('listitem');
  await row.hover();
  await row.getByRole('button', { name: /^Actions for session/ }).click();
  await page.getByRole('menuitem', { name: /^Put away/ }).click();
  const dialog = page.getByRole('dialog', { name: /^Put .* away\?/ });
  await dialog.getByText('Something runs in it').waitFor();
  expect(await violations()).toEqual([]);
  await dialog.getByRole('button', { name: 'End and put away' }).click();
  await putAwayStrip()
    .getByText(/^Put away( at \d\d:\d\d)?\./)
    .waitFor();
  await dialog.waitFor({ state: 'detached' });
  expect((await screenOf(page)).join('\n')).toContain('busy-2');
  await page.getByRole('tab', { name: /put away/ }).waitFor();
  await row.getByRole('img', { name: 'put away' }).waitFor();
  expect(await page.getByText('did not arrive').count()).toBe(0);
  for (const [width, height] of [
    [1440, 900],
    [390, 844],
  ] as const) {
    await page.setViewportSize({ width, height });
    await putAwayStrip().getByRole('button', { name: 'Wake' }).waitFor();
    expect(await violations()).toEqual([]);
  }
  await page.setViewportSize({ width: 1440, height: 900 });
});

test('it is woken by keyboard, in this tab and below its old lines, and typing goes on', async () => {
  await putAwayStrip().getByRole('button', { name: 'Wake' }).focus();
  await page.keyboard.press('Enter');
  await waitForScreen(page, /busy-2[^]*── woken on backend-\d/);
  await typeLine(page, 'PS1="$ "; echo woken-$((7*3))');
  await waitForScreen(page, /── woken on[^]*woken-21/);
  expect(await page.locator('[data-testid$="-strip"]').count()).toBe(0);
});

test('who types in another pane goes on typing there when a session comes alive again beside it', async () => {
  const elsewhere = await clientIn(browser.context, stack.origin);
  onTestFinished(() => elsewhere.close());
  const first = (await elsewhere.sessions.list())[0]!;
  await page.keyboard.press('Control+Shift+E');
  await page.locator('[data-testid="terminal"][data-state="live"]').nth(1).waitFor();
  const focused = () =>
    page.evaluate(() => document.activeElement?.closest<HTMLElement>('[data-session-id]')?.dataset.sessionId ?? '');
  await expect.poll(focused).not.toBe(first.id);
  const [here] = (await elsewhere.sessions.list()).filter(({ id }) => id !== first.id);
  await expect.poll(focused).toBe(here!.id);
  await elsewhere.sessions.putAway(first.id, { evenIfNotStored: true });
  await page.getByRole('tab', { name: /put away/ }).waitFor();
  const { incarnation } = await elsewhere.sessions.get(first.id);
  await elsewhere.call(reviveSession, { sessionId: first.id, incarnation, cols: 80, rows: 24 });
  await waitForScreen(page, /── woken on[^]*── woken on/);
  expect(await focused()).toBe(here!.id);
  await page.keyboard.type('echo beside-$((3+3))\n');
  await waitForScreen(page, /^beside-6/);
  await elsewhere.sessions.close(here!.id);
});

test('after a stop and a start of everything it is still there, and goes on', async () => {
  const { home } = stack;
  expect(await stack.stop()).toBe(0);
  stack = await startStack({ home, authMode: 'token', env: { HOLDFAST_EMAIL: 'ada@example.com' } });
  await signIn(); // another port, so another origin: this browser has kept nothing of it
  await page
    .getByRole('navigation')
    .getByText(/^lost · backend/)
    .click();
  await strip()
    .getByText(/Lost on backend-\d at/)
    .waitFor();
  await waitForScreen(page, 'third-3');
  await strip().getByRole('button', { name: 'Revive' }).click();
  await waitForScreen(page, /third-3[^]*── revived on/);
  await typeLine(page, 'echo fourth-$((2+2))');
  await waitForScreen(page, /^fourth-4/);
});
