/** The main job, step by step, in a window and with servers that may be of different releases. */
import type { Page } from 'playwright-core';
import { runAction, typeLine, waitForConnection, waitForScreen } from '../../server/testing/browser.ts';
import type { FaultProxy } from '../../server/testing/faultProxy.ts';
import { until } from '../../server/testing/until.ts';

/** Few enough to be kept in the terminal's text, and long enough to be cut in the middle. */
const LINES = 300;

export interface Walk {
  page: Page;
  network: FaultProxy;
}
export type Step = readonly [name: string, take: (walk: Walk) => Promise<void>];

const terminal = (page: Page) => page.locator('[data-testid="terminal"]:visible');

async function textOf(page: Page): Promise<string> {
  await runAction(page, 'Terminal as text');
  const text = await page.getByTestId('terminal-text').innerText();
  await page.keyboard.press('Escape');
  await page.getByTestId('terminal-text').waitFor({ state: 'detached' });
  return text;
}

function same(what: string, found: unknown, wanted: unknown): void {
  if (JSON.stringify(found) !== JSON.stringify(wanted))
    throw new Error(`${what}: ${JSON.stringify(found)}, and not ${JSON.stringify(wanted)}`);
}

export const STEPS: readonly Step[] = [
  [
    'a terminal runs a command',
    async ({ page }) => {
      await page
        .getByRole('button', { name: /open a terminal|open a session/i })
        .first()
        .click();
      await waitForScreen(page, /[$#]/);
      await typeLine(page, 'PS1="$ "; clear; echo read-"y"');
      await waitForScreen(page, /^read-y/);
    },
  ],
  [
    'output is whole over cuts of the network',
    async ({ page, network }) => {
      await typeLine(page, `clear; for i in $(seq ${LINES}); do echo "n $i"; sleep 0.01; done; echo all-"done"`);
      for (const line of [50, 120, 200]) {
        await waitForScreen(page, new RegExp(`^n ${line}$`));
        network.cut();
      }
      await waitForScreen(page, /^all-done/);
      const numbers = [...(await textOf(page)).matchAll(/^n (\d+)$/gm)].map(([, n]) => Number(n));
      same(
        'lines',
        numbers,
        Array.from({ length: LINES }, (_, i) => i + 1),
      );
    },
  ],
  [
    'what is typed without a network arrives once',
    async ({ page, network }) => {
      await typeLine(page, 'clear; read -r word; echo got-"$word"');
      await page.waitForFunction(() => !document.querySelector('.xterm-rows')?.textContent?.includes('all-done'));
      network.block();
      await waitForConnection(page, 'offline');
      await terminal(page).click();
      await page.keyboard.type('held\n');
      network.restore();
      await waitForConnection(page, 'online');
      await waitForScreen(page, /^got-held/);
    },
  ],
  [
    'a reload draws the screen that was left',
    async ({ page }) => {
      await page.reload();
      await waitForScreen(page, /^got-held/);
      await waitForConnection(page, 'online');
      await typeLine(page, 'echo after-"reload"');
      await waitForScreen(page, /^after-reload/);
    },
  ],
  [
    'a second window shows the session and types into it',
    async ({ page }) => {
      const second = await page.context().newPage();
      await second.goto(page.url());
      await second.getByRole('tab').first().waitFor();
      await waitForScreen(second, /^after-reload/);
      await typeLine(second, 'echo from-"second"');
      await waitForScreen(page, /^from-second/);
      await second.close();
    },
  ],
  [
    'a full-screen program survives a reload',
    async ({ page }) => {
      await typeLine(page, 'seq 500 | less');
      await waitForScreen(page, /^:/);
      await page.keyboard.type('G');
      await waitForScreen(page, /^500/);
      await page.reload();
      await waitForScreen(page, /^500/);
      await waitForConnection(page, 'online');
      await terminal(page).click();
      await page.keyboard.type('q');
      await waitForScreen(page, /^from-second/);
    },
  ],
  [
    'a file is uploaded, and its path typed',
    async ({ page }) => {
      const file = { name: 'hf-skew.txt', mimeType: 'text/plain', buffer: Buffer.from('a few words\n') };
      await typeLine(page, 'clear; cat -- \\');
      const chooser = page.waitForEvent('filechooser');
      await runAction(page, 'Upload files into');
      await (await chooser).setFiles(file);
      await waitForScreen(page, /hf-skew/);
      await page.keyboard.press('Enter');
      await waitForScreen(page, /^a few words/);
    },
  ],
  [
    'files and settings open, and a setting is kept',
    async ({ page }) => {
      await runAction(page, 'Files…');
      await page.getByRole('dialog').waitFor();
      await page.keyboard.press('Escape');
      await runAction(page, 'Theme: light');
      await page.waitForFunction(() => document.documentElement.dataset.theme === 'light');
      await until(() =>
        page.evaluate(async () => {
          const answer = await fetch('/api/v1/preferences');
          return (await answer.text()).includes('"light"');
        }),
      );
    },
  ],
];
