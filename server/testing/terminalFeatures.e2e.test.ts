// What a terminal can do beside showing its program, in a real Chromium: find, marks, clipboard, pastes, links, images, the GPU.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import pixelmatch from 'pixelmatch';
import { PNG } from 'pngjs';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import type { Holdfast } from '../../client/index.ts';
import { FreshnessGate } from '../../pwa/terminal/freshness.ts';
import type { Freshness } from '../../pwa/terminal/freshness.ts';
import { axe } from './axe.ts';
import {
  clientIn,
  openBrowser,
  pretendGpu,
  runAction,
  screenOf,
  typeLine,
  waitForConnection,
  waitForScreen,
  type Browser,
} from './browser.ts';
import { startStack, type Stack } from './stack.ts';
import { until } from './until.ts';

let stack: Stack;
let browser: Browser;
let page: Page;
let hf: Holdfast;
const folder = mkdtempSync(join(tmpdir(), 'hf-features-'));

beforeAll(async () => {
  stack = await startStack({ authMode: 'token', shards: 1, env: { HOLDFAST_EMAIL: 'ada@example.com' } });
  browser = await openBrowser();
  await browser.context.grantPermissions(['clipboard-read', 'clipboard-write']);
  page = await browser.context.newPage();
  await page.goto(stack.readyUrl);
  await page.getByRole('button', { name: /open a terminal/i }).click();
  await waitForConnection(page, 'online');
  await waitForScreen(page, /\$|#/);
  await typeLine(page, 'PS1="$ "; clear');
  hf = await clientIn(browser.context, stack.origin);
});
afterAll(async () => {
  hf?.close();
  await browser?.remove();
  await stack?.remove();
  rmSync(folder, { recursive: true, force: true });
});

const terminal = (of: Page) => of.locator('[data-testid="terminal"]:visible');
const clipboard = () => page.evaluate(() => navigator.clipboard.readText());

const hasFocus = () => page.evaluate(() => document.activeElement?.classList.contains('xterm-helper-textarea'));

/** Calls a method that the pane in view offers to the app, as a key, a menu or the palette does. */
async function act(name: string, ...args: unknown[]): Promise<void> {
  await page.evaluate(
    async ([method, given]) => {
      interface Node {
        component?: { exposed?: Record<string, (...args: unknown[]) => unknown>; subTree: Node };
        children?: unknown;
        suspense?: { activeBranch: Node };
      }
      const paneIn = (node: Node | null): Record<string, (...args: unknown[]) => unknown> | null => {
        if (!node || typeof node !== 'object') return null;
        if (node.component?.exposed?.jumpToCommand) return node.component.exposed;
        const below = [node.component?.subTree ?? null, node.suspense?.activeBranch ?? null];
        const children = Array.isArray(node.children) ? (node.children as Node[]) : [];
        for (const child of [...below, ...children]) {
          const found = paneIn(child);
          if (found) return found;
        }
        return null;
      };
      const root = document.querySelector('#app') as unknown as { _vnode: Node };
      await paneIn(root._vnode)![method]!(...given);
    },
    [name, args] as const,
  );
}

/** Pastes as the browser does, whatever the permissions. */
async function paste(text: string): Promise<void> {
  await terminal(page).click();
  await page.evaluate((pasted) => {
    const clipboardData = new DataTransfer();
    clipboardData.setData('text/plain', pasted);
    const event = new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true });
    document.activeElement!.dispatchEvent(event);
  }, text);
}

