// What people need beside an agent, in a real Chromium: files dropped and pasted, folders listed and fetched from, and what git says was changed.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CDPSession, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import type { Holdfast } from '../../client/index.ts';
import { UPLOAD_FOLDER } from '../../protocol/files.ts';
import { axe } from './axe.ts';
import {
  clientIn,
  openBrowser,
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
let devtools: CDPSession;
let hf: Holdfast;
let work: string;
let sessionId: string;

beforeAll(async () => {
  work = mkdtempSync(join(tmpdir(), 'hf-work-'));
  stack = await startStack({ authMode: 'token', shards: 1, env: { HOLDFAST_EMAIL: 'ada@example.com' } });
  browser = await openBrowser();
  page = await browser.context.newPage();
  await page.goto(stack.readyUrl);
  await waitForConnection(page, 'online');
  hf = await clientIn(browser.context, stack.origin);
  makeRepository();
  ({ id: sessionId } = await hf.sessions.open({
    command: ['/bin/bash', '-l'],
    cwd: work,
    name: 'agent',
    cols: 80,
    rows: 24,
  }));
  await page.getByRole('button', { name: /agent/ }).first().click();
  await waitForScreen(page, /\$|#/);
  await typeLine(page, 'PS1="$ "; clear; cat');
  devtools = await browser.context.newCDPSession(page);
});
afterAll(async () => {
  hf?.close();
  await browser?.remove();
  await stack?.remove();
  rmSync(work, { recursive: true, force: true });
});

function makeRepository(): void {
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=Ada', '-c', 'user.email=a@b.c', ...args], { cwd: work, stdio: 'pipe' });
  git('init', '-q', '-b', 'main');
  mkdirSync(join(work, 'src'));
  writeFileSync(join(work, 'src/app.ts'), 'export const answer = 41;\n');
  writeFileSync(join(work, 'README.md'), '# An app\n');
  git('add', '.');
  git('commit', '-qm', 'first');
  writeFileSync(join(work, 'src/app.ts'), 'export const answer = 42;\n');
  writeFileSync(join(work, 'new.ts'), 'export {};\n');
  writeFileSync(join(work, 'blob.bin'), BLOB);
}

const BLOB = Buffer.from(Array.from({ length: 200_000 }, (_, i) => (i * 31) % 256));
const uploads = () => page.getByTestId('uploads');
const uploaded = (name = '') => join(work, UPLOAD_FOLDER, name);
const dialog = () => page.getByRole('dialog');

/** A drop as the browser makes one, on the middle of what `selector` names. */
async function drop(selector: string, name: string, text: string): Promise<void> {
  await page.evaluate(
    ([where, fileName, content]) => {
      const target = [...document.querySelectorAll(where)].find((one) => one.getBoundingClientRect().width > 0)!;
      const box = target.getBoundingClientRect();
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File([content], fileName));
      const at = { clientX: box.x + box.width / 2, clientY: box.y + box.height / 2, bubbles: true, cancelable: true };
      for (const type of ['dragenter', 'dragover', 'drop'])
        target.dispatchEvent(new DragEvent(type, { ...at, dataTransfer }));
    },
    [selector, name, text] as const,
  );
}

/** Axe, and nothing that is wider than the window: wide and dark, narrow and light. */
async function lookedAt(): Promise<void> {
  const found: string[] = [];
  for (const [colorScheme, width, height] of [
    ['light', 390, 844],
    ['dark', 1440, 900],
  ] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await page.setViewportSize({ width, height });
    found.push(...(await axe(page)).map((fault) => `${colorScheme} ${width}: ${fault}`));
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    if (overflow > 0) found.push(`${colorScheme} ${width}: ${overflow} px wider than the window`);
  }
  expect(found).toEqual([]);
}

test('a dropped file is uploaded, and its path typed for a shell, in one paste', async () => {
  await drop('[data-testid="terminal"]', "ada's notes.txt", 'what she wrote');
  await waitForScreen(page, String.raw`notes.txt`);
  expect(readFileSync(uploaded("ada's notes.txt"), 'utf8')).toBe('what she wrote');
  const shown = (await screenOf(page)).join('').replaceAll(' ', '');
  expect(shown).toContain(`'${uploaded(String.raw`ada'\''s notes.txt`)}'`.replaceAll(' ', ''));
  expect(execFileSync('git', ['status', '--porcelain'], { cwd: work }).toString()).not.toContain('holdfast');
  await page.keyboard.press('Control+U');
});

test('a file that is dropped beside the terminals changes nothing', async () => {
  await drop('[data-testid="status-bar"]', 'stray.txt', 'x');
  await drop('[data-testid="terminal"]', 'after.txt', 'x');
  await waitForScreen(page, 'after.txt');
  expect(readdirSync(uploaded()).sort()).toEqual(['.gitignore', "ada's notes.txt", 'after.txt']);
  await page.keyboard.press('Control+U');
});

test('a picture of the clipboard becomes a file with a name of its own', async () => {
  await page.locator('[data-testid="terminal"]:visible').click();
  await page.evaluate(() => {
    const clipboardData = new DataTransfer();
    clipboardData.items.add(new File([new Uint8Array([137, 80, 78, 71])], 'image.png', { type: 'image/png' }));
    const event = new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true });
    document.activeElement!.dispatchEvent(event);
  });
  await waitForScreen(page, /pasted-\d{8}/);
  const name = readdirSync(uploaded()).find((one) => one.startsWith('pasted-'))!;
  expect([name, [...readFileSync(uploaded(name))]]).toEqual([
    expect.stringMatching(/^pasted-\d{8}-\d{6}\.png$/),
    [137, 80, 78, 71],
  ]);
});

