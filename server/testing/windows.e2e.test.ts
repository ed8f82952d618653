// One person, several windows, in a real Chromium: whose size counts, what becomes of typing without a connection.
import { createHash } from 'node:crypto';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Holdfast } from '../../client/index.ts';
import { listPreferences } from '../../protocol/preferences.ts';
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
import { FaultProxy } from './faultProxy.ts';
import { startStack, type Stack } from './stack.ts';

let stack: Stack;
let network: FaultProxy;
let browser: Browser;
let page: Page;
let hf: Holdfast;
/** Every size the pty had, as a program without a wish of its own hears it. */
const sizes: string[] = [];

beforeAll(async () => {
  stack = await startStack({ authMode: 'token', env: { HOLDFAST_EMAIL: 'ada@example.com' } });
  network = await FaultProxy.start(stack.port);
  browser = await openBrowser();
  page = await browser.context.newPage();
  await page.goto(stack.readyUrl.replace(String(stack.port), String(network.port)));
  await page.getByRole('button', { name: /open a terminal/i }).click();
  await waitForConnection(page, 'online');
  await waitForScreen(page, /\$|#/);
  await typeLine(page, 'PS1="$ "; clear');
  hf = await clientIn(browser.context, stack.origin);
  const [session] = await hf.sessions.list();
  await hf.sessions.attach(session!.id, {
    readOnly: true,
    onOutput: () => undefined,
    onResized: ({ cols, rows }) => void sizes.push(`${cols}×${rows}`),
  });
});
afterAll(async () => {
  hf?.close();
  await browser?.remove();
  await network?.close();
  await stack?.remove();
});

const appUrl = () => `http://localhost:${network.port}/`;
const foreign = (of: Page) => of.getByTestId('foreign-size');
const held = (of: Page) => of.getByTestId('held-notice');
const takeOver = (of: Page) => of.getByRole('button', { name: /use this window/i });

async function openWindow(width: number, height: number): Promise<Page> {
  const other = await browser.context.newPage();
  await other.setViewportSize({ width, height });
  await other.goto(appUrl());
  await waitForConnection(other, 'online');
  return other;
}

function isText(payload: string | Buffer, part: string): boolean {
  return typeof payload === 'string' && payload.includes(part);
}

/** The size the program sees, told by itself. */
async function sizeSeen(of: Page, mark: string): Promise<string> {
  await typeLine(of, `clear; echo ${mark}: $(stty size)`);
  const row = (await waitForScreen(of, new RegExp(`^${mark}: \\d+ \\d+`))).find((line) =>
    line.startsWith(`${mark}: `),
  )!;
  const [rows, cols] = row.slice(mark.length + 2).split(' ');
  return `${cols}×${rows}`;
}

test('a second window takes the size by being opened, the first is drawn within its edge, and either takes it back', async () => {
  const wide = await sizeSeen(page, 'wide');
  const small = await openWindow(700, 500);
  await foreign(page).waitFor();
  const smallSize = await sizeSeen(small, 'small');
  expect(smallSize).not.toBe(wide);
  await expect.poll(() => foreign(page).innerText()).toContain(`Sized for another window · ${smallSize}`);
  expect(await axe(page)).toEqual([]);
  await takeOver(page).focus();
  await page.keyboard.press('Enter');
  await foreign(small).waitFor();
  await foreign(page).waitFor({ state: 'detached' });
  await expect.poll(() => sizes.at(-1)).toBe(wide);
  // Larger than the window: it can be scrolled, and nothing of it is scaled.
  const scroll = () =>
    small
      .locator('[data-testid="terminal"]:visible')
      .evaluate((host) => [host.scrollWidth > host.clientWidth, host.scrollHeight > host.clientHeight]);
  await expect.poll(scroll).toEqual([true, true]);
  await typeLine(small, 'clear');
  await foreign(page).waitFor();
  await expect.poll(() => sizes.at(-1)).toBe(smallSize);
  await small.close();
  await foreign(page).waitFor({ state: 'detached' });
  await expect.poll(() => sizes.at(-1)).toBe(wide);
});

test('two windows side by side come to rest: what happens by itself resizes nothing', async () => {
  const small = await openWindow(640, 480);
  await foreign(page).waitFor();
  const before = sizes.length;
  // Focus moves, the page is hidden and shown, and the pane changes by itself: none is an act on this terminal.
  for (const one of [page, small, page]) {
    await one.bringToFront();
    await one.evaluate(() => dispatchEvent(new Event('focus')));
    await one.locator('.host').evaluate((host: HTMLElement) => (host.style.right = '40px'));
    await one.locator('.host').evaluate((host: HTMLElement) => (host.style.right = ''));
  }
  await typeLine(small, 'echo at-"rest"');
  await Promise.all([waitForScreen(page, /^at-rest/), waitForScreen(small, /^at-rest/)]);
  expect(new Set(sizes.slice(before - 1)).size).toBeLessThanOrEqual(2); // small's own size, and its own pane's change
  await foreign(page).waitFor();
  // A person who changes the window means it.
  await page.setViewportSize({ width: 1200, height: 800 });
  await foreign(small).waitFor();
  await page.setViewportSize({ width: 1440, height: 900 });
  await small.close();
});

test('a window for watching shows everything, changes nothing, and says what it is', async () => {
  await page.getByRole('button', { name: /Actions for session/ }).click();
  const opening = browser.context.waitForEvent('page');
  await page.getByRole('menuitem', { name: /open read-only/i }).click();
  const watching = await opening;
  await watching.setViewportSize({ width: 600, height: 400 });
  await watching.getByTestId('read-only').waitFor();
  const before = sizes.length;
  await typeLine(page, 'clear; echo seen-"by all"');
  await waitForScreen(watching, /^seen-by all/);
  await typeLine(watching, 'echo not-"mine"');
  await typeLine(page, 'echo still-"here"');
  const screen = await waitForScreen(watching, /^still-here/);
  expect([screen.some((row) => row.includes('not-mine')), sizes.slice(before)]).toEqual([false, []]);
  await watching.close();
});

test('typing without a connection is shown, can be read and dropped, and what is kept is sent once', async () => {
  await typeLine(page, 'clear');
  network.block();
  await waitForConnection(page, 'offline');
  await page.keyboard.type('echo dropped');
  await held(page).getByText('12 characters typed while offline').waitFor();
  await held(page).getByRole('button', { name: 'Show' }).click();
  await held(page).getByText('echo dropped', { exact: true }).waitFor();
  expect(await axe(page)).toEqual([]);
  await held(page).getByRole('button', { name: 'Drop' }).click();
  await held(page).waitFor({ state: 'detached' });
  await page.keyboard.type('echo kept-"once"\n');
  network.restore();
  const screen = await waitForScreen(page, /^kept-once/);
  expect(screen.filter((row) => row === 'kept-once')).toEqual(['kept-once']);
  await held(page).waitFor({ state: 'detached' });
});

test('typing without a connection that goes with its tab is told of', async () => {
  await typeLine(page, 'clear; echo still-"here"');
  await waitForScreen(page, /^still-here/);
  network.block();
  await waitForConnection(page, 'offline');
  await page.keyboard.type('echo gone');
  await held(page).waitFor();
  await page.getByTestId('close-tab').click();
  await page.getByText('9 bytes typed while offline were not sent').waitFor();
  network.restore();
  await waitForConnection(page, 'online');
  await page.locator('nav').getByRole('button', { name: /bash/ }).first().click();
  await waitForScreen(page, /^still-here/);
});

test('typing that outlived a reload is asked for, reached by the keyboard, and sent once', async () => {
  await typeLine(page, 'clear');
  network.block();
  await waitForConnection(page, 'offline');
  await page.keyboard.type('echo over-"reload"\n');
  await held(page).waitFor();
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
  await page.reload();
  await held(page).waitFor();
  network.restore();
  await held(page).and(page.locator('[data-asking="true"]')).waitFor();
  await page.locator('[data-testid="terminal"]:visible').click();
  await page.keyboard.press('F6');
  expect(await page.evaluate(() => document.activeElement?.closest('[data-region="notices"]') !== null)).toBe(true);
  await held(page).getByRole('button', { name: 'Send' }).focus();
  await page.keyboard.press('Enter');
  const screen = await waitForScreen(page, /^over-reload/);
  expect(screen.filter((row) => row === 'over-reload')).toEqual(['over-reload']);
});

test('typing older than 10 s is asked for, and what is typed meanwhile waits behind it', async () => {
  const other = await browser.context.newPage();
  await other.clock.install();
  await other.goto(appUrl());
  await waitForConnection(other, 'online');
  await typeLine(other, 'clear');
  network.block();
  await waitForConnection(other, 'offline');
  await other.keyboard.type('echo old-');
  await held(other).waitFor();
  await other.clock.fastForward(11_000);
  network.restore();
  await other.evaluate(() => dispatchEvent(new Event('online')));
  await held(other).and(other.locator('[data-asking="true"]')).waitFor();
  await other.locator('[data-testid="terminal"]:visible').click();
  await other.keyboard.type('enough\n');
  expect((await screenOf(other)).join('\n')).not.toContain('old-enough');
  await held(other).getByRole('button', { name: 'Send' }).click();
  const screen = await waitForScreen(other, /^old-enough/);
  expect(screen.filter((row) => row === 'old-enough')).toEqual(['old-enough']);
  await other.close();
});

test('a duplicated tab is its own attachment, and what one page left only one page takes', async () => {
  await typeLine(page, 'clear; echo all-"arrived"');
  await waitForScreen(page, /^all-arrived/); // nothing is under way: the page will leave nothing when it goes
  network.block();
  await waitForConnection(page, 'offline');
  await page.keyboard.type('only once');
  await held(page).waitFor();
  const opening = browser.context.waitForEvent('page');
  await page.evaluate(() => void window.open(location.href)); // copies the storage, as duplicating a tab does
  const copy = await opening;
  await waitForConnection(copy, 'offline');
  await copy.locator('[data-testid="terminal"]:visible').waitFor();
  expect(await held(copy).count()).toBe(0);
  await copy.close();
  // Two pages that hold one record all the same, as when a tab is duplicated while it reloads.
  const record = await page.evaluate(() => {
    dispatchEvent(new PageTransitionEvent('pagehide'));
    const stored = Object.entries<string>(sessionStorage).find(([key]) => key.startsWith('holdfast.person.input.'))!;
    dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }));
    return [stored[0], stored[1], Object.keys(sessionStorage).filter((key) => key === stored[0]).length] as const;
  });
  expect(record[2]).toBe(0); // a page that came back has everything itself
  await held(page).getByRole('button', { name: 'Drop' }).click();
  network.restore();
  await page.reload();
  await waitForConnection(page, 'online');
  const source = await browser.context.newPage();
  await source.goto(`${appUrl()}api/health`);
  await source.evaluate(([key, value]) => sessionStorage.setItem(key, value), [record[0], record[1]] as const);
  const copies: Page[] = [];
  for (let i = 0; i < 2; i++) {
    const next = browser.context.waitForEvent('page');
    await source.evaluate(() => void window.open('/'));
    copies.push(await next);
  }
  for (const one of copies) await one.locator('[data-testid="terminal"][data-state="live"]').waitFor();
  const counts = await Promise.all(copies.map((one) => held(one).count()));
  expect(counts.sort()).toEqual([0, 1]);
  await Promise.all([...copies, source].map((one) => one.close()));
});

