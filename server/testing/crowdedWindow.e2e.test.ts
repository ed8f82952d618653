import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Holdfast } from '../../client/index.ts';
import type { Session } from '../../protocol/sessions.ts';
import { clientIn, openBrowser, pretendGpu, waitForConnection, type Browser } from './browser.ts';
import { goTo, lastLineOf, openTalkers, showInPanes, turn } from './manySessions.ts';
import { startStack, type Stack } from './stack.ts';

// More sessions than a page may have contexts of the GPU, all printing, in tabs of several panes of one window.
const SESSIONS = 20;
const PANES = 6;
const LINES_PER_SECOND = 10;

let stack: Stack;
let browser: Browser;
let page: Page;
let hf: Holdfast;
let sessions: Session[];

beforeAll(async () => {
  stack = await startStack({ authMode: 'token', shards: 1, env: { HOLDFAST_EMAIL: 'ada@example.com' } });
  browser = await openBrowser({ width: 1100, height: 700 });
  page = await browser.context.newPage();
  await pretendGpu(page);
  await page.goto(stack.readyUrl);
  await waitForConnection(page, 'online');
  hf = await clientIn(browser.context, stack.origin);
  sessions = await openTalkers(hf, SESSIONS, LINES_PER_SECOND);
});
afterAll(async () => {
  hf?.close();
  await browser?.remove();
  await stack?.remove();
});

const terminals = () => page.locator('[data-testid="terminal"]:visible');
const drawnByGpu = () => page.locator('[data-testid="terminal"]:visible .xterm-screen > canvas:not(.xterm-link-layer)');

/** As the system does it to every page that has some. */
async function loseContexts(): Promise<void> {
  await terminals().evaluateAll((hosts) => {
    for (const canvas of hosts.flatMap((host) => [...host.querySelectorAll('canvas')]))
      canvas.getContext('webgl2')?.getExtension('WEBGL_lose_context')?.loseContext();
  });
}

/** Of each terminal in view, what its last line says; only what is drawn by the DOM can be read. */
const linesInView = () =>
  terminals().evaluateAll((hosts) =>
    hosts.map((host) => [...(host as HTMLElement).innerText.matchAll(/session \d+ \w+/g)].at(-1)?.[0] ?? ''),
  );

test('while twenty sessions print, each pane draws by the GPU, and goes on in sight when the contexts are lost', async () => {
  await showInPanes(page, sessions, PANES);
  await turn(hf, sessions, 'on');
  await expect.poll(() => drawnByGpu().count()).toBe(PANES);
  await loseContexts();
  await expect.poll(() => drawnByGpu().count()).toBe(0);
  // What is printed after the loss: the lines in sight are others a moment later.
  await expect.poll(async () => (await linesInView()).filter((line) => line.endsWith('prints')).length).toBe(PANES);
  await turn(hf, sessions, 'off');
});

test('every session that is gone to has the focus, is not blank, and shows its own last line', async () => {
  const shown: string[] = [];
  for (const { id } of sessions) {
    await goTo(page, id);
    shown.push(await lookAt(id));
  }
  expect(shown).toEqual(sessions.map((_, number) => lastLineOf(number)));
});

test('the tab of what is in view stays in sight, in a window that is reloaded or becomes narrower', async () => {
  const isInSight = () =>
    page.locator(`#tab-${sessions.at(-1)!.id}`).evaluate((tab) => {
      const [own, row] = [tab, tab.closest('[role=tablist]')!].map((element) => element.getBoundingClientRect());
      return own!.left >= row!.left && own!.right <= row!.right;
    });
  expect(await isInSight()).toBe(true);
  await page.reload();
  await expect.poll(isInSight).toBe(true);
  await page.setViewportSize({ width: 800, height: 700 });
  await expect.poll(isInSight).toBe(true);
});

/** With the GPU something is drawn, and without its context what was drawn can be read. */
async function lookAt(id: string): Promise<string> {
  const terminal = page.locator(`[data-session-id="${id}"]`);
  const canvas = terminal.locator('.xterm-screen > canvas:not(.xterm-link-layer)');
  await canvas.waitFor();
  await expect.poll(async () => coloursIn(await terminal.screenshot())).toBeGreaterThan(1);
  await loseContexts();
  await canvas.waitFor({ state: 'detached' });
  await expect.poll(async () => /last line of session \d+/.test(await terminal.innerText())).toBe(true);
  return [...(await terminal.innerText()).matchAll(/^last line of session \d+/gm)].at(-1)![0];
}

/** How many there are in the whole picture: a blank one has one. */
async function coloursIn(picture: Buffer): Promise<number> {
  return page.evaluate(async (base64) => {
    // Not fetched: the page may load no data of that kind.
    const bytes = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
    const bitmap = await createImageBitmap(new Blob([bytes]));
    const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d')!;
    context.drawImage(bitmap, 0, 0);
    const { data } = context.getImageData(0, 0, bitmap.width, bitmap.height);
    return new Set(new Uint32Array(data.buffer)).size;
  }, picture.toString('base64'));
}
