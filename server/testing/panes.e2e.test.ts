import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { axe } from './axe.ts';
import { holdTerminals, openBrowser, runAction, typeLine, waitForConnection, type Browser } from './browser.ts';
import { startStack, type Stack } from './stack.ts';

// Several sessions beside each other in one window, by keys, by dragging, over reloads, devices and windows.
let stack: Stack;
let browser: Browser;
let page: Page;

beforeAll(async () => {
  stack = await startStack({ authMode: 'token', env: { HOLDFAST_EMAIL: 'ada@example.com' } });
  browser = await openBrowser();
  page = await browser.context.newPage();
  await page.goto(stack.readyUrl);
  await page.getByRole('button', { name: /open a terminal/i }).click();
  await waitForConnection(page, 'online');
  await typeLine(page, 'echo pane-$((40 + 1))');
});
afterAll(async () => {
  await browser?.remove();
  await stack?.remove();
});

/** What the terminals in view show, from left to right and from top to bottom. */
async function inView(where: Page = page): Promise<string[]> {
  return where.locator('[data-testid="terminal"]:visible').evaluateAll((hosts) => {
    const placed = hosts.map((host) => ({ text: (host as HTMLElement).innerText, at: host.getBoundingClientRect() }));
    const sorted = placed.sort((a, b) => a.at.left - b.at.left || a.at.top - b.at.top);
    return sorted.map(({ text }) => [...text.matchAll(/^(pane-\d+)/gm)].map(([, mark]) => mark).join(' '));
  });
}
const tabs = () => page.getByRole('tablist', { name: 'Open sessions' }).getByRole('tab');
const expectInView = (...marks: string[]) => expect.poll(() => inView()).toEqual(marks);
/** Types into whatever has the focus, which has to be a terminal. */
async function type(line: string): Promise<void> {
  await page.waitForFunction(() => document.activeElement?.classList.contains('xterm-helper-textarea'));
  await page.keyboard.type(`${line}\n`);
}
/** Opens a session by a key, and types into it when it is there. */
async function openBeside(keys: string, mark: number, count: number): Promise<void> {
  await page.keyboard.press(keys);
  await page.waitForFunction(
    (wanted) => document.querySelectorAll('[data-testid="terminal"][data-state="live"]').length === wanted,
    count,
  );
  await type(`echo pane-$((40 + ${mark}))`);
}

/** Nothing is drawn until it is called: where keys go must not hang on that. */
const holdFrames = () =>
  page.evaluateHandle(() => {
    const request = window.requestAnimationFrame.bind(window);
    const held: FrameRequestCallback[] = [];
    window.requestAnimationFrame = (callback) => held.push(callback);
    return () => {
      window.requestAnimationFrame = request;
      for (const callback of held) request(callback);
    };
  });

test('a session opens beside the one in front, whichever tab that is', async () => {
  await page.keyboard.press('Control+Shift+Enter');
  await expect.poll(() => page.getByRole('tab').count()).toBe(2);
  await type('echo pane-$((40 + 8))');
  await expectInView('pane-48');
  await page.keyboard.press('Alt+1');
  await expectInView('pane-41');
  await page.keyboard.press('Control+Shift+E');
  await page.waitForFunction(() => document.querySelectorAll('[data-testid="terminal"]').length === 3);
  await type('echo pane-$((40 + 9))');
  await expectInView('pane-41', 'pane-49');
  // What is beside it in view takes over, not what is beside it among the tabs.
  await runAction(page, 'Close tab');
  await expectInView('pane-41');
  await page.keyboard.press('Control+Shift+E');
  await expect.poll(() => inView()).toEqual(['pane-41', '']);
  await page
    .getByTestId('dock')
    .getByRole('tab', { name: /bash 4/ })
    .click({ button: 'middle' });
  await expectInView('pane-41');
  await page.getByRole('tab', { name: /bash 2/ }).press('Delete');
  await expect.poll(() => page.getByRole('tab').count()).toBe(1);
  await page.reload();
  await expectInView('pane-41');
});