test('whatever may follow a sleep makes the page ask the server at once', async () => {
  const other = await browser.context.newPage();
  await other.clock.install();
  const count = { probes: 0, answers: 0 };
  other.on('websocket', (socket) => {
    // Other questions are answered, too: an answer is that of a probe by its id.
    const asked = new Set<string | undefined>();
    const idOf = (payload: string | Buffer) => /"id":(\d+)/.exec(String(payload))?.[1];
    socket.on('framesent', ({ payload }) => {
      if (!isText(payload, '"probe"')) return;
      asked.add(idOf(payload));
      count.probes++;
    });
    socket.on('framereceived', ({ payload }) => {
      if (isText(payload, '"type":3') && asked.has(idOf(payload))) count.answers++;
    });
  });
  await other.goto(appUrl());
  await waitForConnection(other, 'online');
  await other.clock.pauseAt(await other.evaluate(() => Date.now() + 1_000));
  // With its timers stopped, only these can be the reason of a question.
  for (const [target, event] of [
    ['window', 'focus'],
    ['window', 'online'],
    ['window', 'pageshow'],
    ['document', 'visibilitychange'],
  ] as const) {
    const before = { ...count };
    const dispatch = ([on, name]: readonly [string, string]) =>
      (on === 'window' ? window : document).dispatchEvent(new Event(name));
    await other.evaluate(dispatch, [target, event] as const);
    await expect.poll(() => count.probes, { timeout: 20_000 }).toBeGreaterThan(before.probes);
    await expect.poll(() => count.answers, { timeout: 20_000 }).toBeGreaterThan(before.answers);
  }
  await other.clock.resume(); // it is the clock of every window
  await other.close();
});

