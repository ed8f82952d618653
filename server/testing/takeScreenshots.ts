/**
 * Takes the pictures that browsers show before the app is installed: pwa/public/screenshots/, of the app as it is built.
 * npm run build && npx tsx server/testing/takeScreenshots.ts
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { openBrowser, typeLine, waitForConnection, waitForScreen, type Browser } from './browser.ts';
import { startStack, type Stack } from './stack.ts';

const TARGET = join(import.meta.dirname, '../../pwa/public/screenshots');
const QUALITY = 80;

/** Something to look at: nothing of this machine is to be seen in it. */
const STORY = [
  'cd "$(mktemp -d)" && git init -q . && git config user.name Ada && git config user.email ada@example.com',
  'for m in "Read the log once" "Number each frame" "Acknowledge after the write" "Say what was lost"; do git commit -q --allow-empty -m "$m"; done',
  String.raw`PS1='\[\e[32m\]holdfast\[\e[0m\] \$ '; clear`,
];
const SHOWN = ['git log --oneline --graph --decorate', 'seq -f "test %g passed" 8', 'echo still-"here"'];

async function open({ context }: Browser, origin: string): Promise<Page> {
  await context.setExtraHTTPHeaders({ 'X-Forwarded-Email': 'ada@example.com' });
  const page = await context.newPage();
  await page.goto(origin);
  return page;
}

async function tell(page: Page): Promise<void> {
  await waitForConnection(page, 'online');
  for (const line of [...STORY, ...SHOWN]) await typeLine(page, line);
  await waitForScreen(page, /^still-here/);
}

async function take(page: Page, name: string): Promise<void> {
  const devtools = await page.context().newCDPSession(page);
  const { data } = await devtools.send('Page.captureScreenshot', { format: 'webp', quality: QUALITY });
  writeFileSync(join(TARGET, `${name}.webp`), Buffer.from(data, 'base64'));
}

async function wide({ origin }: Stack): Promise<void> {
  const browser = await openBrowser();
  const page = await open(browser, origin);
  await page.getByRole('button', { name: 'Skip' }).click();
  await page.getByRole('button', { name: /open a terminal/i }).click();
  await tell(page);
  await take(page, 'wide');
  await browser.remove();
}

async function narrow({ origin }: Stack): Promise<void> {
  const browser = await openBrowser({ width: 390, height: 844, phone: true });
  const page = await open(browser, origin);
  await page.getByRole('button', { name: /open a terminal/i }).tap();
  await tell(page);
  await page.getByRole('button', { name: 'More keys' }).tap();
  await take(page, 'narrow');
  await browser.remove();
}

mkdirSync(TARGET, { recursive: true });
const stack = await startStack({ authMode: 'proxy' });
await wide(stack);
await narrow(stack);
await stack.remove();