test('a picture is pasted by the terminal’s key and from the palette too, which the browser gives no files', async () => {
  await browser.context.grantPermissions(['clipboard-read', 'clipboard-write']);
  onTestFinished(() => browser.context.clearPermissions());
  const pictures = () =>
    readdirSync(work, { recursive: true }).filter((path) => String(path).includes('pasted-')).length;
  const before = pictures();
  await page.locator('[data-testid="terminal"]:visible').click();
  await page.keyboard.press('Control+U');
  await page.evaluate(async () => {
    const picture = await new OffscreenCanvas(8, 8).getContext('2d')!.canvas.convertToBlob();
    await navigator.clipboard.write([new ClipboardItem({ 'image/png': picture })]);
  });
  await page.keyboard.press('Control+Shift+V');
  await waitForScreen(page, /pasted-\d{8}-\d{6}(-\d+)?\.png/);
  expect(pictures()).toBe(before + 1);
  await runAction(page, 'Paste');
  await expect.poll(pictures).toBe(before + 2);
  await page.evaluate(() => navigator.clipboard.writeText('words'));
  await page.keyboard.press('Control+Shift+V');
  await waitForScreen(page, 'words');
  expect(pictures()).toBe(before + 2);
  await page.keyboard.press('Control+U');
});

test('an upload says how far it is; cancelled, it leaves nothing', async () => {
  const before = readdirSync(uploaded());
  // So slow that it is still on its way when it is cancelled, whatever the machine.
  await devtools.send('Network.enable');
  const slow = { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: 64 * 1024 };
  await devtools.send('Network.emulateNetworkConditions', slow);
  await drop('[data-testid="terminal"]', 'large.bin', 'x'.repeat(8 * 1024 * 1024));
  await until(() => readdirSync(uploaded()).some((name) => name.endsWith('.part')));
  await until(() =>
    uploads()
      .locator('progress')
      .evaluate((bar: HTMLProgressElement) => bar.value > 0),
  );
  expect(
    await uploads()
      .getByText(/ of 8\.0 MB/)
      .count(),
  ).toBe(1);
  await lookedAt();
  await page.getByRole('button', { name: 'Cancel the upload of large.bin' }).press('Enter');
  await uploads().waitFor({ state: 'detached' });
  // Only then quick again: the browser's network would send the rest at once, before it hears that it is cancelled.
  await until(() => !readdirSync(uploaded()).some((name) => name.endsWith('.part')));
  await devtools.send('Network.emulateNetworkConditions', { ...slow, uploadThroughput: -1 });
  expect(readdirSync(uploaded())).toEqual(before);
});

test('the files of the workspace, by keys alone: into a folder and back, and a download byte by byte', async () => {
  await page.locator('[data-testid="terminal"]:visible').click();
  await runAction(page, 'Files…');
  const list = page.getByTestId('file-list');
  await list.getByText('README.md').waitFor();
  await lookedAt();
  expect(await list.evaluate((one) => one === document.activeElement)).toBe(true);
  await page.keyboard.press('Home');
  await page.keyboard.press('Enter');
  await list.getByText('app.ts').waitFor();
  expect(await page.getByRole('navigation', { name: 'Folder' }).getByRole('button').last().innerText()).toBe('src');
  await page.getByRole('navigation', { name: 'Folder' }).getByRole('button').nth(-2).press('Enter');
  await list.getByText('blob.bin').waitFor();
  await page.keyboard.press('Home');
  await page.keyboard.press('ArrowDown');
  const started = page.waitForEvent('download');
  await page.keyboard.press('Enter');
  const download = await started;
  expect(download.suggestedFilename()).toBe('blob.bin');
  expect(readFileSync(await download.path()).equals(BLOB)).toBe(true);
});

test('what begins with a dot is shown on demand, and a file is uploaded into the folder that is shown', async () => {
  const list = page.getByTestId('file-list');
  expect(await list.getByText(UPLOAD_FOLDER).count()).toBe(0);
  await page.getByRole('checkbox', { name: /hidden/ }).press('Space');
  await list.getByText(UPLOAD_FOLDER).waitFor();
  await page
    .getByTestId('folder-files')
    .setInputFiles({ name: 'new.ts', mimeType: 'text/plain', buffer: Buffer.from('2') });
  await list.getByText('new-2.ts').waitFor();
  await drop('[data-testid="file-list"]', 'third.html', '<script>alert(1)</script>');
  await list.getByText('third.html').waitFor();
  expect([readFileSync(join(work, 'new.ts'), 'utf8'), readFileSync(join(work, 'new-2.ts'), 'utf8')]).toEqual([
    'export {};\n',
    '2',
  ]);
});

