import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Page } from 'playwright-core';
import { ansi, COLORS } from '../../pwa/themes/fixtures/colors.ts';
import { ITERM2 } from '../../pwa/themes/fixtures/files.ts';
import { axe } from './axe.ts';
import { holdTerminals, openBrowser, typeLine, waitForConnection, waitForScreen, type Browser } from './browser.ts';
import { startStack, type Stack } from './stack.ts';

// What is set in one window holds at once, there and on the person's other devices.
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
});
afterAll(async () => {
  await browser?.remove();
  await stack?.remove();
});

const themeOf = (where: Page) => where.evaluate(() => document.documentElement.dataset['theme']);
const settingsIn = (where: Page) => where.getByRole('dialog', { name: 'Settings' });
const dialog = () => settingsIn(page);
const expectSaved = () => dialog().getByText('Saved for all your devices.').waitFor();

/** Another window of the person, with the settings before it. */
async function openSettings(): Promise<Page> {
  const other = await browser.context.newPage();
  await other.goto(stack.origin);
  await waitForConnection(other, 'online');
  await other.keyboard.press('Control+,');
  await settingsIn(other).waitFor();
  return other;
}

test('a setting is found by a word, holds at once, and has its usual value again', async () => {
  await page.locator('[data-testid="terminal"]:visible').click();
  await page.keyboard.press('Control+,');
  await dialog().getByLabel('Find a setting').fill('family');
  await expect.poll(() => dialog().locator('.setting').count()).toBe(1);
  await dialog().getByLabel('Colours', { exact: true }).selectOption('lakehouse');
  await expect.poll(() => themeOf(page)).toBe('lakehouse-dark');
  await dialog().getByRole('button', { name: 'Colours: as it comes' }).click();
  await expect.poll(() => themeOf(page)).toBe('dark');
  await expectSaved();
});

