import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { tokenIdOf } from '../../protocol/tokens.ts';
import { axe } from './axe.ts';
import { openBrowser, type Browser } from './browser.ts';
import { logsOf } from './instances.ts';
import { askUpgrade, refusalOf, send } from './rawHttp.ts';
import { startStack, type Stack } from './stack.ts';

// One story in order: a person makes a token in the settings, a program uses it, the person revokes it.
let stack: Stack;
let browser: Browser;
let page: Page;
let token: string;

beforeAll(async () => {
  stack = await startStack({ authMode: 'token', env: { HOLDFAST_EMAIL: 'ada@example.com' } });
  browser = await openBrowser();
  page = await browser.context.newPage();
  await page.goto(stack.readyUrl);
});
afterAll(async () => {
  await browser?.remove();
  await stack?.remove();
});

const bearer = (more: Record<string, string> = {}) => ({ Authorization: `Bearer ${token}`, ...more });
const statusOf = async (path: string, headers = bearer()) => (await send(stack.port, { path, headers })).status;

async function openDialog(): Promise<void> {
  await page.getByRole('button', { name: /account and settings/i }).click();
  await page.getByRole('menuitem', { name: /command-line tokens/i }).click();
  await page.getByRole('dialog', { name: 'Command-line tokens' }).waitFor();
}

test('a person makes a token by keyboard alone, and sees it once', async () => {
  await openDialog();
  await page.getByText('There are no tokens.').waitFor();
  await page.getByRole('textbox', { name: 'Name', exact: true }).focus();
  await page.keyboard.type('my laptop');
  await page.keyboard.press('Enter');
  const made = page.getByLabel(/copy it now/);
  await made.waitFor();
  token = await made.inputValue();
  expect(tokenIdOf(token)).toBeDefined();
  expect(await made.evaluate((input) => document.activeElement === input)).toBe(true);
  await page.keyboard.press('Escape');
  await openDialog();
  await page.getByText('my laptop').waitFor();
  expect(await page.getByLabel(/copy it now/).count()).toBe(0);
  expect(await page.content()).not.toContain(token);
});

test('the dialog stands in nobody’s way, wide and narrow, light and dark', async () => {
  await page.getByRole('textbox', { name: 'Name', exact: true }).fill('another');
  await page.getByRole('button', { name: 'Make token' }).click();
  await page.getByLabel(/copy it now/).waitFor();
  const found: string[] = [];
  for (const colorScheme of ['dark', 'light'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    for (const [width, height] of [
      [1440, 900],
      [390, 844],
    ] as const) {
      await page.setViewportSize({ width, height });
      found.push(...(await axe(page)).map((fault) => `${colorScheme} ${width}: ${fault}`));
      const overflow = await page.getByRole('dialog').evaluate((dialog) => dialog.scrollWidth - dialog.clientWidth);
      if (overflow > 0) found.push(`${colorScheme} ${width}: the dialog is ${overflow} px wider than its place`);
    }
  }
  await page.setViewportSize({ width: 1440, height: 900 });
  expect(found).toEqual([]);
});

test('a program is that person with it, over HTTP and on a websocket, and no admin', async () => {
  const me = await send(stack.port, { path: '/api/me', headers: bearer() });
  expect(JSON.parse(me.text)).toEqual({ email: 'ada@example.com', name: 'ada', roles: ['user'] });
  const { shardId } = JSON.parse((await send(stack.port, { path: '/api/assignment', headers: bearer() })).text) as {
    shardId: string;
  };
  const path = `/api/shards/${shardId}/socket.io/?EIO=4&transport=websocket`;
  expect((await askUpgrade(stack.port, path, bearer())).status).toBe(101);
  expect(refusalOf(await askUpgrade(stack.port, path, { Authorization: `${bearer().Authorization}x` }))).toBe(
    '401 AUTH_INVALID',
  );
});

test('a token changes things without an Origin, but not from another site, and makes no tokens', async () => {
  const change = (headers: Record<string, string>, path: string, body: object) =>
    send(stack.port, { method: 'POST', path, headers, body });
  const session = { command: ['true'], cols: 80, rows: 24 };
  expect((await change(bearer(), '/api/v1/sessions', session)).status).toBe(200);
  const elsewhere = bearer({ Origin: 'https://elsewhere.example' });
  expect(refusalOf(await change(elsewhere, '/api/v1/sessions', session))).toBe('403 auth.origin_refused');
  expect(refusalOf(await change(bearer(), '/api/tokens', { name: 'child' }))).toBe('403 auth.forbidden');
  expect(refusalOf(await send(stack.port, { path: '/api/tokens', headers: bearer() }))).toBe('403 auth.forbidden');
});

test('revoked in the settings it is refused at once', async () => {
  expect(await statusOf('/api/me')).toBe(200);
  await page.getByRole('button', { name: 'Revoke my laptop' }).click();
  await page.getByRole('button', { name: 'Really revoke my laptop' }).click();
  await page.getByText('my laptop').waitFor({ state: 'detached' });
  expect(refusalOf(await send(stack.port, { path: '/api/me', headers: bearer() }))).toBe('401 AUTH_INVALID');
});

test('no log has any of it', () => {
  expect(logsOf(stack)).toContain('frontend');
  expect(logsOf(stack)).not.toContain(token.slice(-43));
});
