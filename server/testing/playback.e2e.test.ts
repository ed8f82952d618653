// Recordings and search in what is kept, in a real Chromium: a real program is recorded, played, searched, saved and opened again.
import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import type { Holdfast } from '../../client/index.ts';
import { axe } from './axe.ts';
import {
  clientIn,
  openBrowser,
  runAction,
  typeLine,
  waitForConnection,
  waitForScreen,
  waitUntilKept,
  type Browser,
} from './browser.ts';
import { startStack, type Stack } from './stack.ts';

let stack: Stack;
let browser: Browser;
let page: Page;
let hf: Holdfast;

beforeAll(async () => {
  stack = await startStack({ authMode: 'token', shards: 1, env: { HOLDFAST_EMAIL: 'ada@example.com' } });
  browser = await openBrowser();
  page = await browser.context.newPage();
  await page.goto(stack.readyUrl);
  await page.getByRole('button', { name: /open a terminal/i }).click();
  await waitForConnection(page, 'online');
  await waitForScreen(page, /\$|#/);
  hf = await clientIn(browser.context, stack.origin);
});
afterAll(async () => {
  hf?.close();
  await browser?.remove();
  await stack?.remove();
});

const dialog = () => page.getByRole('dialog');
const place = () => page.getByTestId('playback-place').innerText();
const command = () => page.getByTestId('playback-command').innerText();
const recorded = async () => {
  const rows = await page.getByTestId('playback-screen').locator('.xterm-rows > div').allInnerTexts();
  return rows
    .map((row) => row.replaceAll('\u00a0', ' ').trimEnd())
    .join('\n')
    .trimEnd();
};
async function accessible(): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' }); // no colour on its way to another
    expect(await axe(page)).toEqual([]);
  }
}

test('a session is played back: to its end, to a place, to a command, to a text, all by keys', async () => {
  await typeLine(page, "PS1='$ '; clear");
  await typeLine(page, String.raw`printf '\e[31mred-first\e[m\n'`);
  await waitForScreen(page, /^red-first/);
  await page.setViewportSize({ width: 1000, height: 700 });
  // In two parts, so that the text is found in what vim shows and not in the command's echo.
  await typeLine(page, `vim -u NONE -N +"set nomore" +"call setline(1, 'inside-'.'vim')" +redraw`);
  await waitForScreen(page, /^inside-vim/);
  await page.keyboard.type(':q!');
  await page.keyboard.press('Enter');
  await waitForScreen(page, /\+redraw\n\$$/);
  await typeLine(page, 'echo after-"vim"');
  await waitForScreen(page, /^after-vim/);
  await page.setViewportSize({ width: 1440, height: 900 });
  await runAction(page, 'Play back the session');
  await page.getByTestId('playback-place').waitFor();
  expect(await recorded()).not.toContain('after-vim');

  await page.keyboard.press('End');
  await expect.poll(recorded).toMatch(/^after-vim/m);
  const end = await place();
  await page.keyboard.press('Home');
  await expect.poll(place).toMatch(/^0:00 \/ /);
  await expect.poll(recorded).not.toContain('red-first');

  await page.keyboard.press(']');
  await expect.poll(command).toContain('PS1=');
  await page.keyboard.press(']');
  await expect.poll(command).toContain('printf');
  await expect.poll(recorded).toContain('printf'); // the screen follows its place
  expect(await recorded()).not.toMatch(/^red-first/m);
  await page.keyboard.press(']');
  await expect.poll(command).toContain('vim -u NONE');
  await expect.poll(recorded).toMatch(/^red-first/m);
  const red = page.getByTestId('playback-screen').locator('span', { hasText: 'red-first' }).last();
  expect(await red.getAttribute('class')).toContain('xterm-fg-1');

  await page.keyboard.press('/');
  await page.keyboard.type('inside-vim');
  await page.keyboard.press('Enter');
  await expect.poll(() => page.getByTestId('playback-found').innerText()).toMatch(/^\d+ of \d+$/);
  await expect.poll(recorded).toMatch(/^inside-vim/m);
  await page.getByRole('button', { name: 'Play', exact: true }).focus();

  await page.keyboard.press('Home');
  for (let i = 0; i < 4; i++) await page.keyboard.press('>');
  await expect.poll(() => page.getByLabel('Speed').inputValue()).toBe('16');
  await page.keyboard.press('Space');
  await expect.poll(place).toBe(end);
  await expect.poll(recorded).toMatch(/^after-vim/m);
  await page.getByRole('button', { name: 'Play', exact: true }).waitFor();
});

test('it is accessible in both looks, and fits a phone', async () => {
  await accessible();
  await page.setViewportSize({ width: 390, height: 844 });
  for (const part of [page.getByTestId('playback-screen'), page.getByRole('group', { name: 'Playback' })]) {
    const box = (await part.boundingBox())!;
    expect([box.x >= 0, box.x + box.width <= 390, box.y + box.height <= 844]).toEqual([true, true, true]);
  }
  await accessible();
  // Magnified fourfold: there is something to see of it, and a way to the controls.
  await page.setViewportSize({ width: 360, height: 225 });
  expect((await page.getByTestId('playback-screen').boundingBox())!.height).toBeGreaterThan(100);
  await page.getByRole('link', { name: '.cast' }).scrollIntoViewIfNeeded();
  expect((await page.getByRole('link', { name: '.cast' }).boundingBox())!.y).toBeLessThan(225);
  await page.setViewportSize({ width: 1440, height: 900 });
});

