import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CDPSession, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { axe } from './axe.ts';
import { openBrowser, screenOf, waitForConnection, waitForScreen, type Browser } from './browser.ts';
import { startStack, type Stack } from './stack.ts';

// A day with a phone: everything by fingers, typing by its soft keyboard, and never a mouse.
let stack: Stack;
let browser: Browser;
let page: Page;
let fingers: CDPSession;

/** Says in hexadecimal what it is given; by a letter it takes the keys and the wheel as a program with a screen of its own does, or ends. */
const LISTENER = `
const say = (text) => process.stdout.write(text);
process.stdin.setRawMode(true);
process.stdin.on('data', (bytes) => {
  for (const part of bytes.toString().split(/(?=[KWQ])|(?<=[KWQ])/)) {
    if (part === 'K') say('\\x1b[?1h');
    else if (part === 'W') say('\\x1b[?1000h\\x1b[?1006h');
    else if (part === 'Q') process.exit(say('\\x1b[?1l\\x1b[?1000l\\x1b[?1006l\\r\\n'));
    else say(Buffer.from(part).toString('hex'));
  }
});
say('listening');
`;

beforeAll(async () => {
  stack = await startStack({ authMode: 'token', env: { HOLDFAST_EMAIL: 'ada@example.com' } });
  browser = await openBrowser({ width: 390, height: 844, phone: true });
  page = await browser.context.newPage();
  writeFileSync(join(stack.home, 'listener.cjs'), LISTENER);
  await browser.context.grantPermissions(['clipboard-read', 'clipboard-write']);
  fingers = await browser.context.newCDPSession(page);
});
afterAll(async () => {
  await browser?.remove();
  await stack?.remove();
});

const key = (name: string) => page.getByTestId('key-bar').getByRole('button', { name, exact: true });
const terminal = () => page.locator('[data-testid="terminal"]:visible');
const touch = (
  type: 'touchStart' | 'touchMove' | 'touchEnd',
  ...touchPoints: { x: number; y: number; id?: number }[]
) => fingers.send('Input.dispatchTouchEvent', { type, touchPoints });

async function typeLine(line: string) {
  await page.keyboard.type(line);
  await page.keyboard.press('Enter');
}

/** What the program was given since the last time; a mark typed after it says that nothing more will come. */
let marks = 0;
async function given(act: () => Promise<void>): Promise<string> {
  await page.keyboard.type(`<${++marks}>`);
  await act();
  await page.keyboard.type(`<${++marks}>`);
  const hex = (text: string) => Buffer.from(text).toString('hex');
  const all = async () => (await screenOf(page)).join('');
  await expect.poll(all).toContain(hex(`<${marks}>`));
  return (await all()).split(hex(`<${marks - 1}>`))[1]!.split(hex(`<${marks}>`))[0]!;
}

/** Draws a finger over the terminal, in steps, so that it comes to rest before it leaves. */
async function drag(from: { x: number; y: number }, to: { x: number; y: number }) {
  await touch('touchStart', from);
  const steps = 12;
  for (let i = 1; i <= steps; i++)
    await touch('touchMove', { x: from.x + ((to.x - from.x) * i) / steps, y: from.y + ((to.y - from.y) * i) / steps });
  await touch('touchEnd');
}

/** The middle of the first cell of a word that the terminal shows. */
const cellOf = (word: string) =>
  page.evaluate((wanted) => {
    const texts = document.createTreeWalker(document.querySelector('.xterm-rows')!, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
      const at = texts.currentNode.textContent!.indexOf(wanted);
      if (at < 0) continue;
      const range = document.createRange();
      range.setStart(texts.currentNode, at);
      range.setEnd(texts.currentNode, at + 1);
      const { x, y, width, height } = range.getBoundingClientRect();
      return { x: x + width / 2, y: y + height / 2 };
    }
    throw new Error(`${wanted} is not shown`);
  }, word);

async function longPress(at: { x: number; y: number }) {
  await touch('touchStart', at);
  await page.getByTestId('touch-selection').waitFor();
  await touch('touchEnd');
}

