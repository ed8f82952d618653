/** A real Chromium with a profile of its own, and what a person sees of the app in it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type BrowserContext, type Page } from 'playwright-core';
import { openHoldfast, type Holdfast } from '../../client/index.ts';
import { ANSWER_WITHIN_MS } from '../../pwa/connection/browserDatabase.ts';
import { until } from './until.ts';

/** Keeps a closed network from slowing the browser down; the sandbox needs rights that a test machine may lack. */
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export interface Browser {
  context: BrowserContext;
  /** What no page should say: errors that nobody caught, and those that the console was told. */
  errors: string[];
  /** Closes the browser and opens it again on the same profile. */
  restart(): Promise<void>;
  /** Closes it and removes the profile. Rejects when there were errors. */
  remove(): Promise<void>;
}

/** Ends a wait for what never comes. Not a time to keep: machines are slow and busy. */
const PATIENCE_MS = 90_000;

export interface BrowserOptions {
  width?: number;
  height?: number;
  dark?: boolean;
  /** A phone: fingers instead of a mouse. */
  phone?: boolean;
  /** For pictures: nothing moves, and dates are written the same everywhere. */
  isStill?: boolean;
  /** Flags for this Chromium besides. */
  args?: readonly string[];
}

export async function openBrowser(options: BrowserOptions = {}): Promise<Browser> {
  const profile = mkdtempSync(join(tmpdir(), 'hf-chromium-'));
  const errors: string[] = [];
  const launch = async () => {
    const context = await chromium.launchPersistentContext(profile, {
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
      headless: true,
      viewport: { width: options.width ?? 1440, height: options.height ?? 900 },
      ...(options.phone ? { hasTouch: true, isMobile: true } : {}),
      ...(options.isStill ? { reducedMotion: 'reduce', locale: 'en-GB', timezoneId: 'UTC' } : {}),
      colorScheme: options.dark === false ? 'light' : 'dark',
      args: [...FLAGS, ...(options.args ?? [])],
    });
    context.setDefaultTimeout(PATIENCE_MS);
    context.on('weberror', (error) => errors.push(error.error().message));
    // Vue says there what was thrown in its watchers and handlers; the browser, what it could not fetch.
    context.on('console', (message) => {
      if (message.type() === 'error' && !/Failed to load resource|WebSocket connection/.test(message.text()))
        errors.push(message.text());
    });
    return context;
  };
  const browser: Browser = {
    context: await launch(),
    errors,
    async restart() {
      await browser.context.close();
      browser.context = await launch();
    },
    async remove() {
      await browser.context.close();
      rmSync(profile, { recursive: true, force: true, maxRetries: 10 });
      if (errors.length > 0) throw new Error(`errors in the pages:\n${errors.join('\n')}`);
    },
  };
  return browser;
}

/** All cookies of a browser, as it sends them. */
export async function cookieHeader(context: BrowserContext): Promise<string> {
  return (await context.cookies()).map(({ name, value }) => `${name}=${value}`).join('; ');
}

/** The client library as the person who is signed in in that browser. */
export async function clientIn(context: BrowserContext, origin: string): Promise<Holdfast> {
  return openHoldfast({ url: origin, headers: { Cookie: await cookieHeader(context) } });
}

/** The rows of the visible terminal, without the empty ones at the end. */
export async function screenOf(page: Page): Promise<string[]> {
  const rows = await page.locator('[data-testid="terminal"]:visible .xterm-rows > div').allInnerTexts();
  const text = rows.map((row) => row.replaceAll('\u00a0', ' ').trimEnd());
  while (text.length > 0 && text.at(-1) === '') text.pop();
  return text;
}