test('find counts, goes on and back, knows regular expressions, and gives the focus back', async () => {
  await typeLine(page, 'clear; for i in 1 2 3; do echo "needle-$i Needle"; done; echo find-"ready"');
  await waitForScreen(page, /^find-ready/);
  await act('find');
  const field = page.getByRole('textbox', { name: 'Find in the terminal' });
  const count = page.getByTestId('find-count');
  await field.fill('needle-');
  await expect.poll(() => count.innerText()).toBe('3 of 3');
  expect(await page.locator('.xterm-find-result-decoration').count()).toBeGreaterThanOrEqual(3);
  await field.press('Enter');
  await expect.poll(() => count.innerText()).toBe('1 of 3');
  await field.press('Shift+Enter');
  await expect.poll(() => count.innerText()).toBe('3 of 3');
  await field.fill('^needle-[12]');
  await expect.poll(() => count.innerText()).toBe('Nothing found');
  await page.getByRole('button', { name: 'Regular expression' }).click();
  await expect.poll(() => count.innerText()).toBe('2 of 2');
  await page.getByRole('button', { name: 'Match case' }).click();
  await field.fill('Needle(');
  await expect.poll(() => count.innerText()).toBe('Not a regular expression');
  await field.fill('Needle$');
  await expect.poll(() => count.innerText()).toBe('3 of 3');
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    expect(await axe(page)).toEqual([]);
  }
  await page.setViewportSize({ width: 390, height: 844 });
  const bar = (await page.getByRole('search').boundingBox())!;
  expect([bar.x >= 0, bar.x + bar.width <= 390]).toEqual([true, true]);
  await page.setViewportSize({ width: 1440, height: 900 });
  await field.press('Escape');
  await expect.poll(hasFocus).toBe(true);
  expect(await page.locator('.xterm-find-result-decoration').count()).toBe(0);
});

test('keys of finding are the window’s in the find bar too, and outside of the terminal', async () => {
  const field = page.getByRole('textbox', { name: 'Find in the terminal' });
  const count = page.getByTestId('find-count');
  await typeLine(page, 'clear; for i in 1 2 3; do echo "needle-$i"; done; echo keys-"ready"');
  await waitForScreen(page, /^keys-ready/);
  await page.keyboard.press('Shift+F6');
  await expect.poll(hasFocus).toBe(false);
  await page.keyboard.press('Control+Shift+F');
  await expect.poll(() => field.evaluate((one) => one === document.activeElement)).toBe(true);
  await page.getByRole('button', { name: 'Regular expression' }).click();
  await field.fill('needle-\\d');
  await expect.poll(() => count.innerText()).toBe('3 of 3');
  await field.press('Control+Shift+F');
  const selected = () => field.evaluate((one: HTMLInputElement) => [one.selectionStart, one.selectionEnd]);
  await expect.poll(selected).toEqual([0, 9]);
  expect(await field.inputValue()).toBe('needle-\\d');
  await page.getByRole('button', { name: 'Regular expression' }).click();
  await field.press('Escape');
});

test('what was found is coloured no longer than it is looked for', async () => {
  const coloured = () =>
    terminal(page)
      .locator('.xterm-rows > div')
      .evaluateAll((rows) => rows.filter((row) => row.querySelector('[style*="background-color"]')).length);
  const field = page.getByRole('textbox', { name: 'Find in the terminal' });
  const count = page.getByTestId('find-count');
  await typeLine(page, 'clear; for i in $(seq 40); do echo "row $i needle"; done; echo rows-"ready"');
  await waitForScreen(page, /^rows-ready/);
  await act('find');
  await field.fill('needle');
  for (let at = 40; at > 21; at--) {
    await expect.poll(() => count.innerText()).toBe(`${at} of 40`);
    await field.press('Shift+Enter');
  }
  await expect.poll(() => count.innerText()).toBe('21 of 40'); // where xterm's search begins, and so goes wrong for all above
  expect(await coloured()).toBeGreaterThan(20);
  await field.press('Escape');
  await expect.poll(coloured).toBe(1); // the last hit is selected
  await typeLine(page, 'clear; seq -f "another text %g" 40; echo others-"ready"');
  await waitForScreen(page, /^others-ready/);
  await expect.poll(coloured).toBe(0);
  // Erased while it is looked for.
  await typeLine(
    page,
    'clear; for i in $(seq 9); do echo "needle $i"; done; read -r; clear; seq 30; echo all-"erased"',
  );
  await waitForScreen(page, /^needle 9/);
  await act('find');
  await field.fill('needle');
  await expect.poll(() => count.innerText()).toBe('9 of 9');
  await act('focus');
  await page.keyboard.press('Enter');
  await waitForScreen(page, /^all-erased/);
  await expect.poll(() => count.innerText()).toBe('Nothing found');
  await expect.poll(coloured).toBe(0);
  await act('closeFind');
});

