// What sessions tell their person, in a real Chromium: over several windows, without one, and by a call from outside.
import { createECDH } from 'node:crypto';
import type { CDPSession, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Attachment, Holdfast } from '../../client/index.ts';
import { listPreferences } from '../../protocol/preferences.ts';
import { getPushKey, subscribeToPush } from '../../protocol/push.ts';
import { axe } from './axe.ts';
import { clientIn, openBrowser, runAction, waitForConnection, type Browser } from './browser.ts';
import { logsOf } from './instances.ts';
import { startStack, type Stack } from './stack.ts';
import { until } from './until.ts';

interface Shown {
  title: string;
  body: string;
  sessionId: string;
}

let stack: Stack;
let browser: Browser;
let page: Page;
let other: Page;
let hf: Holdfast;
/** A session that no window has open. */
let quiet: { id: string };
let terminal: Attachment;

beforeAll(async () => {
  stack = await startStack({ authMode: 'token', shards: 1, env: { HOLDFAST_EMAIL: 'ada@example.com' } });
  browser = await openBrowser();
  await browser.context.grantPermissions(['notifications'], { origin: stack.origin });
  // A browser without a screen gives every page the focus: the tests say which window has it.
  await browser.context.addInitScript(() => {
    const focus = { has: false };
    document.hasFocus = () => focus.has;
    const setBadge = navigator.setAppBadge?.bind(navigator);
    Object.assign(window, {
      setFocus(has: boolean) {
        focus.has = has;
        dispatchEvent(new Event(has ? 'focus' : 'blur'));
      },
    });
    navigator.setAppBadge = (count) => (
      document.documentElement.setAttribute('data-badge', String(count)),
      setBadge?.(count) ?? Promise.resolve()
    );
    navigator.clearAppBadge = () => (document.documentElement.removeAttribute('data-badge'), Promise.resolve());
  });
  page = await browser.context.newPage();
  await page.goto(stack.readyUrl);
  await page.getByRole('button', { name: /open a terminal/i }).click();
  await waitForConnection(page, 'online');
  await page.evaluate(() => navigator.serviceWorker.ready);
  hf = await clientIn(browser.context, stack.origin);
  quiet = await hf.sessions.open({ name: 'quiet', command: ['bash', '--norc'], cols: 80, rows: 24 });
  terminal = await hf.sessions.attach(quiet.id, { onOutput: () => undefined });
  other = await browser.context.newPage();
  await other.goto(stack.origin);
  await waitForConnection(other, 'online');
});
afterAll(async () => {
  hf?.close();
  await browser?.remove();
  await stack?.remove();
});

const focus = (of: Page, has: boolean) =>
  of.evaluate((value) => (window as unknown as { setFocus(has: boolean): void }).setFocus(value), has);
const badge = (of: Page) => of.evaluate(() => document.documentElement.dataset.badge ?? '');

function shown(of: Page = page): Promise<Shown[]> {
  return of.evaluate(async () => {
    const registration = await navigator.serviceWorker.getRegistration();
    return (await registration!.getNotifications()).map(({ title, body, data }) => ({
      ...{ title, body, sessionId: (data as { sessionId: string }).sessionId },
    }));
  });
}

/** Every decision that was made of signals in this browser, the oldest first. */
function decided(of: Page = page): Promise<string[]> {
  return of.evaluate(
    () =>
      new Promise<string[]>((resolve, reject) => {
        const opening = indexedDB.open('holdfast.attention');
        opening.onerror = () => reject(new Error('the log cannot be opened'));
        opening.onsuccess = () => {
          const db = opening.result;
          if (!db.objectStoreNames.contains('log')) return (db.close(), resolve([]));
          const asking = db.transaction('log').objectStore('log').index('at').getAll();
          asking.onsuccess = () => {
            db.close();
            resolve((asking.result as { outcome: string; text: string }[]).map((e) => `${e.outcome}: ${e.text}`));
          };
        };
      }),
  );
}

const says = (sequence: string) => terminal.write(`printf '${sequence}'\r`);
const notice = (text: string) => says(String.raw`\e]9;${text}\a`);