interface Kept {
  documents: { name: string; revision: number; value: object; changes: object }[];
}

/** What this browser keeps of the person's preferences, or puts into their place. */
function keptPreferences(of: Page, instead?: Kept): Promise<Kept | undefined> {
  return of.evaluate(async (put) => {
    const settled = <T>(request: IDBRequest<T>) =>
      new Promise<T>((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error!);
      });
    const db = await settled(indexedDB.open('holdfast'));
    const facts = db.transaction('facts', put ? 'readwrite' : 'readonly').objectStore('facts');
    if (put) await settled(facts.put(put, 'preferences'));
    const found = await settled(facts.get('preferences') as IDBRequest<Kept | undefined>);
    db.close();
    return found;
  }, instead);
}

test('what is set elsewhere arrives through either shard, and what a closed window had not sent is sent by the next', async () => {
  const settings = async (of: Page) => (await keptPreferences(of))?.documents.find(({ name }) => name === 'settings');
  const statuses = await page.evaluate(async () => {
    const found: number[] = [];
    for (const [revision, shard] of ['backend-1', 'backend-2', 'backend-1'].entries()) {
      const body = JSON.stringify({ revision: Math.min(revision, 1), value: { by: shard, future: [1] } });
      const headers = { 'Content-Type': 'application/json' };
      const path = `/api/shards/${shard}/v1/preferences/settings`;
      found.push((await fetch(path, { method: 'PUT', headers, body })).status);
    }
    return found;
  });
  expect(statuses).toEqual([200, 200, 409]);
  const arrived = { name: 'settings', revision: 2, value: { by: 'backend-2', future: [1] }, changes: {} };
  await expect.poll(() => settings(page)).toEqual(arrived);
  const email = 'ada@example.com';
  // As a window that is closed left it: one that is there would write down what it knows itself.
  await page.goto(`${appUrl()}theme.js`);
  await keptPreferences(page, { email, documents: [{ ...arrived, changes: { size: 14, by: undefined } }] } as Kept);
  const next = await openWindow(1000, 700);
  const sent = { name: 'settings', revision: 3, value: { future: [1], size: 14 }, changes: {} };
  await expect.poll(() => settings(next)).toEqual(sent);
  const { documents } = await hf.call(listPreferences, {});
  expect(documents.find(({ name }) => name === 'settings')).toMatchObject({ revision: 3, value: sent.value });
  await next.close();
  await page.goto(appUrl());
  await waitForConnection(page, 'online');
});

test('a paste of 5 MiB arrives whole, with its progress shown', async () => {
  const bytes = 5 * 1024 * 1024;
  await typeLine(page, `clear; stty raw -echo; echo reading; head -c ${bytes} | sha256sum; stty sane`);
  await waitForScreen(page, /reading/);
  const text = Array.from({ length: bytes / 16 }, (_, i) => String(i).padStart(15, '0') + ' ').join('');
  await page.evaluate((pasted) => {
    const clipboardData = new DataTransfer();
    clipboardData.setData('text/plain', pasted);
    const target = [...document.querySelectorAll('.xterm-helper-textarea')].find((area) => area.checkVisibility())!;
    target.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true }));
  }, text);
  await page.getByTestId('paste-notice').waitFor();
  const hash = createHash('sha256').update(text).digest('hex');
  await waitForScreen(page, hash, 120_000);
  await page.getByTestId('paste-notice').waitFor({ state: 'detached' });
});