/** Waits until the visible terminal shows `wanted`. */
export async function waitForScreen(page: Page, wanted: string | RegExp, timeoutMs = PATIENCE_MS): Promise<string[]> {
  await page.waitForFunction(
    ([source, flags]) => {
      const rows = [...document.querySelectorAll<HTMLElement>('[data-testid="terminal"] .xterm-rows > div')];
      const text = rows.map((row) => row.innerText.replaceAll('\u00a0', ' ').trimEnd()).join('\n');
      return new RegExp(source, flags).test(text);
    },
    typeof wanted === 'string'
      ? ([wanted.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'), 'm'] as const)
      : ([wanted.source, 'm'] as const),
    { timeout: timeoutMs },
  );
  return screenOf(page);
}

/** Waits until this browser has kept a screen with this text: that is a moment after it was drawn. */
export async function waitUntilKept(page: Page, text: string): Promise<void> {
  const isKept = async (wanted: string) => {
    const done = <T>(request: IDBRequest<T>) =>
      new Promise<T>((resolve) => request.addEventListener('success', () => resolve(request.result)));
    const database = await done(indexedDB.open('holdfast'));
    const all = database.transaction('screens').objectStore('screens').getAll() as IDBRequest<{ content: string }[]>;
    const screens = await done(all);
    database.close();
    return screens.some(({ content }) => content.includes(wanted));
  };
  await until(() => page.evaluate(isKept, text));
}

export async function waitForConnection(page: Page, state: 'online' | 'offline'): Promise<void> {
  await page.locator(`[data-testid="status-bar"][data-state="${state}"]`).waitFor();
}

/** Types a line into the visible terminal. */
export async function typeLine(page: Page, line: string): Promise<void> {
  await page.locator('[data-testid="terminal"]:visible').click();
  await page.keyboard.type(line);
  await page.keyboard.press('Enter');
}

/** By its title in the palette, which is gone afterwards; what the action does may come later. */
export async function runAction(page: Page, title: string): Promise<void> {
  const palette = page.locator('.palette');
  await page.keyboard.press('F1');
  await palette.waitFor();
  await page.keyboard.type(title);
  await palette.locator('[data-highlighted]').filter({ hasText: title }).waitFor();
  await page.keyboard.press('Enter');
  await palette.waitFor({ state: 'detached' });
}

declare const heldScreens: (() => void)[];

/** In what is loaded in this page from now on, no terminal is made before it is released. */
export async function holdTerminals(page: Page) {
  // What the browser has kept of a terminal is read before it is drawn, and waited for, here without an end.
  await page.addInitScript((waitMs) => {
    const held: (() => void)[] = [];
    Object.assign(globalThis, { heldScreens: held });
    const after = window.setTimeout.bind(window);
    window.setTimeout = ((act: () => void, ms?: number) => (ms === waitMs ? 0 : after(act, ms))) as typeof setTimeout;
    const { get } = IDBObjectStore.prototype as { get: (this: IDBObjectStore, key: IDBValidKey) => IDBRequest };
    IDBObjectStore.prototype.get = function (this: IDBObjectStore, key: IDBValidKey) {
      const request = get.call(this, key);
      if (this.name !== 'screens') return request;
      const listen = request.addEventListener.bind(request) as EventTarget['addEventListener'];
      request.addEventListener = (name: string, listener: EventListener) =>
        listen(name, (event) => void held.push(() => listener.call(request, event)));
      return request;
    };
  }, ANSWER_WITHIN_MS);
  return {
    held: (count: number) => page.waitForFunction((wanted) => heldScreens.length === wanted, count),
    release: () => page.evaluate(() => heldScreens.forEach((release) => release())),
  };
}

/** A GPU that this browser does not have: its software renderer under another name. */
export async function pretendGpu(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const RENDERER = 0x9246;
    const { getContext } = Object.getOwnPropertyDescriptors(HTMLCanvasElement.prototype);
    const { getParameter } = Object.getOwnPropertyDescriptors(WebGL2RenderingContext.prototype);
    const [context, parameter] = [getContext.value, getParameter.value] as ((...args: unknown[]) => unknown)[];
    HTMLCanvasElement.prototype.getContext = function (this: HTMLCanvasElement, kind: string, options?: object) {
      return context!.call(this, kind, { ...options, failIfMajorPerformanceCaveat: false });
    } as never;
    WebGL2RenderingContext.prototype.getParameter = function (this: WebGL2RenderingContext, name: number) {
      return name === RENDERER ? 'A real GPU' : parameter!.call(this, name);
    };
  });
}