test('what was found is not under the bar, in a small window either, and never over it', async () => {
  const field = page.getByRole('textbox', { name: 'Find in the terminal' });
  const count = page.getByTestId('find-count');
  const hit = terminal(page).locator('.xterm-find-result-decoration.xterm-decoration-top-layer:visible');
  const isUnderBar = async () => {
    const [found, bar] = [(await hit.boundingBox())!, (await page.getByRole('search').boundingBox())!];
    return found.y + found.height > bar.y && found.y < bar.y + bar.height;
  };
  const drawn = () =>
    page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  onTestFinished(() => page.setViewportSize({ width: 1440, height: 900 }));
  await page.setViewportSize({ width: 390, height: 430 });
  await typeLine(page, 'clear; for i in $(seq 60); do echo "row $i needle"; done; echo small-"ready"');
  await waitForScreen(page, /^small-ready/);
  await act('find');
  await field.fill('needle');
  const covered: number[] = [];
  for (let at = 60; at > 0; at--) {
    await expect.poll(() => count.innerText()).toBe(`${at} of 60`);
    await drawn();
    if (await isUnderBar()) covered.push(at);
    if (at > 1) await field.press('Shift+Enter');
  }
  expect(covered.filter((at) => at > 5)).toEqual([]);
  // The first lines have nothing above them to scroll to; then the bar is drawn over them.
  expect(covered).toContain(1);
  const { x, y, width, height } = (await hit.boundingBox())!;
  const above = (at: { x: number; y: number }) =>
    Boolean(document.elementFromPoint(at.x, at.y)?.closest('[role="search"]'));
  expect(await page.evaluate(above, { x: x + width / 2, y: y + height - 2 })).toBe(true);
  await act('closeFind');
});

test('commands show how they ended, and let their output be copied, without anybody setting up a shell', async () => {
  await typeLine(page, 'clear');
  await typeLine(page, 'printf "one\\ntwo\\n"');
  await waitForScreen(page, /^two/);
  await typeLine(page, '(exit 7)');
  await expect.poll(() => page.locator('.command-badge--bad:visible').allInnerTexts()).toEqual(['✗ 7']);
  expect(await page.locator('.command-badge:visible').allInnerTexts()).toContain('✓');
  const badge = (await page.locator('.command-badge--bad:visible').boundingBox())!;
  const line = (await page.locator('.xterm-rows > div', { hasText: '(exit 7)' }).boundingBox())!;
  expect([Math.abs(badge.y - line.y) < line.height / 2, badge.x > line.x + line.width / 2]).toEqual([true, true]);
  await act('jumpToCommand', -1); // (exit 7)
  await act('jumpToCommand', -1);
  await page.locator('.command-here').waitFor();
  await act('copyLastOutput');
  await expect.poll(clipboard).toBe('one\ntwo');
  await act('copyCommand');
  await expect.poll(clipboard).toBe('printf "one\\ntwo\\n"');
  await typeLine(page, 'clear');
  await expect.poll(() => page.locator('.command-badge').count()).toBe(0);
});

test('a jump begins at the whole of a prompt, and marks a whole line, however wide that becomes', async () => {
  onTestFinished(() => page.setViewportSize({ width: 1440, height: 900 }));
  await page.setViewportSize({ width: 1000, height: 900 });
  await typeLine(page, String.raw`PS1=$'above\n$ '; clear`);
  await typeLine(page, 'echo before');
  await waitForScreen(page, /^before\nabove\n\$$/);
  await act('jumpToCommand', -1);
  await act('copyCommand');
  await expect.poll(clipboard).toBe('echo before');
  await page.setViewportSize({ width: 1440, height: 900 });
  const widthOf = async (part: string) => (await terminal(page).locator(part).boundingBox())?.width;
  await expect.poll(async () => (await widthOf('.command-here')) === (await widthOf('.xterm-screen'))).toBe(true);
  await typeLine(page, 'PS1="$ "; clear');
});