test('a session opens beside another and below it, and what is typed goes where the focus is', async () => {
  await expectInView('pane-41');
  await openBeside('Control+Shift+E', 2, 2);
  await expectInView('pane-41', 'pane-42');
  await openBeside('Control+Shift+D', 3, 3);
  await expectInView('pane-41', 'pane-42', 'pane-43');
  const frames = await holdFrames();
  await page.keyboard.press('Alt+Shift+ArrowLeft');
  await type('echo pane-$((40 + 4))');
  await frames.evaluate((release) => release());
  await expectInView('pane-41 pane-44', 'pane-42', 'pane-43');
  const sizes = await page
    .locator('[data-testid="terminal"]:visible .xterm-screen')
    .evaluateAll((screens) => screens.map((screen) => screen.getBoundingClientRect().right <= innerWidth));
  expect(sizes).toEqual([true, true, true]);
});

/** The session that has the keyboard, and the one that is marked as shown. */
const inFront = () =>
  page.evaluate(() => [
    document.activeElement?.closest<HTMLElement>('[data-session-id]')?.dataset['sessionId'],
    document.querySelector('[role="tablist"][aria-label="Open sessions"] [aria-selected="true"]')?.id.slice(4),
  ]);
const expectInFront = (id: string) => expect.poll(inFront).toEqual([id, id]);
const front = async () => (await inFront())[1]!;

const region = () =>
  page.evaluate(() => document.activeElement?.closest<HTMLElement>('[data-region]')?.dataset['region'] ?? '');
/** The parts of the window that a key leads through, until it is back where it was. */
async function walk(key: string): Promise<string[]> {
  const walked = [await region()];
  for (let presses = 0; presses < 9; presses++) {
    await page.keyboard.press(key);
    const here = await region();
    if (here === walked[0]) break;
    walked.push(here);
  }
  return walked;
}

test('of several panes the one in front has the keyboard, by whatever way it was left', async () => {
  await page.keyboard.press('Alt+3');
  const third = await front();
  await expectInFront(third);
  for (const key of ['F6', 'Shift+F6']) {
    expect(await walk(key)).toEqual(expect.arrayContaining(['terminal', 'sidebar', 'tabs']));
    await expectInFront(third);
  }
  await page.keyboard.press('Control+Shift+F');
  await expect.poll(region).toBe('find');
  for (const key of ['F6', 'Shift+F6']) expect(await walk(key)).toContain('terminal');
  await page.keyboard.press('Escape');
  await expectInFront(third);
  const tab = page.locator(`.dock [data-tab-panel-id="${third}"]`);
  await tab.click();
  await expectInFront(third);
  await tab.click({ button: 'right' });
  await expectInFront(third);
  await page.locator(`.dv-groupview:has([data-tab-panel-id="${third}"]) .dv-void-container`).click();
  await expectInFront(third);
});

test('what is chosen in the switcher has the keyboard before the next key', async () => {
  await page.keyboard.press('Alt+1');
  const first = await front();
  await expectInFront(first);
  const name = await tabs().nth(1).locator('.name').innerText();
  await page.keyboard.press('Control+Shift+O');
  await page.locator('.palette [data-highlighted]').waitFor();
  await page.keyboard.type(name);
  await page.locator('.palette [data-highlighted]').filter({ hasText: name }).waitFor();
  // A key is a task, and this is the first that can come.
  const next = await page.evaluate(() => {
    document.activeElement!.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true }));
    const { port1, port2 } = new MessageChannel();
    return new Promise((resolve) => {
      port1.onmessage = () =>
        resolve(document.activeElement?.closest<HTMLElement>('[data-session-id]')?.dataset['sessionId']);
      port2.postMessage('');
    });
  });
  const second = await front();
  expect([next, second]).toEqual([second, second === first ? 'another' : second]);
  await page.keyboard.press('Alt+1');
  await expectInFront(first);
});

