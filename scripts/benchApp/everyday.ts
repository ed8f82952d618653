/** Everything that a person may do with a window in a day, once; in the end the window is as it was in the beginning. */
import type { Page } from 'playwright-core';
import { runAction, waitForConnection, waitForScreen } from '../../server/testing/browser.ts';
import type { Stage } from './stage.ts';

const DIALOGS = [
  'New project…',
  'Edit project…',
  'Archived projects…',
  'Rename session…',
  'Settings…',
  'Keyboard…',
  'Command-line tokens…',
  'Notifications…',
  'Files…',
  'Changes…',
  'Play back the session…',
  'Search all sessions…',
  'Edit the key bar…',
  'Show the terminal as text…',
  'Self-test…',
];
const PRINTED_BYTES = 10_000_000;

export async function useEverything(stage: Stage): Promise<void> {
  const { page } = stage;
  await openBeside(page, 'Control+Shift+E', 2);
  await openBeside(page, 'Control+Shift+D', 3);
  await openBeside(page, 'Control+Shift+Enter', 4);
  await moveAbout(page);
  await printMuch(page);
  await resize(page);
  await loseNetwork(stage);
  await find(page);
  for (const title of DIALOGS) await openDialog(page, title);
  await runAction(page, 'One pane for all');
  for (let left = 3; left > 0; left--) await closeSession(page, left);
  await tabs(page).first().click();
  await say(page, 'clear; printf "\\e[3J"; echo again-"first"', /^again-first/);
}

const tabs = (page: Page) => page.getByRole('tablist', { name: 'Open sessions' }).getByRole('tab');

async function openBeside(page: Page, keys: string, count: number): Promise<void> {
  await focused(page);
  await page.keyboard.press(keys);
  const isLive = '[data-testid="terminal"][data-state="live"]';
  await page.waitForFunction(([all, wanted]) => document.querySelectorAll(all).length === wanted, [
    isLive,
    count,
  ] as const);
  await say(page, `echo number-$((${count} + 0))`, new RegExp(`^number-${count}`));
}

/** The terminal of the tab in front has the focus. */
async function focused(page: Page): Promise<void> {
  await page.waitForFunction(() => {
    const panel = document.querySelector('[role="tab"][aria-selected="true"]')?.getAttribute('aria-controls');
    const { activeElement } = document;
    return activeElement?.matches('.xterm-helper-textarea') && activeElement.closest('[role="tabpanel"]')?.id === panel;
  });
}

async function say(page: Page, line: string, answer: RegExp): Promise<void> {
  await focused(page);
  await page.keyboard.type(`${line}\n`);
  await waitForScreen(page, answer);
}

async function moveAbout(page: Page): Promise<void> {
  for (let at = 0; at < (await tabs(page).count()); at++) await tabs(page).nth(at).click();
  for (const key of ['ArrowLeft', 'ArrowRight', 'ArrowUp', 'ArrowDown']) await page.keyboard.press(`Alt+Shift+${key}`);
  for (let i = 0; i < 2; i++) await page.keyboard.press('Control+Shift+X');
  for (let i = 0; i < 4; i++) await page.keyboard.press('Alt+PageDown');
}

async function printMuch(page: Page): Promise<void> {
  const mark = `printed-${Date.now()}`;
  const print = `yes "$(printf '\\e[32mok\\e[0m %60s' compiling)" | head -c ${PRINTED_BYTES}`;
  await say(page, `${print}; echo; echo "" ${mark}`, new RegExp(`^ ${mark}`));
}

async function resize(page: Page): Promise<void> {
  for (const [width, height] of [
    [390, 844],
    [1024, 768],
    [1440, 900],
  ] as const)
    await page.setViewportSize({ width, height });
}

async function loseNetwork({ page, network }: Stage): Promise<void> {
  network.block();
  await waitForConnection(page, 'offline');
  network.restore();
  await waitForConnection(page, 'online');
}

async function find(page: Page): Promise<void> {
  await focused(page);
  await page.keyboard.press('Control+Shift+F');
  await page.getByRole('textbox', { name: 'Find in the terminal' }).fill('compiling');
  await page.getByTestId('find-count').getByText(/^\d/).waitFor();
  await page.keyboard.press('Escape');
  await focused(page);
}

async function openDialog(page: Page, title: string): Promise<void> {
  await runAction(page, title);
  const dialog = page.getByRole('dialog').filter({ hasNot: page.locator('.query') });
  await dialog.waitFor();
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
}

/** The one in view; the first session is not. */
async function closeSession(page: Page, at: number): Promise<void> {
  await tabs(page).nth(at).click();
  await runAction(page, 'End and close session');
  await page.getByRole('button', { name: 'End and close' }).click();
  await tabs(page).nth(at).waitFor({ state: 'detached' });
}