test('a tab and its header say where the shell is, what runs in it, and how far that is', async () => {
  const doing = page.getByTestId('tab-doing');
  await expect.poll(() => doing.count()).toBe(0); // nothing is to be said of where it began
  await typeLine(page, 'cd /usr/share; clear');
  await expect.poll(() => doing.allInnerTexts()).toEqual(['share']);
  expect(await page.getByTestId('session-directory').innerText()).toBe('/usr/share');
  await typeLine(page, String.raw`printf '\e]9;4;1;42\a' && read -r`);
  await expect.poll(() => doing.allInnerTexts()).toEqual([String.raw`printf '\e]9;4;1;42\a' && read -r`]);
  await expect.poll(() => page.title()).toBe('42 % · bash · Holdfast');
  const share = () => page.getByTestId('tab-progress').evaluate((bar) => getComputedStyle(bar, '::before').width);
  const all = (await page.getByTestId('tab-progress').boundingBox())!.width;
  await expect.poll(async () => Math.round((100 * parseFloat(await share())) / all)).toBe(42);
  expect(await axe(page)).toEqual([]);
  await page.keyboard.press('Enter');
  await page.getByTestId('tab-progress').waitFor({ state: 'detached' });
  await expect.poll(() => doing.allInnerTexts()).toEqual(['share']);

  // A long command leaves the session's name and directory legible.
  await typeLine(page, `: ${'long '.repeat(60)}; read -r`);
  await expect.poll(() => page.getByTestId('session-command').innerText()).toContain('long');
  const facts = page.locator('header:has([data-testid="session-command"])').locator('strong, .place');
  expect(await facts.evaluateAll((all) => all.filter((one) => one.scrollWidth > one.clientWidth).length)).toBe(0);
  await page.keyboard.press('Enter');

  await typeLine(page, 'echo out-"put"; (exit 3)');
  await typeLine(page, 'read -r');
  await expect.poll(() => doing.allInnerTexts()).toEqual(['read -r']);
  await page.reload();
  await waitForConnection(page, 'online');
  await expect.poll(() => doing.allInnerTexts()).toEqual(['read -r']);
  await expect.poll(() => page.locator('.command-badge--bad:visible').allInnerTexts()).toEqual(['✗ 3']);
  await terminal(page).click();
  await act('jumpToCommand', -1);
  await act('jumpToCommand', -1);
  await act('copyLastOutput');
  await expect.poll(clipboard).toBe('out-put');

  // A device that has kept nothing is drawn a picture by the server.
  const device = await openBrowser();
  onTestFinished(() => device.remove());
  await device.context.addCookies(await browser.context.cookies());
  const there = await device.context.newPage();
  await there.goto(stack.origin);
  await expect.poll(() => there.getByTestId('tab-doing').allInnerTexts()).toEqual(['read -r']);
  await expect.poll(() => there.locator('.command-badge--bad:visible').allInnerTexts()).toEqual(['✗ 3']);
  await there.close();

  await page.bringToFront();
  await terminal(page).click();
  await page.keyboard.press('Enter');
  await expect.poll(() => doing.allInnerTexts()).toEqual(['share']);
  await typeLine(page, 'cd; clear');
  await doing.waitFor({ state: 'detached' });
});