test('what is saved is opened again and shows the same, and a file that is none is told', async () => {
  await page.keyboard.press('Escape');
  await dialog().waitFor({ state: 'detached' });
  // The terminal behind was as narrow as the phone: what is compared is recorded when it is wide again.
  await typeLine(page, `until [ $(stty size | cut -d' ' -f2) -gt 100 ]; do sleep 0.1; done; echo wide-"again"`);
  await waitForScreen(page, /^wide-again/);
  await runAction(page, 'Play back the session');
  await page.getByTestId('playback-place').waitFor();
  await page.keyboard.press('End');
  await expect.poll(recorded).toMatch(/^wide-again\n\$$/m);
  const before = await recorded();
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: '.cast' }).click(),
  ]);
  const path = await download.path();
  expect(download.suggestedFilename()).toMatch(/\.cast$/);
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
  expect(JSON.parse(lines[0]!)).toMatchObject({ version: 2, title: 'bash' });
  expect(new Set(lines.slice(1).map((line) => (JSON.parse(line) as string[])[1]))).toEqual(new Set(['o', 'r', 'm']));
  await page.keyboard.press('Escape');
  await dialog().waitFor({ state: 'detached' });

  await runAction(page, 'Open a recording');
  const choose = dialog().locator('input[type="file"]');
  await choose.setInputFiles({ name: 'bad.cast', mimeType: '', buffer: Buffer.from('{"version": 9}\n') });
  await expect.poll(() => dialog().getByRole('alert').innerText()).toContain('line 1 does not begin an asciicast');
  await accessible();
  await choose.setInputFiles(path);
  await page.getByTestId('playback-place').waitFor();
  await page.keyboard.press('End');
  await expect.poll(recorded).toBe(before);
  await page.keyboard.press('Escape');
  await dialog().waitFor({ state: 'detached' });
});

test('all of a screen is in view, however high it was', async () => {
  onTestFinished(() => page.setViewportSize({ width: 1440, height: 900 }));
  await page.setViewportSize({ width: 1280, height: 800 });
  const below = () => page.getByTestId('playback-screen').evaluate((host) => host.scrollHeight - host.clientHeight);
  for (const rows of [38, 43, 48, 55, 70]) {
    const events = [
      [0, 'o', 'begins'],
      [1, 'r', `125x${rows}`],
      [1, 'o', `\x1b[${rows}Hthe last row`],
    ];
    const cast = [{ version: 2, width: 120, height: 36 }, ...events].map((line) => JSON.stringify(line)).join('\n');
    await runAction(page, 'Open a recording');
    const file = { name: 'high.cast', mimeType: '', buffer: Buffer.from(cast) };
    await dialog().locator('input[type="file"]').setInputFiles(file);
    await page.getByTestId('playback-place').waitFor();
    await page.keyboard.press('End');
    await expect.poll(recorded).toMatch(/^the last row/m);
    await expect.poll(below, { message: `of ${rows} rows` }).toBe(0);
    await page.keyboard.press('Escape');
    await dialog().waitFor({ state: 'detached' });
  }
});

test('text is found in the kept screens of all sessions with every server stopped, and shown where it stands', async () => {
  await typeLine(
    page,
    'clear; for i in $(seq 1 200); do echo "row $i"; done; echo kept-"needle"; seq 500 700; echo all-"kept"',
  );
  await waitForScreen(page, /^all-kept/);
  await hf.sessions.open({
    command: ['bash', '-c', 'echo elsewhere; exec sleep 1000'],
    name: 'other',
    cols: 80,
    rows: 24,
  });
  await page.getByRole('button', { name: /other/ }).first().click();
  await waitForScreen(page, /^elsewhere/);
  await waitUntilKept(page, 'kept-needle');
  await page.reload();
  await waitForScreen(page, /^elsewhere/);
  await stack.stop();
  await waitForConnection(page, 'offline');
  await runAction(page, 'Search all sessions');
  const box = page.getByRole('combobox', { name: 'Text to find in all sessions' });
  const summary = () => page.getByTestId('search-summary').innerText();
  await box.fill('KEPT-needle');
  await expect.poll(summary).toMatch(/^1 found\./);
  await page.locator('.hit[data-highlighted]').waitFor();
  await accessible();
  await box.fill('no such needle');
  await expect.poll(summary).toMatch(/^Nothing found\./);
  await accessible();
  await box.fill('KEPT-needle');
  await page.locator('.hit[data-highlighted]').waitFor();
  await page.keyboard.press('Enter');
  await dialog().waitFor({ state: 'detached' });
  await waitForScreen(page, /^kept-needle/);
  expect(await page.evaluate(() => document.activeElement?.className)).toContain('xterm-helper-textarea');
});