test('of two windows that nobody looks at one tells it, both mark it, and a look in one takes it from all', async () => {
  notice('Claude needs your permission');
  await expect.poll(() => decided()).toEqual(['shown: Claude needs your permission']);
  await expect
    .poll(() => shown())
    .toEqual([
      {
        title: 'quiet needs you',
        body: expect.stringContaining('Claude needs your permission') as string,
        sessionId: quiet.id,
      },
    ]);
  await expect.poll(() => Promise.all([badge(page), badge(other)])).toEqual(['1', '1']);
  await focus(other, true);
  await other.getByRole('button', { name: /quiet/ }).first().click();
  await expect.poll(() => Promise.all([badge(page), badge(other)])).toEqual(['', '']);
  await expect.poll(() => shown()).toEqual([]);
});

test('while the other window looks at the session nobody is told, and at work in another session it is only marked', async () => {
  notice('while looked at');
  await other.getByRole('tab').first().click(); // the first terminal: quiet is out of view
  notice('while at work');
  await expect.poll(() => decided()).toContain('here: while at work');
  expect([await shown(), await decided()]).toEqual([
    [],
    ['shown: Claude needs your permission', 'here: while at work'],
  ]);
  await expect.poll(() => badge(page)).toBe('1');
});

test('the badge does not count a session that has ended', async () => {
  terminal.write('exit\r');
  await expect.poll(() => Promise.all([badge(page), badge(other)])).toEqual(['', '']);
  quiet = await hf.sessions.open({ name: 'quieter', command: ['bash', '--norc'], cols: 80, rows: 24 });
  terminal = await hf.sessions.attach(quiet.id, { onOutput: () => undefined });
});

test('what is in view in another pane is looked at too, unless it is behind a zoomed one or the window is narrow', async () => {
  await focus(other, false);
  await focus(page, true);
  await page
    .getByRole('button', { name: /quieter/ })
    .first()
    .click();
  await page.locator('[data-testid="terminal"][data-state="live"]').nth(1).waitFor();
  await runAction(page, 'Move to a pane on the right');
  await page.getByTestId('dock').waitFor();
  await page.getByRole('tablist', { name: 'Open sessions' }).getByRole('tab').first().click();
  const inView = page.locator('[data-testid="terminal"]:visible');
  const both = () => Promise.all([badge(page), badge(other)]);
  const hide = [() => page.keyboard.press('Control+Shift+X'), () => page.setViewportSize({ width: 390, height: 844 })];
  const back = [() => page.keyboard.press('Control+Shift+X'), () => page.setViewportSize({ width: 1440, height: 900 })];
  for (const step of [0, 1]) {
    await expect.poll(() => inView.count()).toBe(2);
    await hide[step]!();
    await expect.poll(() => inView.count()).toBe(1);
    notice(`out of view ${step}`);
    await expect.poll(both).toEqual(['1', '1']);
    await back[step]!();
    await expect.poll(both).toEqual(['', '']);
  }
  await focus(page, false);
});

test('a person says what they want to be told of, for all and for one session, and reads what became of it', async () => {
  await focus(other, false);
  await page.bringToFront();
  await page.getByRole('button', { name: /account and settings/i }).click();
  await page.getByRole('menuitem', { name: 'Notifications…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Notifications' });
  await dialog.getByText('held back: you were at work in a window').first().waitFor();
  await dialog.getByRole('button', { name: 'Turn on' }).waitFor();
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    expect(await axe(page)).toEqual([]);
  }
  await dialog.getByLabel('Tell me of').selectOption('Only when it needs me');
  const settings = async () =>
    (await hf.call(listPreferences, {})).documents.find(({ name }) => name === 'settings')?.value;
  await expect.poll(settings).toMatchObject({ attention: 'needsMe' });
  await dialog.getByRole('button', { name: 'Close' }).click();
  notice('not wanted');
  await expect.poll(() => decided()).toContain('policy: not wanted');
  notice('waiting for your input');
  await expect.poll(() => decided()).toContain('shown: waiting for your input');
  expect((await shown()).map(({ title }) => title)).toEqual(['quieter needs you']);
});