test('a program copies to the clipboard, asks where the browser forbids it, and reads nothing', async () => {
  await typeLine(page, String.raw`clear; printf '\e]52;c;%s\a' $(printf 'from a program' | base64)`);
  await expect.poll(clipboard).toBe('from a program');
  await typeLine(page, String.raw`printf '\e]52;c;?\a'; read -rs -t 1 -d x answer; echo "answer:[$answer]"`);
  expect(await waitForScreen(page, /^answer:\[/)).toContain('answer:[]');
  await page.evaluate(() => {
    navigator.clipboard.writeText = () => Promise.reject(new Error('denied'));
  });
  await typeLine(page, String.raw`printf '\e]52;;%s\a' $(printf 'asked for' | base64)`);
  const question = page.getByTestId('copy-question');
  await question.getByText('A program wants to copy 9 characters.').waitFor();
  expect(await axe(page)).toEqual([]);
  await question.getByRole('button', { name: 'Copy', exact: true }).click();
  await question.waitFor({ state: 'detached' });
  await expect.poll(clipboard).toBe('asked for');
});

test('what programs did with the clipboard is listed, and a session that may not copy is let again', async () => {
  await typeLine(page, String.raw`printf '\e]52;;%s\a' $(printf 'no' | base64)`);
  const question = page.getByTestId('copy-question');
  await question.getByRole('button', { name: 'Never in this session' }).click();
  await typeLine(page, String.raw`clear; printf '\e]52;;%s\a' $(printf 'once more' | base64); echo seen-"all"`);
  await waitForScreen(page, /^seen-all/);
  await runAction(page, 'What programs copied');
  const dialog = page.getByRole('dialog', { name: 'Clipboard' });
  await expect
    .poll(() => dialog.getByLabel('What programs did').locator('.grows').allInnerTexts())
    .toEqual([
      'wanted to copy 9 characters: not in this session',
      'wanted to copy 2 characters: not in this session',
      'copied 9 characters, when you let it',
      'wanted to read the clipboard: refused, as always',
      'copied 14 characters',
    ]);
  expect(await axe(page)).toEqual([]);
  await dialog.getByRole('button', { name: 'Let it again' }).click();
  await page.keyboard.press('Escape');
  await typeLine(page, String.raw`printf '\e]52;;%s\a' $(printf 'again' | base64)`);
  await question.getByText('A program wants to copy 5 characters.').waitFor();
  await question.getByRole('button', { name: 'Not now' }).click();
});

test('several lines are asked for before a program that does not bracket them gets them', async () => {
  await typeLine(page, `clear; bind 'set enable-bracketed-paste off'; echo bare-"shell"`);
  await waitForScreen(page, /^bare-shell/);
  await paste('echo pasted-1\necho pasted-2');
  const dialog = page.getByRole('dialog', { name: 'Paste 2 lines?' });
  await dialog.waitFor();
  expect(await axe(page)).toEqual([]);
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  await paste('echo pasted-1 \n \n echo pasted-2');
  await dialog.getByRole('button', { name: 'Paste as one line' }).click();
  await page.keyboard.press('Enter');
  const rows = await waitForScreen(page, /^pasted-1 echo pasted-2/);
  expect(rows.filter((row) => row.startsWith('pasted-'))).toEqual(['pasted-1 echo pasted-2']);
  await typeLine(page, `bind 'set enable-bracketed-paste on'; clear`);
});

test('a middle click pastes what is selected, once, and leaves the click to a program that takes the mouse', async () => {
  await page.evaluate(() => {
    const { dataset } = document.documentElement;
    addEventListener('paste', () => (dataset.pastes = String(Number(dataset.pastes ?? 0) + 1)), { capture: true });
  });
  const pastes = () => page.evaluate(() => Number(document.documentElement.dataset.pastes ?? 0));
  const screen = page.locator('[data-testid="terminal"]:visible .xterm-screen');
  const position = { x: 10, y: 8 };
  await typeLine(page, 'clear; echo wo"rd"');
  await waitForScreen(page, /^word$/);
  await screen.dblclick({ position });
  await screen.click({ position: { x: 10, y: 60 }, button: 'middle' });
  await waitForScreen(page, /^\$ word$/);
  expect(await pastes()).toBe(1);
  await page.keyboard.press('Control+U');
  await page.keyboard.type(String.raw`printf '\e[?1000h'; read -rsn 12; printf '\e[?1000l'; echo rele"ased"` + '\n');
  await page.waitForFunction(() => document.querySelector('.xterm.enable-mouse-events'));
  await screen.click({ position: { x: 10, y: 60 }, button: 'middle' });
  await waitForScreen(page, /^released/);
  expect(await pastes()).toBe(1);
  await page.keyboard.press('Control+U');
});

test('a link shows where it leads, asks before a click follows it, and leads nowhere but to the web', async () => {
  await page.evaluate(() => {
    const opened: string[] = [];
    Object.assign(window, { opened, open: (url: string) => void opened.push(url) });
  });
  const opened = () => page.evaluate(() => (window as unknown as { opened: string[] }).opened);
  const link = (uri: string, text: string) => String.raw`\e]8;;${uri}\e\\${text}\e]8;;\e\\\n`;
  const [evil, script] = [link('https://evil.example/x', 'github.com'), link('javascript:alert(1)', 'script-link')];
  await typeLine(page, `clear; printf '${evil}${script}https://plain.example/y\\n'; echo links-"ready"`);
  await waitForScreen(page, /^links-ready/);
  const at = async (row: RegExp) => {
    const rows = await screenOf(page);
    const box = (await terminal(page)
      .locator('.xterm-rows > div')
      .nth(rows.findIndex((text) => row.test(text)))
      .boundingBox())!;
    return [box.x + 20, box.y + box.height / 2] as const;
  };
  const click = async (row: RegExp, modifier?: 'Control') => {
    const [x, y] = await at(row);
    await page.mouse.move(x + 60, y + 90);
    await page.mouse.move(x, y, { steps: 3 });
    if (modifier) await page.keyboard.down(modifier);
    await page.mouse.click(x, y);
    if (modifier) await page.keyboard.up(modifier);
  };
  await page.mouse.move(...(await at(/^github\.com$/)), { steps: 3 });
  await page.getByTestId('link-target').getByText('https://evil.example/x').waitFor();
  await click(/^github\.com$/, 'Control');
  const question = page.getByTestId('link-question');
  await question.getByText('https://evil.example/x').waitFor();
  await question.getByRole('button', { name: 'Cancel' }).click();
  await click(/^script-link$/, 'Control');
  await click(/^https:\/\/plain/, 'Control');
  await expect.poll(opened).toEqual(['https://plain.example/y']);
  await click(/^https:\/\/plain/);
  await question.getByRole('button', { name: 'Open', exact: true }).click();
  await expect.poll(opened).toEqual(['https://plain.example/y', 'https://plain.example/y']);

  // By keys: each by where it really leads, the lowest first.
  await page.waitForFunction(() => document.activeElement?.matches('.xterm-helper-textarea'));
  await page.keyboard.press('Control+Shift+L');
  const dialog = page.getByRole('dialog', { name: 'Open a link' });
  const listed = () => dialog.getByRole('link').allInnerTexts();
  await expect.poll(listed).toEqual(['https://plain.example/y', 'https://evil.example/x']);
  expect(await axe(page)).toEqual([]);
  await dialog.getByRole('link').first().and(page.locator(':focus')).waitFor();
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await dialog.waitFor({ state: 'detached' });
  await expect.poll(async () => (await opened()).slice(2)).toEqual(['https://evil.example/x']);
});

test('Shift+Enter is a new line to an agent, and Enter to everything else', async () => {
  await typeLine(page, String.raw`clear; printf '\e]0;\xe2\x9c\xb3 Agent\a'; cat -v`);
  await expect.poll(async () => (await screenOf(page)).length).toBe(0);
  await page.keyboard.type('agent');
  await page.keyboard.press('Shift+Enter');
  await waitForScreen(page, /^agent\^\[$/);
  await page.keyboard.press('Control+d');
  await typeLine(page, String.raw`clear; printf '\e]0;shell\a'; cat -v`);
  await expect.poll(async () => (await screenOf(page)).length).toBe(0);
  await page.keyboard.type('plain');
  await page.keyboard.press('Shift+Enter');
  await expect.poll(async () => (await screenOf(page)).slice(0, 2)).toEqual(['plain', 'plain']);
  await page.keyboard.press('Control+d');
});

/** Which of the three colours are seen in images. */
const imageColours = () =>
  page.evaluate(() => {
    const canvas = document.querySelector<HTMLCanvasElement>('canvas.xterm-image-layer-top');
    const { width, height } = canvas ?? { width: 0, height: 0 };
    const data = width && height ? canvas!.getContext('2d')!.getImageData(0, 0, width, height).data : [];
    const isSeen = (colour: number) =>
      data.some(
        (_, i) => i % 4 === 0 && data[i + 3]! > 200 && [0, 1, 2].every((c) => data[i + c]! > 200 === (c === colour)),
      );
    return ['red', 'green', 'blue'].filter((_, colour) => isSeen(colour));
  });

test('images are drawn, and their add-on answers no query', async () => {
  await typeLine(page, String.raw`clear; printf '\ePq#0;2;100;0;0#0~~~~~~~~~~~~\e\\\n'; echo sixel-"drawn"`);
  await waitForScreen(page, /^sixel-drawn/);
  await expect.poll(imageColours).toEqual(['red']);
  // The answer may come before `read` has put the echo off.
  const ask = String.raw`stty -echo; printf '\e[c\e[?1;1;0S'; read -rs -t 2 -d x answer; stty echo; echo "answer:[$answer]" | cat -v`;
  await typeLine(page, `clear; ${ask}`);
  expect(await waitForScreen(page, /^answer:\[/)).toContain('answer:[^[[?1;2c]');
});

test('images of kitty’s are drawn: a PNG in parts, whatever cuts them, and bare pixels; who asks is answered once', async () => {
  const png = new PNG({ width: 16, height: 16 });
  png.data.fill(Buffer.from([0, 255, 0, 255]));
  const green = PNG.sync.write(png).toString('base64');
  const blue = Buffer.alloc(16 * 16 * 4, Buffer.from([0, 0, 255, 255])).toString('base64');
  const half = 4 * Math.floor(green.length / 8);
  const command = (control: string, data = '') => `\x1b_G${control}${data && ';'}${data}\x1b\\`;
  const inParts = command('a=T,f=100,i=5,m=1', green.slice(0, half)) + command('m=0', green.slice(half));
  // As chafa prints: the first and the last part carry nothing.
  const bare = command('a=T,f=32,s=16,v=16,m=1') + command('m=1', blue) + command('m=0');
  const all = Buffer.from(`${inParts}\r\n\n${bare}\r\n`);
  // Printed byte by byte in places, so that what is read from the pty ends inside a sequence.
  const script = `
    const all = Buffer.from('${all.toString('base64')}', 'base64');
    const cuts = [1, 2, 3, 9, 40, ${inParts.length - 1}, ${inParts.length}, all.length];
    const print = (i) => process.stdout.write(all.subarray(cuts[i - 1] ?? 0, cuts[i]), () => i + 1 < cuts.length && setImmediate(print, i + 1));
    print(0);`;
  const file = join(folder, 'kitty.cjs');
  writeFileSync(file, script);
  const run = `stty -echo; '${process.execPath}' '${file}'; read -rs -t 2 -d x told; stty echo; echo "told:[$told]" | cat -v`;
  await typeLine(page, `clear; ${run}`);
  const rows = await waitForScreen(page, /told:\[\^/);
  expect(rows.find((row) => row.includes('told:[^'))).toContain('told:[^[_Gi=5;OK^[\\]');
  await expect.poll(imageColours).toEqual(['green', 'blue']);
  await typeLine(page, String.raw`printf '\e_Ga=d\e\\'`);
  await expect.poll(imageColours).toEqual([]);
});

test('the size of the text changes the size of the terminal, and is kept', async () => {
  const [session] = await hf.sessions.list();
  const cols: number[] = [];
  const watching = await hf.sessions.attach(session!.id, {
    readOnly: true,
    onOutput: () => undefined,
    onResized: (size) => void cols.push(size.cols),
  });
  await until(() => cols.length > 0);
  const usual = cols[0]!;
  await act('changeFontSize', 6);
  await until(() => cols.at(-1)! < usual);
  expect(await page.evaluate(() => localStorage.getItem('holdfast.fontSize'))).toBe('19');
  await act('changeFontSize', 0);
  await until(() => cols.at(-1) === usual);
  watching.detach();
});

test('what a program says is news once: not to a window that draws it again', async () => {
  const [session] = await hf.sessions.list();
  const heard = async (from: number | undefined, wanted: string, attached?: () => Promise<void>) => {
    const seen: Record<Freshness, string> = { old: '', late: '', live: '' };
    const kinds = () => Object.entries(seen).flatMap(([kind, text]) => (text.includes(wanted) ? [kind] : []));
    const gate = new FreshnessGate({ write: (_, parsed) => parsed?.() });
    const attachment = await hf.sessions.attach(session!.id, {
      ...(from === undefined ? {} : { from }),
      readOnly: true,
      onAttached: ({ incarnation, end }) => gate.attached(incarnation, end, false),
      onSnapshot: () => gate.drawsAgain(),
      onOutput: (bytes, offset) =>
        gate.output(bytes, offset, (part) => (seen[gate.now] += Buffer.from(part).toString('latin1'))),
    });
    await attached?.();
    await until(() => kinds().length > 0);
    attachment.detach();
    return kinds();
  };
  const ring = () => typeLine(page, 'clear; echo rung-"now"');
  expect(await heard(undefined, 'rung-now', ring)).toEqual(['live']);
  expect(await heard(0, 'rung-now')).toEqual(['old']);
});

/** How many pixels of two rows at the top differ: of the same signs, drawn together and each by itself. */
async function differentPixels(of: Page, rowHeight: number): Promise<number> {
  const { x, y } = (await terminal(of).locator('.xterm-screen').boundingBox())!;
  const picture = async (row: number) =>
    PNG.sync.read(await of.screenshot({ clip: { x, y: y + row * rowHeight, width: 160, height: rowHeight } }));
  const [together, apart] = [await picture(0), await picture(1)];
  return pixelmatch(together.data, apart.data, null, together.width, together.height, { threshold: 0.2 });
}

test('inverse text has the ground’s colour, as in the bars of less and top', async () => {
  await typeLine(page, String.raw`clear; printf '\e[7mbar\e[27m \e[7;31mred\e[m\n'; echo inverse-"drawn"`);
  await waitForScreen(page, /^inverse-drawn/);
  const colors = await page.evaluate(() => {
    const styleOf = (text: string) =>
      getComputedStyle([...document.querySelectorAll('.xterm-rows span')].find((one) => one.textContent === text)!);
    const [bar, red] = [styleOf('bar'), styleOf('red')];
    const pixel = new OffscreenCanvas(1, 1).getContext('2d')!;
    const shown = (color: string) => {
      pixel.fillStyle = color;
      pixel.fillRect(0, 0, 1, 1);
      return [...pixel.getImageData(0, 0, 1, 1).data].join(' ');
    };
    const ground = shown(getComputedStyle(document.querySelector('.host')!).getPropertyValue('--terminal').trim());
    return [shown(bar.color) === ground, shown(red.color) === ground, bar.backgroundColor !== red.backgroundColor];
  });
  expect(colors).toEqual([true, true, true]);
});

test('ligatures are drawn where they are wanted, by the page and by the GPU, in terminals that are open', async () => {
  // Signs in two colours that nobody can tell from each other are not drawn together.
  const coloured = (signs: string, other: number) =>
    [...signs].map((sign, i) => String.raw`\e[38;2;200;200;${i % 2 ? other : 200}m` + sign).join('');
  const [together, apart] = [coloured('=> != === ->', 200), coloured('=> != === ->', 201)];
  const show = `clear; printf '${together}\\r\\n${apart}\\e[m\\r\\n'; echo signs-"shown"`;
  await typeLine(page, show);
  await waitForScreen(page, /^signs-shown/);
  const { height } = (await page.locator('.xterm-rows > div:visible').first().boundingBox())!;
  expect(await differentPixels(page, height)).toBeLessThan(5);
  const dialog = page.getByRole('dialog', { name: 'Settings' });
  const toggle = async () => {
    await page.keyboard.press('Control+,');
    await dialog.getByLabel('Find a setting').fill('ligatures');
    await dialog.getByLabel('Ligatures', { exact: true }).click();
    await dialog.getByText('Saved for all your devices.').waitFor();
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
  };
  await toggle();
  await expect.poll(() => differentPixels(page, height)).toBeGreaterThan(20);
  expect((await screenOf(page)).slice(0, 2)).toEqual(['=> != === ->', '=> != === ->']);

  const other = await browser.context.newPage();
  await pretendGpu(other);
  await other.goto(stack.origin);
  await other.getByRole('button', { name: /bash/ }).first().click();
  await waitForConnection(other, 'online');
  await terminal(other).locator('.xterm-screen > canvas:not(.xterm-link-layer)').first().waitFor();
  await expect.poll(() => differentPixels(other, height)).toBeGreaterThan(20);
  await page.bringToFront();
  await toggle();
  await expect.poll(() => differentPixels(page, height)).toBeLessThan(5);
  await other.bringToFront();
  await expect.poll(() => differentPixels(other, height)).toBeLessThan(5);
  await other.close();
});

test('where the GPU draws, a context that is lost leaves the text in sight', async () => {
  const other = await browser.context.newPage();
  await pretendGpu(other);
  await other.goto(stack.origin);
  await other.getByRole('button', { name: /bash/ }).first().click();
  await waitForConnection(other, 'online');
  const gl = terminal(other).locator('.xterm-screen > canvas:not(.xterm-link-layer)');
  await gl.first().waitFor();
  await typeLine(other, 'clear; echo text-"stays"');
  await terminal(other).evaluate((host) => {
    for (const canvas of host.querySelectorAll('canvas'))
      canvas.getContext('webgl2')?.getExtension('WEBGL_lose_context')?.loseContext();
  });
  await waitForScreen(other, /^text-stays/);
  expect(await gl.count()).toBe(0);
  await other.close();
});