test('what is shown while the palette lies over it is in front when that closes, and has the keyboard', async () => {
  const idOf = (at: number) =>
    page.locator('[role="tabpanel"]:visible [data-session-id]').nth(at).getAttribute('data-session-id');
  const here = await page.evaluate(
    () => document.activeElement!.closest<HTMLElement>('[data-session-id]')!.dataset['sessionId'],
  );
  const other = [await idOf(0), await idOf(1), await idOf(2)].find((id) => id !== here)!;
  await page.keyboard.press('F1');
  await page.locator('.palette [data-highlighted]').waitFor();
  // As if its notification were chosen.
  await page.evaluate((sessionId) => {
    const data = { is: 'showSession', sessionId };
    navigator.serviceWorker.dispatchEvent(new MessageEvent('message', { data }));
  }, other);
  await page.locator(`#tab-${other}[aria-selected="true"]`).waitFor();
  await page.keyboard.press('Escape');
  await page.locator('.palette').waitFor({ state: 'detached' });
  await page.waitForFunction(
    (id) => document.activeElement?.closest<HTMLElement>('[data-session-id]')?.dataset['sessionId'] === id,
    other,
  );
  expect(await page.locator(`#tab-${other}`).getAttribute('aria-selected')).toBe('true');
  await page.keyboard.press('Alt+1');
  await page.waitForFunction(
    (id) => document.activeElement?.closest<HTMLElement>('[data-session-id]')?.dataset['sessionId'] === id,
    here,
  );
});

test('a pane is zoomed and has its place again', async () => {
  await page.keyboard.press('Control+Shift+X');
  await expectInView('pane-41 pane-44');
  await page.keyboard.press('Control+Shift+X');
  await expectInView('pane-41 pane-44', 'pane-42', 'pane-43');
});

test('nothing of it stands in the way of a screen reader', async () => {
  expect(await axe(page)).toEqual([]);
});

test('a reload finds every pane where it was, and so does a phone turned wide again', async () => {
  await page.reload();
  await expectInView('pane-41 pane-44', 'pane-42', 'pane-43');
  await expect.poll(() => page.locator('.xterm-cursor:visible').count()).toBe(3); // where each program is, without the focus too
  await page.setViewportSize({ width: 390, height: 844 });
  await expectInView('pane-41 pane-44');
  await page.setViewportSize({ width: 1440, height: 900 });
  await expectInView('pane-41 pane-44', 'pane-42', 'pane-43');
});

test('terminals that are late in coming leave the keyboard where the person is, and have what was typed for them', async () => {
  const late = await browser.context.newPage();
  const terminals = await holdTerminals(late);
  await late.goto(stack.origin);
  await terminals.held(3);
  const places = late.locator('.early:visible');
  await expect.poll(() => places.count()).toBe(3);
  const said = () =>
    late
      .locator('[data-testid="terminal"]:visible')
      .evaluateAll((hosts) => hosts.map((host) => /^late-\d+/m.exec((host as HTMLElement).innerText)?.[0] ?? ''));
  await places.nth(0).focus();
  await late.keyboard.type('echo late-$((40 + 1))\n');
  await places.nth(1).focus();
  await terminals.release();
  await expect.poll(said).toEqual(['late-41', '', '']);
  await late.keyboard.type('echo late-$((40 + 2))\n');
  await expect.poll(said).toEqual(['late-41', 'late-42', '']);
  await late.close();
});

test('another device takes the layout up', async () => {
  const other = await openBrowser();
  try {
    const [cookie] = await browser.context.cookies();
    await other.context.addCookies([cookie!]);
    const there = await other.context.newPage();
    await there.goto(stack.origin);
    await expect.poll(() => inView(there)).toEqual(['pane-41 pane-44', 'pane-42', 'pane-43']);
  } finally {
    await other.remove();
  }
});

test('a tab of the title bar is dragged to an edge, and a tab that is closed leaves its place to the others', async () => {
  const third = tabs().nth(2);
  await third.click();
  const dragged = await front();
  const area = await page.locator('[data-testid="dock"]').boundingBox();
  await third.hover();
  await page.mouse.down();
  // Over what is in the middle first: a drag is more than one movement.
  await page.mouse.move(area!.x + area!.width / 4, area!.y + area!.height / 2, { steps: 5 });
  await page.mouse.move(area!.x + 40, area!.y + area!.height / 2, { steps: 5 });
  await page.mouse.up();
  await expectInView('pane-43', 'pane-41 pane-44', 'pane-42');
  await expectInFront(dragged);
  await third.focus();
  await page.keyboard.press('Delete');
  await expectInView('pane-41 pane-44', 'pane-42');
});

test('a session moves to a window of its own, where it goes on', async () => {
  await page.locator('[data-testid="terminal"]:visible').first().click();
  const [apart] = await Promise.all([
    browser.context.waitForEvent('page'),
    runAction(page, 'Move to a window of its own'),
  ]);
  await expect.poll(() => inView(apart)).toEqual(['pane-41 pane-44']);
  await expectInView('pane-42');
  await apart.keyboard.type('echo pane-$((40 + 5))\n');
  await expect.poll(() => inView(apart)).toEqual(['pane-41 pane-44 pane-45']);
  await apart.reload();
  await expect.poll(() => inView(apart)).toEqual(['pane-41 pane-44 pane-45']);
  await apart.close();
});