/** Takes a handle where a thumb does, somewhere on it, and moves it by so much. */
async function moveHandle(end: 'start' | 'end', dx: number) {
  const { x, y, width, height } = (await page.getByTestId(`selection-${end}`).boundingBox())!;
  const from = { x: x + width / 2, y: y + height * 0.7 };
  await drag(from, { x: from.x + dx, y: from.y });
}

async function copied(): Promise<string> {
  await page.getByRole('toolbar', { name: 'Selected text' }).getByRole('button', { name: 'Copy' }).tap();
  await page.getByTestId('touch-selection').waitFor({ state: 'detached' });
  return page.evaluate(() => navigator.clipboard.readText());
}

test('the first steps are told once, and stand in nobody’s way', async () => {
  await page.goto(stack.readyUrl);
  await page.getByTestId('tour').waitFor();
  expect(await axe(page)).toEqual([]);
  // A project is made meanwhile, by touch.
  await page.getByRole('button', { name: 'Show projects' }).tap();
  await page.getByRole('button', { name: 'New project', exact: true }).tap();
  await page.getByLabel('Name').fill('phone');
  await page.getByRole('button', { name: 'Create project' }).tap();
  await page.getByRole('button', { name: 'Open a session in phone' }).tap();
  await waitForConnection(page, 'online');
  await waitForScreen(page, /\$|#/);
  for (const name of ['Next', 'Next', 'Done']) await page.getByTestId('tour').getByRole('button', { name }).tap();
  await page.getByTestId('tour').waitFor({ state: 'detached' });
});

test('a tap on the terminal and the soft keyboard type; the bar below has the other keys', async () => {
  await terminal().tap();
  await typeLine('PS1="$ "; clear; node ' + join(stack.home, 'listener.cjs'));
  await waitForScreen(page, /listening/);
  expect(
    await given(async () => {
      for (const name of ['Escape', 'Tab', 'Up', 'Left']) await key(name).tap();
    }),
  ).toBe('1b091b5b411b5b44');
  await key('More keys').tap();
  expect(
    await given(async () => {
      for (const name of ['Shift+Tab', 'Ctrl+C', 'Home', 'Page down', '|']) await key(name).tap();
    }),
  ).toBe('1b5b5a031b5b481b5b367e7c');
});

test('modifiers hold for one key, or until they are tapped again, also for the soft keyboard', async () => {
  expect(
    await given(async () => {
      await key('Ctrl').tap();
      await page.keyboard.type('ab');
      await key('Alt').tap();
      await key('Up').tap();
    }),
  ).toBe('01621b5b313b3341');
  expect(
    await given(async () => {
      await key('Ctrl').tap();
      await key('Ctrl, for the next key').tap();
      await page.keyboard.type('ab');
      await key('Right').tap();
      await key('Ctrl, held').tap();
      await page.keyboard.type('c');
    }),
  ).toBe('01021b5b313b354363');
});

test('two thumbs press a key each at once, and a finger that leaves one presses none', async () => {
  const on = async (name: string, id: number) => {
    const { x, y, width, height } = (await key(name).boundingBox())!;
    return { x: x + width / 2, y: y + height / 2, id };
  };
  const [escape, tab] = [await on('Escape', 1), await on('Tab', 2)];
  const typed = await given(async () => {
    await touch('touchStart', escape);
    await touch('touchStart', escape, tab);
    await touch('touchEnd');
    await touch('touchStart', escape);
    await touch('touchMove', { ...escape, y: escape.y - 200 });
    await touch('touchEnd');
  });
  expect(['1b09', '091b']).toContain(typed);
});

test('a key that is held down repeats until the finger leaves it', async () => {
  const box = (await key('Down').boundingBox())!;
  const typed = await given(async () => {
    const before = (await screenOf(page)).join('').split('1b5b42').length;
    await touch('touchStart', { x: box.x + box.width / 2, y: box.y + box.height / 2 });
    await expect.poll(async () => (await screenOf(page)).join('').split('1b5b42').length - before).toBeGreaterThan(2);
    await touch('touchEnd');
  });
  expect(typed.replaceAll('1b5b42', '')).toBe('');
});

test('what is composed survives a reload and arrives whole; several lines are asked about', async () => {
  await key('Compose a line').tap();
  await page.getByTestId('compose-line').fill('write é this');
  await page.reload();
  await waitForConnection(page, 'online');
  await key('Compose a line').tap();
  const line = page.getByTestId('compose-line');
  expect(await line.inputValue()).toBe('write é this');
  expect(await line.evaluate((field) => parseFloat(getComputedStyle(field).fontSize))).toBeGreaterThanOrEqual(16);
  await page.getByRole('button', { name: 'Send' }).tap();
  const hex = `${Buffer.from('write é this').toString('hex')}0d`;
  const all = async () => (await screenOf(page)).join('');
  await expect.poll(all).toContain(hex);
  expect(await line.inputValue()).toBe('');
  await line.fill('one\ntwo');
  await page.getByRole('button', { name: 'Send' }).tap();
  await page.getByText('carries out each of the 2 lines at once').waitFor();
  expect(await all()).not.toContain(Buffer.from('one').toString('hex'));
  await page.getByRole('button', { name: 'Send' }).tap();
  await expect.poll(all).toContain(`${Buffer.from('one\rtwo').toString('hex')}0d`);
  expect(await axe(page)).toEqual([]);
  await page.getByRole('button', { name: 'Close the compose line' }).tap();
});

test('a word that the keyboard has not finished is kept, and sent with the line', async () => {
  await key('Compose a line').tap();
  const line = page.getByTestId('compose-line');
  await line.fill('say ');
  await fingers.send('Input.imeSetComposition', { text: 'half', selectionStart: 4, selectionEnd: 4 });
  await expect.poll(() => line.inputValue()).toBe('say half');
  const kept = () =>
    page.evaluate(() => {
      const name = Object.keys(localStorage).find((one) => one.includes('.draft.'));
      return name === undefined ? null : localStorage.getItem(name);
    });
  await expect.poll(kept).toBe('say half');
  await page.getByRole('button', { name: 'Send' }).tap();
  const hex = `${Buffer.from('say half').toString('hex')}0d`;
  await expect.poll(async () => (await screenOf(page)).join('')).toContain(hex);
  expect(await line.inputValue()).toBe('');
  await page.getByRole('button', { name: 'Close the compose line' }).tap();
});

test('keys and scrolling are what the program asked for', async () => {
  await terminal().tap();
  await page.keyboard.type('K');
  expect(await given(() => key('Up').tap())).toBe('1b4f41');
  await page.keyboard.type('W');
  const box = (await terminal().boundingBox())!;
  const middle = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  const typed = await given(() => drag(middle, { x: middle.x, y: middle.y + 120 }));
  // Turns of the wheel upwards, and nothing else: neither a click nor an arrow.
  const turn = /1b5b3c36343b(?:3\d|3b)+4d/g;
  expect([typed.match(turn)!.length > 2, typed.replace(turn, '')]).toEqual([true, '']);
  await page.keyboard.type('Q');
  await waitForScreen(page, /^\$ $|^\$$/);
});

test('a finger scrolls back, a long press selects a word, and it is copied', async () => {
  await typeLine('clear; seq 1 200; echo see some/path/to.txt');
  await waitForScreen(page, /^see some/);
  const first = async () => Number((await screenOf(page))[0]);
  const before = await first();
  const box = (await terminal().boundingBox())!;
  const middle = { x: box.x + 150, y: box.y + 100 };
  await drag(middle, { x: middle.x, y: middle.y + 250 });
  await expect.poll(first).toBeLessThan(before);
  const isKeyboardOpen = () => page.evaluate(() => document.activeElement?.classList.contains('xterm-helper-textarea'));
  expect(await isKeyboardOpen()).toBe(true); // it was before, and a scroll does not change it
  await typeLine('clear; echo now some/path/to.txt'); // the line before is in view until it is cleared
  await waitForScreen(page, /^now some/);
  const word = (await page.locator('.xterm-rows > div').first().boundingBox())!;
  const cell = await page.evaluate(() => document.querySelector('.xterm-screen')!.getBoundingClientRect().width);
  const at = { x: word.x + (cell / 46) * 8, y: word.y + word.height / 2 };
  await touch('touchStart', at);
  await page.getByTestId('touch-selection').waitFor();
  await touch('touchEnd');
  expect(await axe(page)).toEqual([]);
  expect(await copied()).toBe('some/path/to.txt');
});

test('typing ends what a finger has set going', async () => {
  await typeLine('clear; seq 1 2000');
  await waitForScreen(page, /^2000$/);
  await drag({ x: 150, y: 200 }, { x: 150, y: 450 });
  await page.keyboard.type('x');
  await waitForScreen(page, /^\$ x$/);
  await page.evaluate(async () => {
    for (let frame = 0; frame < 60; frame++) await new Promise(requestAnimationFrame);
  });
  expect((await screenOf(page)).at(-1)).toBe('$ x');
  await page.keyboard.press('Backspace');
});

test('a handle is taken anywhere, and past the other one', async () => {
  await typeLine('clear; echo one two three four five');
  await waitForScreen(page, /^one two/);
  const [three, four] = [await cellOf('three'), await cellOf('four')];
  await longPress(three);
  await moveHandle('end', 1);
  expect(await copied()).toBe('three');
  await longPress(three);
  await moveHandle('start', ((four.x - three.x) * 9) / 6);
  expect(await copied()).toBe('e four');
});

test('handles stay with what is selected while the oldest lines go', async () => {
  const go = join(stack.home, 'go');
  await typeLine(`clear; (until [ -e ${go} ]; do sleep 0.2; done; seq 1 5) & seq 1 12000; echo these last words`);
  await waitForScreen(page, /^these last/);
  await longPress(await cellOf('last'));
  const [last, words] = [await cellOf('last'), await cellOf('words')];
  writeFileSync(go, '');
  await waitForScreen(page, /^5$/);
  await moveHandle('end', words.x - last.x + (words.x - last.x) / 5);
  expect(await copied()).toBe('last words');
});

test('a finger scrolls while a thumb holds a key', async () => {
  await typeLine('clear; seq 1 200');
  await waitForScreen(page, /^200$/);
  const look = () => page.locator('.xterm-rows').evaluate((rows) => getComputedStyle(rows).fontSize);
  const [before, first] = [await look(), (await screenOf(page))[0]];
  const box = (await key('Left').boundingBox())!;
  const thumb = { x: box.x + box.width / 2, y: box.y + box.height / 2, id: 1 };
  await touch('touchStart', thumb);
  for (let y = 200; y <= 400; y += 20) await touch(y === 200 ? 'touchStart' : 'touchMove', thumb, { x: 200, y, id: 2 });
  await touch('touchEnd');
  await expect.poll(async () => (await screenOf(page))[0]).not.toBe(first);
  expect(await look()).toBe(before);
});

test('find looks for a word while the keyboard still composes it', async () => {
  await page.getByRole('button', { name: /search or run/i }).tap();
  await page.locator('.palette input').fill('>find in');
  await page.locator('.palette [data-highlighted]').waitFor();
  await page.keyboard.press('Enter');
  await page.getByRole('textbox', { name: 'Find in the terminal' }).waitFor();
  await fingers.send('Input.imeSetComposition', { text: '199', selectionStart: 3, selectionEnd: 3 });
  await expect.poll(() => page.getByTestId('find-count').innerText()).toMatch(/1/);
  await page.getByRole('button', { name: 'Close find' }).tap();
  await terminal().tap();
});

test('a long command changes the size of the terminal neither when it begins nor when it ends', async () => {
  const height = async () => (await terminal().boundingBox())!.height;
  const before = await height();
  await typeLine(`clear; tail -f ${'/dev/null '.repeat(6)}`);
  await page.getByTestId('session-command').filter({ hasText: 'tail' }).waitFor();
  expect(await height()).toBe(before);
  await key('Ctrl').tap();
  await page.keyboard.type('c');
  await page.getByTestId('session-command').waitFor({ state: 'detached' });
});

test('what can be done in a dialog is within a phone’s screen', async () => {
  await page.getByRole('button', { name: /search or run/i }).tap();
  await page.locator('.palette input').fill('>import colours');
  await page.locator('.palette [data-highlighted]').waitFor();
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog', { name: 'Colours of the terminal' });
  await dialog.waitFor();
  expect(await dialog.evaluate(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth)).toBe(0);
  await dialog.getByRole('button', { name: 'Close' }).tap();
  await dialog.waitFor({ state: 'detached' });
  await terminal().tap();
});

test('a soft keyboard leaves the prompt in view, and the terminal as large as a program needs', async () => {
  await page.setViewportSize({ width: 390, height: 430 });
  await page.waitForFunction(() => document.documentElement.dataset.room === 'short');
  const lowest = async () => {
    const [row, bar] = await Promise.all([
      page.locator('[data-testid="terminal"]:visible .xterm-screen').boundingBox(),
      page.getByTestId('key-bar').boundingBox(),
    ]);
    return [row!.y + row!.height <= bar!.y + 1, bar!.y + bar!.height <= 431];
  };
  await expect.poll(lowest).toEqual([true, true]);
  await typeLine('clear; stty size');
  const [rows, cols] = (await waitForScreen(page, /^\d+ \d+$/))
    .find((row) => /^\d+ \d+$/.test(row))!
    .split(' ')
    .map(Number);
  expect([rows! >= 5, cols! >= 20]).toEqual([true, true]);
  await page.setViewportSize({ width: 390, height: 844 });
  await page.waitForFunction(() => document.documentElement.dataset.room === undefined);
});

test('of several panes of a tablet the active one gets the keys and the line, also when none has the focus', async () => {
  const run = async (words: string) => {
    await page.getByRole('button', { name: /search or run/i }).tap();
    await page.locator('.palette input').fill(`>${words}`);
    await page.locator('.palette [data-highlighted]').waitFor();
    await page.keyboard.press('Enter');
  };
  const tabs = page.getByRole('tablist', { name: 'Open sessions' }).getByRole('tab');
  const end = async (left: number) => {
    await run('end and close');
    await page.getByRole('button', { name: 'End and close' }).tap();
    await expect.poll(() => tabs.count()).toBe(left);
  };
  await page.setViewportSize({ width: 1180, height: 820 });
  for (const count of [2, 3]) {
    await run('new session on the right');
    await expect.poll(() => page.locator('[data-testid="terminal"][data-state="live"]').count()).toBe(count);
  }
  // Of the last one nothing is left that had the focus; the one beside it is active now.
  await end(2);
  const rowsOf = async (index: number) => {
    const id = (await tabs.nth(index).getAttribute('id'))!.replace('tab-', '');
    return page.locator(`[data-session-id="${id}"] .xterm-rows`).innerText();
  };
  await key('Compose a line').tap();
  await page.getByTestId('compose-line').fill('echo act');
  await page.getByRole('button', { name: 'Insert' }).tap();
  await page.getByTestId('compose-line').fill('ive-$((70 + 1))');
  await page.getByRole('button', { name: 'Send' }).tap();
  await expect.poll(() => rowsOf(1)).toContain('active-71');
  expect(await rowsOf(0)).not.toContain('act');
  await page.getByRole('button', { name: 'Close the compose line' }).tap();
  await end(1);
  await page.setViewportSize({ width: 390, height: 844 });
});

test('the key bar is its person’s own, on every device', async () => {
  await page.getByRole('button', { name: /search or run/i }).tap();
  await page.locator('.palette input').fill('>edit the key');
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog', { name: 'Key bar' });
  await dialog.getByRole('button', { name: 'Alt', exact: true }).tap();
  await dialog.getByRole('button', { name: 'Remove' }).tap();
  await dialog.getByLabel('A text of your own').fill('/clear');
  await dialog.getByRole('button', { name: 'Add', exact: true }).tap();
  expect(await axe(page)).toEqual([]);
  await dialog.getByRole('button', { name: 'Done' }).tap();
  await key('/clear').waitFor();
  expect(await key('Alt').count()).toBe(0);
});

test('a session is ended by touch', async () => {
  await page.getByRole('button', { name: 'Show projects' }).tap();
  await page.getByRole('button', { name: /actions for session/i }).tap();
  await page.getByRole('menuitem', { name: 'Close session…' }).tap();
  await page.getByRole('button', { name: 'End and close' }).tap();
  await page.getByText('No terminal is open here').waitFor();
  expect(await page.getByTestId('key-bar').count()).toBe(0);
});