test('ten thousand files are listed, and only those in view are drawn', async () => {
  mkdirSync(join(work, 'src/many'));
  for (let n = 0; n < 10_000; n++) writeFileSync(join(work, 'src/many', `file ${n}`), '');
  const list = page.getByTestId('file-list');
  await list.getByText('src', { exact: true }).click();
  await list.getByText('many', { exact: true }).click();
  await list.getByText('file 0', { exact: true }).waitFor();
  await page.keyboard.press('End');
  await list.getByText('file 9999', { exact: true }).waitFor();
  expect(await list.getByRole('option').count()).toBeLessThan(100);
  expect(await list.getByRole('option').last().getAttribute('aria-setsize')).toBe('10000');
  rmSync(join(work, 'src/many'), { recursive: true });
});

test('a folder that is gone says so', async () => {
  await page.getByRole('button', { name: 'Look again' }).click();
  await dialog()
    .getByRole('alert')
    .getByText(/there is no directory/i)
    .waitFor();
  await lookedAt();
});

test('what was changed: each file, its lines, both ways, and anew when it is shown again', async () => {
  await page.getByRole('tab', { name: 'Files' }).focus();
  await page.keyboard.press('ArrowRight');
  const files = page.getByTestId('changed-files');
  await files.getByText('src/app.ts').waitFor();
  await files.focus();
  await page.keyboard.press('End');
  await page.keyboard.press('ArrowUp'); // below it stands what was uploaded before
  await page.keyboard.press('Enter');
  const diff = page.getByTestId('diff');
  await diff.getByText('export const answer = 42;').waitFor();
  expect(await diff.locator('.line--deleted .text').allInnerTexts()).toEqual(['export const answer = 41;']);
  await lookedAt();
  await page.getByRole('checkbox', { name: 'Side by side' }).press('Space');
  await diff.locator('.pair').first().waitFor();
  expect(await diff.locator('.pair .line--added .text').allInnerTexts()).toEqual(['export const answer = 42;']);
  await lookedAt();
  writeFileSync(join(work, 'README.md'), '# Another app\n');
  await page.getByRole('tab', { name: 'Changes' }).focus();
  await page.keyboard.press('ArrowLeft');
  await page.getByTestId('file-list').waitFor();
  await page.locator('[role="tab"]:focus', { hasText: 'Files' }).waitFor();
  await page.keyboard.press('ArrowRight');
  await files.getByText('README.md').waitFor();
  await page.keyboard.press('Escape');
  await dialog().waitFor({ state: 'hidden' });
});

test('the library does the same without a browser', async () => {
  const files = await hf.sessions.files(sessionId);
  const bytes = new Uint8Array(BLOB);
  const { path } = await files.upload(bytes, { name: '../x.bin' });
  expect(path).toBe(uploaded('x.bin'));
  expect(Buffer.from(await (await files.download(path)).arrayBuffer()).equals(bytes)).toBe(true);
  expect((await files.list(UPLOAD_FOLDER)).entries.map(({ name }) => name)).toContain('x.bin');
  expect((await files.changes()).files.map(({ path: changed }) => changed)).toContain('src/app.ts');
  expect((await files.diff('src/app.ts')).diff).toContain('+export const answer = 42;');
  await expect(files.list('/no/such/folder')).rejects.toMatchObject({ code: 'file.not_found' });
});

test('a window that only watches uploads nothing, and still shows the files', async () => {
  const watching = await browser.context.newPage();
  await watching.goto(`${stack.origin}/#watch=${sessionId}`);
  await waitForConnection(watching, 'online');
  const before = readdirSync(uploaded());
  await watching.locator('[data-testid="terminal"]:visible').waitFor();
  await watching.getByRole('button', { name: 'Files', exact: true }).click();
  await watching.getByTestId('file-list').getByText('README.md').waitFor();
  expect(await watching.getByRole('button', { name: 'Upload' }).count()).toBe(0);
  await watching.keyboard.press('Escape');
  await watching.evaluate(() => {
    const target = document.querySelector('[data-testid="terminal"]')!;
    const { x, y } = target.getBoundingClientRect();
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add(new File(['x'], 'x.txt'));
    const at = { clientX: x + 20, clientY: y + 20, bubbles: true, cancelable: true };
    target.dispatchEvent(new DragEvent('drop', { ...at, dataTransfer }));
  });
  await watching.getByText(/only watches/).waitFor();
  expect(readdirSync(uploaded())).toEqual(before);
  await watching.close();
});