test('what is changed while a terminal is being made holds for it as well', async () => {
  await page.keyboard.press('Escape');
  const late = await browser.context.newPage();
  await late.emulateMedia({ colorScheme: 'dark', reducedMotion: 'no-preference' });
  const terminals = await holdTerminals(late);
  await late.goto(stack.origin);
  await terminals.held(1);
  await late.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
  await expect.poll(() => themeOf(late)).toBe('light');
  await terminals.release();
  await waitForScreen(late, /\$|#/);
  await late.locator('[data-testid="terminal"]:visible').click();
  await late.locator('.xterm-cursor-block').waitFor(); // it has the focus, and would blink
  expect(await late.locator('.xterm-cursor-blink').count()).toBe(0);
  const ground = (where: Page) => shown('.xterm-scrollable-element', 'backgroundColor', where);
  expect(await ground(late)).not.toBe(await ground(page));
  await late.close();
});

test('scrollback is as long as it is set, in the terminals that are there', async () => {
  await page.keyboard.press('Control+,');
  await dialog().getByLabel('Find a setting').fill('');
  const lines = dialog().getByLabel('Lines kept above the screen');
  await lines.fill('7');
  await lines.press('Tab');
  await dialog().getByText('It must be a whole number from 100 to 50000.').waitFor();
  await lines.fill('100');
  await lines.press('Tab');
  await expectSaved();
  await page.keyboard.press('Escape');
  await typeLine(page, 'clear; seq -f "line-%g" 1 1000; echo all""done');
  await waitForScreen(page, /^alldone/m);
  await page.keyboard.press('Control+Shift+F');
  const wanted = page.getByRole('textbox', { name: 'Find in the terminal' });
  await wanted.fill('line-850');
  await page.getByText('Nothing found').waitFor();
  await wanted.fill('line-950');
  await page
    .getByTestId('find-count')
    .getByText(/1 of 1/)
    .waitFor();
  await page.keyboard.press('Escape');
});

test('a font is taken by its name, in the terminals that are there, and cells are as wide as it is', async () => {
  const rows = page.locator('[data-testid="terminal"]:visible .xterm-rows');
  const look = () =>
    rows.evaluate((element) => {
      const { fontFamily } = getComputedStyle(element);
      return [fontFamily.split(',')[0], element.getBoundingClientRect().width] as const;
    });
  const [, before] = await look();
  await page.keyboard.press('Control+,');
  const font = dialog().getByLabel('Font', { exact: true });
  await font.fill('a"b');
  await font.press('Tab');
  await dialog().getByText('It must be names of fonts with commas between them').waitFor();
  await font.fill('Holdfast Sans');
  await font.press('Tab');
  await expectSaved();
  await expect.poll(async () => (await look())[0]).toBe('"Holdfast Sans"');
  await expect.poll(async () => (await look())[1] === before).toBe(false);
  await dialog().getByRole('button', { name: 'Font: as it comes' }).click();
  await expect.poll(async () => (await look())[1]).toBe(before);
  await expectSaved();
  await page.keyboard.press('Escape');
});

test('what is typed stays until the field is left, whatever is saved or set elsewhere meanwhile', async () => {
  const other = await openSettings();
  await page.keyboard.press('Control+,');
  const font = dialog().getByLabel('Font', { exact: true });
  const ligatures = (where: Page) => settingsIn(where).getByRole('checkbox', { name: 'Ligatures' });
  await ligatures(page).click();
  await font.pressSequentially('Hold');
  await expectSaved();
  await font.pressSequentially('fast ');
  await ligatures(other).click();
  await expect.poll(() => ligatures(page).isChecked()).toBe(await ligatures(other).isChecked());
  await font.pressSequentially('Sans');
  expect(await font.inputValue()).toBe('Holdfast Sans');
  await font.press('Enter');
  await expect.poll(() => settingsIn(other).getByLabel('Font', { exact: true }).inputValue()).toBe('Holdfast Sans');
  await dialog().getByRole('button', { name: 'Font: as it comes' }).click();
  await expect.poll(() => font.inputValue()).toBe('');
  await other.close();
});

test('a value that cannot be stays beside its reason, until the setting is changed elsewhere', async () => {
  const other = await openSettings();
  const lines = (where: Page) => settingsIn(where).getByLabel('Lines kept above the screen', { exact: true });
  const reason = dialog().getByText('It must be a whole number from 100 to 50000.');
  await lines(page).fill('7');
  await lines(page).press('Tab');
  await reason.waitFor();
  await settingsIn(other).getByRole('checkbox', { name: 'The cursor blinks' }).click();
  await dialog().getByRole('button', { name: 'The cursor blinks: as it comes' }).click();
  await expectSaved();
  expect([await lines(page).inputValue(), await reason.count()]).toEqual(['7', 1]);
  await lines(other).fill('200');
  await lines(other).press('Tab');
  await expect.poll(() => lines(page).inputValue()).toBe('200');
  expect(await reason.count()).toBe(0);
  await lines(page).fill('100');
  await lines(page).press('Tab');
  await expectSaved();
  await page.keyboard.press('Escape');
  await other.close();
});

test('the same is written as JSON, and what cannot be is refused with the reason', async () => {
  await page.keyboard.press('Control+,');
  await dialog().getByRole('button', { name: 'Edit as JSON' }).click();
  const text = dialog().getByLabel('Settings as JSON');
  expect(JSON.parse(await text.inputValue())).toMatchObject({ 'terminal.scrollback': 100, theme: 'system' });
  await text.fill('{ "theme": "purple" }');
  await dialog().getByRole('button', { name: 'Save' }).click();
  await dialog().getByText('theme must be one of system, light, dark.').waitFor();
  await text.fill('{ "theme": "light", "fromTomorrow": 7 }');
  await dialog().getByRole('button', { name: 'Save' }).click();
  await expect.poll(() => themeOf(page)).toBe('light');
  await expectSaved();
});

test('nothing of it stands in the way of a screen reader, wide and narrow', async () => {
  for (const width of [1440, 390]) {
    await page.setViewportSize({ width, height: 844 });
    expect(await axe(page)).toEqual([]);
  }
  await page.setViewportSize({ width: 1440, height: 900 });
  await dialog().getByRole('button', { name: 'Close' }).click();
  await dialog().waitFor({ state: 'hidden' });
});

test('what another window sets while JSON is written stays, and what nobody set stays unset', async () => {
  const other = await openSettings();
  await page.keyboard.press('Control+,');
  await dialog().getByRole('button', { name: 'Edit as JSON' }).click();
  const text = dialog().getByLabel('Settings as JSON');
  await settingsIn(other).getByLabel('Cursor', { exact: true }).selectOption('bar');
  await settingsIn(other).getByText('Saved for all your devices.').waitFor();
  const shownThere = JSON.parse(await text.inputValue()) as object;
  await text.fill(JSON.stringify({ ...shownThere, 'terminal.scrollback': 3_000 }));
  await dialog().getByRole('button', { name: 'Save' }).click();
  const scrollback = settingsIn(other).getByLabel('Lines kept above the screen', { exact: true });
  await expect.poll(() => scrollback.inputValue()).toBe('3000');
  await expectSaved();
  const kept = await settingsKept();
  expect(kept).toMatchObject({ theme: 'light', 'terminal.cursorStyle': 'bar', 'terminal.scrollback': 3_000 });
  expect(kept).not.toHaveProperty('family');
  await page.keyboard.press('Escape');
  await other.close();
});

/** On the server. */
async function settingsKept(): Promise<object | undefined> {
  const { documents } = await page.evaluate(async () => {
    const answer = await fetch('/api/v1/preferences');
    return (await answer.json()) as { documents: { name: string; value: object }[] };
  });
  return documents.find(({ name }) => name === 'settings')?.value;
}

test('what is taken out of the JSON is as it comes again, and no other window brings it back', async () => {
  await typeLine(page, 'clear'); // the cursor is in sight then
  await page.locator('.xterm-cursor-bar').waitFor();
  await page.keyboard.press('Control+,');
  await dialog().getByRole('button', { name: 'Edit as JSON' }).click();
  const text = dialog().getByLabel('Settings as JSON');
  const shownHere = JSON.parse(await text.inputValue()) as Record<string, unknown>;
  await text.fill(JSON.stringify({ ...shownHere, 'terminal.cursorStyle': undefined }));
  await dialog().getByRole('button', { name: 'Save' }).click();
  await expectSaved();
  await dialog().getByRole('button', { name: 'Close' }).click();
  await page.locator('[data-testid="terminal"]:visible').click();
  await page.locator('.xterm-cursor-block').waitFor();
  const later = await openSettings();
  await settingsIn(later).getByText('Saved for all your devices.').waitFor();
  expect(await settingsKept()).not.toHaveProperty(['terminal.cursorStyle']);
  await later.close();
});

const shown = (part: string, property: 'color' | 'backgroundColor', where: Page) =>
  where
    .locator(`[data-testid="terminal"]:visible ${part}`)
    .first()
    .evaluate((element, name) => getComputedStyle(element)[name], property);
const rgb = (hex: string) => `rgb(${[1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16)).join(', ')})`;
/** Of the visible terminal: its ground, and what is printed in red. */
const inkOf = async (where: Page) => [
  await shown('.xterm-scrollable-element', 'backgroundColor', where),
  await shown('.xterm-fg-1', 'color', where),
];
const IMPORTED = [COLORS.background, ansi(1)].map(rgb);

test('colours of another program are looked at, kept, and are the terminal’s from then on', async () => {
  await typeLine(page, String.raw`clear; printf '\033[31mred-''ink\033[0m\n'`);
  await waitForScreen(page, /^red-ink/m);
  expect(await inkOf(page)).not.toEqual(IMPORTED);
  await page.keyboard.press('Control+,');
  await dialog().getByRole('button', { name: 'Import colours…' }).first().click();
  const colors = page.getByRole('dialog', { name: 'Colours of the terminal' });
  const file = (name: string, text: string) =>
    colors.getByLabel('Choose a file').setInputFiles({ name, mimeType: 'text/plain', buffer: Buffer.from(text) });
  await file('notes.txt', 'buy bread');
  await colors.getByRole('alert').getByText('notes.txt: No colours were found in it.').waitFor();
  await file('Harbour.itermcolors', ITERM2);
  await colors.getByRole('img', { name: /^Harbour: sample text/ }).waitFor();
  expect(await axe(page)).toEqual([]);
  await colors.getByRole('button', { name: 'Keep and use' }).click();
  await colors.getByRole('button', { name: 'Used in a light window' }).waitFor();
  await expect.poll(() => inkOf(page)).toEqual(IMPORTED);
  await page.keyboard.press('Escape');
  await page.keyboard.press('Control+,');
  await expectSaved();
  await page.keyboard.press('Escape');
});

test('another device of the person is as it was set on this one', async () => {
  const other = await openBrowser();
  try {
    const [cookie] = await browser.context.cookies();
    await other.context.addCookies([cookie!]);
    const there = await other.context.newPage();
    await there.goto(stack.origin);
    await expect.poll(() => themeOf(there)).toBe('light');
    await there.getByRole('navigation').getByText('bash').first().click();
    await waitForScreen(there, /^red-ink/m);
    await expect.poll(() => inkOf(there)).toEqual(IMPORTED);
  } finally {
    await other.remove();
  }
});