test('a border that is dragged is written when it comes to rest, and not lost with a window that is closed right then', async () => {
  await openBeside('Control+Shift+E', 6, 2);
  await expectInView('pane-42', 'pane-46');
  const kept = () => page.evaluate(() => sessionStorage.getItem('holdfast.person.panes'));
  const onServer = () =>
    page.evaluate(async () => {
      const { documents } = (await (await fetch('/api/v1/preferences')).json()) as {
        documents: { name: string; value: { dock?: unknown } }[];
      };
      return documents.find(({ name }) => name === 'layout')?.value.dock;
    });
  await expect.poll(onServer).toEqual(JSON.parse((await kept())!));
  const before = await kept();
  const border = (await page.locator('.dv-sash').first().boundingBox())!;
  const [x, y] = [border.x + border.width / 2, border.y + border.height / 2];
  await page.mouse.move(x, y);
  await page.mouse.down();
  await page.mouse.move(x - 200, y, { steps: 10 });
  const right = async () => (await page.getByRole('tabpanel').first().boundingBox())!.width;
  const width = await right();
  expect(await kept()).toBe(before);
  await page.mouse.up();
  await expect.poll(kept).not.toBe(before); // the window has noted it, and nobody else has
  await page.close();
  page = await browser.context.newPage();
  await page.goto(stack.origin);
  await expectInView('pane-42', 'pane-46');
  await expect.poll(async () => Math.abs((await right()) - width)).toBeLessThan(2);
  await expect.poll(onServer).toEqual(JSON.parse((await kept())!));
});

test('a tab that is closed in another pane, and one pane for all, leave in front what was', async () => {
  await page.keyboard.press('Alt+2');
  await page.keyboard.press('Control+Shift+Enter');
  await expect.poll(() => tabs().count()).toBe(3);
  const last = await front();
  await page.keyboard.press('Alt+1');
  const first = await front();
  await page.locator(`.dock [data-tab-panel-id="${last}"] .dock-tab-close`).click();
  await expect.poll(() => tabs().count()).toBe(2);
  await expectInFront(first);
  await expectInView('pane-42', 'pane-46');
  await runAction(page, 'One pane for all');
  await expectInView('pane-42');
  await expectInFront(first);
});

test('what is closed leaves the keyboard to what is shown next, at last to the button that opens a terminal', async () => {
  await page.evaluate(() => addEventListener('paste', () => (document.title = 'pasted'), { capture: true }));
  await tabs().nth(1).click();
  await tabs().nth(1).click({ button: 'middle' });
  await expectInView('pane-42');
  await openBeside('Control+Shift+E', 10, 2);
  await expectInView('pane-42', 'pane-50');
  await page.locator('.dock-tab').nth(1).click({ button: 'middle' });
  await expectInView('pane-42');
  await type('echo pane-$((40 + 7))');
  await expectInView('pane-42 pane-47');
  expect(await page.title()).not.toBe('pasted');
  await runAction(page, 'End and close session');
  await page.getByRole('button', { name: 'End and close' }).click();
  await page.waitForFunction(() => document.activeElement?.matches('button.button--primary'));
  await page.getByRole('button', { name: /open a terminal/i }).click({ trial: true }); // no area lies over it
  await page.keyboard.press('Enter');
  await type('echo pane-$((40 + 8))');
  await expectInView('pane-48');
});

test('going back closes what is open, then says a word, and only after that leaves the app', async () => {
  const back = () => page.evaluate(() => history.back());
  await page.keyboard.press('F1');
  await page.locator('.palette').waitFor();
  await back();
  await page.locator('.palette').waitFor({ state: 'detached' });
  await type('echo pane-$((40 + 9))');
  await expectInView('pane-48 pane-49');
  await back();
  await page.getByText('Go back once more to leave Holdfast').waitFor();
  await expectInView('pane-48 pane-49');
  await back();
  await page.waitForURL('about:blank');
  await page.goForward();
  await expectInView('pane-48 pane-49');
});