test('a call from outside is shown without a window, once for what was shown already, and opens its session', async () => {
  const { key } = await hf.call(getPushKey, {});
  expect(Buffer.from(key!, 'base64url').length).toBe(65);
  const keys = { p256dh: Buffer.alloc(65, 4).toString('base64url'), auth: Buffer.alloc(16).toString('base64url') };
  for (const endpoint of [
    'http://push.example.com/x',
    'https://127.0.0.1/x',
    'https://localhost/x',
    'https://10.1.2.3/',
  ])
    await expect(hf.call(subscribeToPush, { endpoint, keys })).rejects.toMatchObject({ code: 'input.invalid' });

  // A name that leads nowhere: the shard rings, the frontend calls, and nobody answers.
  await hf.call(subscribeToPush, { endpoint: 'https://push.invalid./x', keys: { ...keys, p256dh: somePoint() } });
  const rings = ['bash', '-c', String.raw`printf '\e]9;needs your input\a'; read`];
  const ringing = await hf.sessions.open({ name: 'ringing', command: rings, cols: 80, rows: 24 });
  await until(() => logsOf(stack).includes('a device could not be called'));

  await hf.sessions.close(ringing.id);

  const cdp = await browser.context.newCDPSession(page);
  const registrationId = await registrationOf(cdp);
  const signal = { sessionId: quiet.id, incarnation: 1, offset: 10_000_000, at: 0, when: 'always', name: null };
  const note = {
    signal: { ...signal, kind: 'failed', text: 'npm test failed (1)' },
    sessionName: 'quieter',
    projectName: 'Web',
  };
  const data = JSON.stringify(note);
  await cdp.send('ServiceWorker.deliverPushMessage', { origin: stack.origin, registrationId, data });
  await expect
    .poll(() => shown())
    .toEqual([{ title: 'quieter: failed', body: 'npm test failed (1)\nWeb', sessionId: quiet.id }]);
  await cdp.send('ServiceWorker.deliverPushMessage', { origin: stack.origin, registrationId, data });
  expect((await decided()).filter((entry) => entry.startsWith('called'))).toEqual(['called: npm test failed (1)']);

  // Chosen while no window is there: the worker opens one. A test cannot click what the system shows.
  const worker = browser.context.serviceWorkers().find((one) => one.url().startsWith(stack.origin))!;
  const opened = await worker.evaluate(openedByClick, quiet.id);
  const fresh = await browser.context.newPage();
  await fresh.goto(new URL(opened[0]!, stack.origin).href);
  await fresh.getByRole('tab', { name: /quieter/, selected: true }).waitFor();
  expect(new URL(fresh.url()).hash).toBe('');
  await fresh.close();
});

/** A public key of a browser that nobody has. */
function somePoint(): string {
  return createECDH('prime256v1').generateKeys('base64url');
}

async function registrationOf(cdp: CDPSession): Promise<string> {
  let id: string | undefined;
  cdp.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => {
    id ??= registrations.find(({ scopeURL }) => scopeURL.startsWith(stack.origin))?.registrationId;
  });
  await cdp.send('ServiceWorker.enable');
  await until(() => id !== undefined);
  return id!;
}

/** Runs in the service worker: where it leads to choose a session's notification while no window is there. */
async function openedByClick(sessionId: string): Promise<string[]> {
  interface WorkerScope {
    clients: { openWindow(url: string): Promise<null>; matchAll(): Promise<never[]> };
    registration: ServiceWorkerRegistration;
    NotificationEvent: new (type: string, init: { notification: Notification }) => Event;
  }
  const scope = self as unknown as WorkerScope;
  const { clients, registration } = scope;
  const asked: string[] = [];
  clients.openWindow = (url) => Promise.resolve((asked.push(url), null));
  clients.matchAll = () => Promise.resolve([]);
  const [notification] = await registration.getNotifications({ tag: sessionId });
  self.dispatchEvent(new scope.NotificationEvent('notificationclick', { notification: notification! }));
  while (asked.length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
  return asked;
}
