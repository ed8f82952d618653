import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DEFAULT_BINDINGS, parseKeys } from '../../pwa/ui/keymap.ts';
import { axe } from './axe.ts';
import {
  openBrowser,
  runAction,
  screenOf,
  typeLine,
  waitForConnection,
  waitForScreen,
  type Browser,
} from './browser.ts';
import { startStack, type Stack } from './stack.ts';

// Every key has one owner: the window, or the program in the terminal. And everything is reached by keys.
let stack: Stack;
let browser: Browser;
let page: Page;

/** Says in hexadecimal what it is given. */
const LISTENER = `node -e "process.stdin.setRawMode(true); process.stdin.on('data', (b) => process.stdout.write(b.toString('hex')))"`;

beforeAll(async () => {
  stack = await startStack({ authMode: 'token', env: { HOLDFAST_EMAIL: 'ada@example.com' } });
  browser = await openBrowser();
  page = await browser.context.newPage();
  await page.goto(stack.readyUrl);
  await page.getByRole('button', { name: /open a terminal/i }).click();
  await waitForConnection(page, 'online');
  await typeLine(page, `clear; echo lis""tening; ${LISTENER}`);
  await waitForScreen(page, /^listening/m);
  await page.keyboard.type(`~${marks}~`);
});
afterAll(async () => {
  await browser?.remove();
  await stack?.remove();
});

const palette = () => page.locator('.palette');
const entries = () => page.locator('.palette .entry .title').allInnerTexts();
const focusTerminal = () => page.locator('[data-testid="terminal"]:visible .xterm-helper-textarea').focus();
const isTerminalFocused = () =>
  page.evaluate(() => document.activeElement?.classList.contains('xterm-helper-textarea') ?? false);
const hexOf = (text: string) => Buffer.from(text).toString('hex');
let marks = 0;

/** What stands before the terminal after it. */
function openedBy(action: string): Locator | null {
  if (/^(palette|switcher)\./.test(action)) return palette();
  return action === 'settings.show' ? page.getByRole('dialog', { name: 'Settings' }) : null;
}

/** What the program was given of a key, in hexadecimal; a mark typed after it says that nothing more will come. */
async function arrived(keys: string, opened: Locator | null = null): Promise<string> {
  await focusTerminal();
  await page.keyboard.press(keys.replace('Ctrl', 'Control').replace('Space', ' '));
  if (opened) {
    await opened.waitFor();
    await page.keyboard.press('Escape');
    await opened.waitFor({ state: 'hidden' });
  }
  return sinceMark();
}

/** What the program was given since the last mark. */
async function sinceMark(): Promise<string> {
  await focusTerminal();
  const [from, to] = [hexOf(`~${marks}~`), hexOf(`~${++marks}~`)];
  await page.keyboard.type(`~${marks}~`);
  const all = async () => (await screenOf(page)).join('');
  await expect.poll(all).toContain(to);
  return (await all()).split(from)[1]!.split(to)[0]!;
}

test('no key of the table reaches the program', async () => {
  // A new session would be another terminal; that one is opened below, and beside this one in panes.e2e. Copying and pasting have tests of their own.
  const tried = DEFAULT_BINDINGS.filter(({ action }) => !/^(session\.new|pane\.split|terminal\.)/.test(action));
  const found: string[] = [];
  for (const { keys, action } of tried) {
    const bytes = await arrived(parseKeys(keys, false)!, openedBy(action));
    if (bytes !== '') found.push(`${keys} typed ${bytes}`);
  }
  expect([tried.length > 15, found]).toEqual([true, []]);
});

test.each([
  ['Ctrl+C', '03'],
  ['Ctrl+W', '17'],
  ['Ctrl+K', '0b'],
  ['Ctrl+P', '10'],
  ['Ctrl+Tab', '09'],
  ['Tab', '09'],
  ['Shift+Tab', '1b5b5a'],
  ['Escape', '1b'],
  ['F5', '1b5b31357e'],
  ['Alt+B', '1b62'],
])('%s is the program’s', async (keys, hex) => {
  expect(
    await arrived(
      keys.replace('Alt+B', 'Alt+b').replace(/Ctrl\+([A-Z])$/, (_, key: string) => `Ctrl+${key.toLowerCase()}`),
    ),
  ).toBe(hex);
});

/** Keys a browser, or an installed window, closes, covers or leaves the page by. */
const LEAKS = ['w', 't', 'n', 'p', 's', 'o', 'u'].map((key) => `Control+${key}`);

/** Which of them are left to the browser where the focus is. */
async function leaksHere(): Promise<string[]> {
  const seen = await page.evaluateHandle(() => {
    const found: Event[] = [];
    addEventListener('keydown', (event) => found.push(event), { capture: true });
    return found;
  });
  for (const keys of LEAKS) await page.keyboard.press(keys);
  const left = await seen.evaluate((found) =>
    found.filter((event) => event.isTrusted && !event.defaultPrevented).map((event) => (event as KeyboardEvent).key),
  );
  return left.filter((key) => key !== 'Control');
}

test('no part of the window leaves the browser a key that would close or cover it', async () => {
  const walked: string[] = [];
  const leaked: string[] = [];
  const here = () =>
    page.evaluate(() => document.activeElement?.closest<HTMLElement>('[data-region]')?.dataset.region ?? '');
  await focusTerminal();
  do {
    const region = await here();
    walked.push(region);
    leaked.push(...(await leaksHere()).map((key) => `${region}: ${key}`));
    await page.keyboard.press('F6');
  } while ((await here()) !== walked[0] && walked.length < 9);
  await inEachView(async (view) => {
    if (view !== 'window') leaked.push(...(await leaksHere()).map((key) => `${view}: ${key}`));
  });
  expect([walked, leaked]).toEqual([['terminal', 'help', 'sidebar', 'tabs'], []]);
  expect(await sinceMark()).toBe('17140e10130f15'); // once, in the terminal
});

test('the palette finds what can be done by a few letters, does it, and gives the focus back', async () => {
  await focusTerminal();
  for (const keys of ['Control+Shift+P', 'F1']) {
    await page.keyboard.press(keys);
    await palette().waitFor();
    expect(await entries()).toEqual(expect.arrayContaining(['New session', 'Keyboard…', 'Next tab'].slice(0, 2)));
    await page.keyboard.press('Escape');
    await palette().waitFor({ state: 'hidden' });
    await expect.poll(isTerminalFocused).toBe(true);
  }
  await page.keyboard.press('F1');
  await palette().waitFor();
  expect(await axe(page)).toEqual([]);
  await page.keyboard.type('split');
  await expect.poll(entries).toContain('New session on the right');
  await page.keyboard.press('Control+a');
  await page.keyboard.type('thlight');
  await expect.poll(entries).toEqual(['Theme: light']);
  await page.keyboard.press('Enter');
  await expect.poll(() => page.locator('html').getAttribute('data-theme')).toBe('light');
  await page.keyboard.press('F1');
  await palette().waitFor();
  expect(await axe(page)).toEqual([]);
  await palette().locator('[data-highlighted]').waitFor();
  await palette().getByRole('combobox').fill('no such thing'); // at once: what was highlighted is gone
  await palette().getByText('No command has that name.').waitFor();
  expect(await axe(page)).toEqual([]);
  await page.keyboard.press('Escape');
});

test('what Enter would do in the palette stays marked, whatever becomes of the pointer and the focus', async () => {
  const ONLY = 'Import colours for the terminal…';
  const marked = () => palette().locator('[data-highlighted] .title').allInnerTexts();
  const isUnderPointer = () => palette().evaluate((element) => element.matches(':hover'));
  await page.keyboard.press('F1');
  await palette().getByRole('option').nth(9).hover();
  await expect.poll(isUnderPointer).toBe(true);
  await palette().getByRole('combobox').fill(ONLY);
  await expect.poll(entries).toEqual([ONLY]);
  await expect.poll(isUnderPointer).toBe(false); // the list went away from under it
  expect(await marked()).toEqual([ONLY]);

  await focusTerminal(); // as something that comes late would
  expect(
    await palette()
      .getByRole('combobox')
      .evaluate((box) => box === document.activeElement),
  ).toBe(true);
  // What is lost is lost a moment later.
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve))));
  expect(await marked()).toEqual([ONLY]);
  await page.keyboard.press('Escape');
});

test('sessions are opened, gone to and named by keys alone', async () => {
  await focusTerminal();
  await page.keyboard.press('Control+Shift+Enter');
  await expect.poll(() => page.getByRole('tab').count()).toBe(2);
  await expect.poll(isTerminalFocused).toBe(true);
  await page.keyboard.press('F1');
  await palette().waitFor();
  await page.keyboard.type('rename');
  await page.keyboard.press('Enter');
  await page.getByRole('dialog', { name: 'Rename session' }).waitFor();
  await page.keyboard.press('Control+a');
  await page.keyboard.type('the second one');
  await page.keyboard.press('Enter');
  await page.getByRole('tab', { name: /the second one/ }).waitFor();
  await page.keyboard.press('Alt+1');
  await waitForScreen(page, /listening/);
  await page.keyboard.press('Control+Shift+O');
  await palette().waitFor();
  await page.keyboard.type('second');
  await page.keyboard.press('Enter');
  await page.getByRole('tab', { name: /the second one/, selected: true }).waitFor();
  await expect.poll(isTerminalFocused).toBe(true);
});

test('the sheet of keys says who gets a key that is pressed', async () => {
  await page.keyboard.press('F1');
  await palette().waitFor();
  await page.keyboard.type('keyboard');
  await page.keyboard.press('Enter');
  await page.getByRole('dialog', { name: 'Keyboard' }).waitFor();
  await page.keyboard.press('Control+r');
  const owner = page.getByTestId('key-owner');
  await owner.getByText('goes to the program in the terminal').waitFor();
  await page.keyboard.press('Alt+PageDown');
  await owner.getByText('is the window’s: Next tab').waitFor();
  expect(await axe(page)).toEqual([]);
});

test('keys are changed by pressing them: a chord acts, a key given back is the program’s, and the standard comes back', async () => {
  await page.getByRole('button', { name: 'Change keys…' }).click();
  const keys = page.getByRole('dialog', { name: 'Keys' });
  await keys.getByLabel('Find an action').fill('theme.next');
  await keys.getByRole('button', { name: 'Add keys for Theme' }).press('Enter');
  const comes = keys.getByRole('status', { name: 'What comes of it' });
  await page.keyboard.press('F1');
  await comes.getByText('F1 is “Run a command…”: it will be taken from it.').waitFor();
  await page.keyboard.press('Backspace');
  await page.keyboard.press('Control+k');
  await comes.getByText('Ctrl+K goes to the program in the terminal now').waitFor();
  await page.keyboard.press('Control+t');
  await page.keyboard.press('Enter');
  await keys.getByRole('button', { name: 'Ctrl+K Ctrl+T, change or remove it for Theme' }).waitFor();
  await keys.getByLabel('Find an action').fill('');
  await keys.getByLabel('Find by pressing keys').first().press('Alt+PageDown');
  await keys.getByRole('button', { name: 'Alt+PageDown, change or remove it for Next tab' }).click();
  expect(await axe(page)).toEqual([]);
  await keys.getByRole('button', { name: 'Give Alt+PageDown back to the program' }).click();
  await keys.getByText('Alt+PageDown is the program’s, in every terminal.').waitFor();
  await keys.getByRole('button', { name: 'Close' }).click();

  await page.keyboard.press('Alt+1');
  await waitForScreen(page, /listening/);
  await focusTerminal();
  const pending = page.getByTestId('pending-keys');
  const theme = () => page.locator('html').getAttribute('data-theme');
  const before = await theme();
  await page.keyboard.press('Control+k');
  await pending.getByText('Ctrl+K').waitFor();
  await page.keyboard.press('Escape');
  await pending.waitFor({ state: 'detached' });
  await page.keyboard.press('Control+k');
  await page.keyboard.press('Control+t');
  await expect.poll(theme).not.toBe(before);
  expect(await arrived('Alt+PageDown')).toBe('1b5b367e');

  await page.keyboard.press('F1');
  await palette().waitFor();
  await page.keyboard.type('change keys');
  await page.keyboard.press('Enter');
  await keys.getByRole('button', { name: 'Back to the standard: Theme' }).click();
  await keys.getByRole('button', { name: 'Back to the standard: Next tab' }).click();
  await keys.getByRole('button', { name: 'Alt+PageDown, change or remove it for Next tab' }).waitFor();
  await keys.getByTestId('keys-state').getByText('Saved for all your devices.').waitFor();
  await page.keyboard.press('Escape');
  expect(await arrived('Ctrl+k')).toBe('0b');
});

test.each(['contrast', 'lakehouse'])('every text of the %s look is strong enough, light and dark', async (family) => {
  const weak: string[] = [];
  for (const mode of ['dark', 'light']) {
    await page.evaluate(
      ([familyKept, modeKept]) => {
        localStorage.setItem('holdfast.family', familyKept!);
        localStorage.setItem('holdfast.theme', modeKept!);
      },
      [family, mode],
    );
    await page.reload();
    await waitForConnection(page, 'online');
    await page.waitForSelector('.xterm-rows');
    weak.push(...(await axe(page)).map((fault) => `${mode}: ${fault}`));
  }
  expect(weak).toEqual([]);
});

/** What moves, or would at a change, for longer than an instant. */
function moving(): Promise<string[]> {
  return page.evaluate(() => {
    const found = new Set<string>();
    for (const element of document.querySelectorAll('*')) {
      for (const part of [null, '::before', '::after']) {
        const style = getComputedStyle(element, part);
        if (part && style.content === 'none') continue;
        const isLong = (times: string) => times.split(',').some((time) => parseFloat(time) > 0.001);
        const moves = style.animationName !== 'none' && isLong(style.animationDuration);
        if (moves || isLong(style.transitionDuration)) found.add(`${element.getAttribute('class')}${part ?? ''}`);
      }
    }
    return [...found];
  });
}

/** Every kind of view, one after the other, each with what is in it. */
async function inEachView(look: (view: string) => Promise<void>): Promise<void> {
  await look('window');
  await page.keyboard.press('F1');
  await page.locator('.palette [data-highlighted]').waitFor();
  await look('palette');
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: /account and settings/i }).click();
  await page.getByRole('menu').waitFor();
  await page.keyboard.press('ArrowDown');
  await look('menu');
  await page.keyboard.press('Escape');
  for (const title of [
    'Settings…',
    'Change keys…',
    'Files…',
    'Import colours for the terminal…',
    'Edit the key bar…',
  ]) {
    await runAction(page, title);
    await page.locator('.dialog').waitFor();
    await look(title);
    await page.keyboard.press('Escape');
    await page.locator('.dialog').waitFor({ state: 'detached' });
  }
  await runAction(page, 'Find in the terminal');
  await page.locator('[data-region="find"]').waitFor();
  await look('find');
  await page.keyboard.press('Escape');
}

test('who wants less motion sees nothing move, in any view', async () => {
  await focusTerminal();
  const focused = () =>
    page.evaluate(() => document.activeElement?.closest<HTMLElement>('[data-session-id]')?.dataset.sessionId);
  const before = await focused();
  await page.keyboard.press('Control+Shift+E');
  await page.getByTestId('dock').waitFor();
  // A menu that is open would close when the new one takes the focus.
  await expect.poll(async () => ![undefined, before].includes(await focused())).toBe(true);
  expect(await moving()).not.toEqual([]);
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await expect.poll(moving).toEqual([]);
  const found: string[] = [];
  await inEachView(async (view) => void found.push(...(await moving()).map((what) => `${view}: ${what}`)));
  expect(found).toEqual([]);
});

test('in the colours of the system it is seen what can be used, what is chosen, and what has the focus', async () => {
  await page.emulateMedia({ reducedMotion: 'reduce', forcedColors: 'active' });
  const unseen: string[] = [];
  await inEachView(async (view) => void unseen.push(...(await unseenIn()).map((what) => `${view}: ${what}`)));
  expect(unseen).toEqual([]);
  // The terminal keeps its own: a selection and a cursor are grounds.
  expect(await page.locator('[data-testid="terminal"]').first().evaluate(hasOwnColors)).toBe(true);
  // States differ in shape, and are drawn.
  const signs = await page
    .locator('[data-testid="status-bar"] .sign, .tabs .sign')
    .evaluateAll((all) => all.map((sign) => sign.tagName === 'svg' && sign.childElementCount > 0));
  expect(new Set(signs)).toEqual(new Set([true]));
  await page.emulateMedia({ reducedMotion: null, forcedColors: null });
  await runAction(page, 'Close tab');
  // Each pane had a tab of the same name.
  await expect.poll(() => page.getByRole('tab').count()).toBe(2);
});

const hasOwnColors = (element: Element) => getComputedStyle(element).getPropertyValue('forced-color-adjust') === 'none';

/** Controls without a line or a text, and what is chosen or has the focus and looks like the rest. */
function unseenIn(): Promise<string[]> {
  return page.evaluate(() => {
    const found: string[] = [];
    const canvas = getComputedStyle(document.body).backgroundColor;
    const isDrawn = (width: string, style: string, color: string) =>
      parseFloat(width) > 0 && style !== 'none' && color !== canvas;
    const lines = (element: Element, part?: string) => {
      const style = getComputedStyle(element, part);
      const sides = (['top', 'right', 'bottom', 'left'] as const).map((side) =>
        isDrawn(
          style.getPropertyValue(`border-${side}-width`),
          style.getPropertyValue(`border-${side}-style`),
          style.getPropertyValue(`border-${side}-color`),
        )
          ? style.getPropertyValue(`border-${side}`)
          : '',
      );
      const outline = isDrawn(style.outlineWidth, style.outlineStyle, style.outlineColor) ? style.outline : '';
      return [...sides, outline].join('|');
    };
    const shown = (selector: string) => [...document.querySelectorAll(selector)].filter((one) => one.checkVisibility());
    for (const control of shown(
      'button, input:not([type=checkbox]):not([type=file]), select, textarea:not(.xterm *)',
    )) {
      const isText = control.textContent.trim() !== '' || control.querySelector('svg') !== null;
      if (!isText && !/[a-z]/.test(lines(control))) found.push(`control ${control.outerHTML.slice(0, 90)}`);
    }
    const like = {
      '[aria-selected=true]': '[aria-selected=false]',
      '[aria-current=true]': '.open:not([aria-current])',
    };
    for (const [chosen, other] of Object.entries(like)) {
      for (const one of shown(`${chosen}:is([role=tab], .open)`)) {
        const rest = [...(one.closest('[role=tablist], aside')?.querySelectorAll(other) ?? [])];
        if (rest.some((left) => lines(left) === lines(one))) found.push(`chosen ${one.outerHTML.slice(0, 90)}`);
      }
    }
    for (const one of shown('[data-highlighted], .rows-row--current, [aria-pressed=true]'))
      if (!/[a-z]/.test(lines(one))) found.push(`in front ${one.outerHTML.slice(0, 90)}`);
    const focused = document.activeElement;
    const isField = focused?.matches('.xterm-helper-textarea, .palette .query'); // whose cursor is seen
    if (focused && focused !== document.body && !isField && !/[a-z]/.test(lines(focused).split('|')[4]!))
      found.push(`focus ${focused.outerHTML.slice(0, 90)}`);
    return found;
  });
}

test('a session that wants the person is marked until it is looked at, and told by the system while nobody looks', async () => {
  await browser.context.grantPermissions(['notifications']);
  const second = () => page.getByRole('tab', { name: /the second one/ });
  const mark = (tab: ReturnType<typeof second>) => tab.getByRole('img', { name: 'The bell rang' });
  await second().click();
  const whenThere = (name: string) => `until [ -e ${join(stack.home, name)} ]; do sleep 0.1; done`;
  await typeLine(page, `clear; ${whenThere('ring')}; printf '\\a'`);
  await page.keyboard.press('Alt+1');
  await page.getByRole('tab', { name: /bash/, selected: true }).waitFor();
  writeFileSync(join(stack.home, 'ring'), '');
  await mark(second()).waitFor();
  await page.locator('nav').getByRole('img', { name: 'The bell rang' }).waitFor();
  expect(await axe(page)).toEqual([]);
  await second().click();
  await mark(second()).waitFor({ state: 'detached' });

  const told = () =>
    page.evaluate(async () => {
      const shown = await (await navigator.serviceWorker.ready).getNotifications();
      return shown.map(({ title, body }) => `${title}: ${body}`);
    });
  await typeLine(page, `clear; echo waiting; ${whenThere('notify')}; printf '\\033]777;notify;Agent;needs you\\007'`);
  await waitForScreen(page, /^waiting/); // the terminal echoes only what comes after the shell has let go of it
  await page.evaluate(() => {
    document.hasFocus = () => false;
    dispatchEvent(new Event('blur'));
  });
  // What is typed goes the way of the word that nobody looks, after it: its echo says that the shard has heard both.
  await page.keyboard.type('heard');
  await waitForScreen(page, /^heard/);
  writeFileSync(join(stack.home, 'notify'), '');
  await expect.poll(told).toEqual(['the second one needs you: Agent: needs you\nhome']);
  await page.evaluate(() => {
    document.hasFocus = () => true;
    dispatchEvent(new Event('focus'));
  });
  await second().getByRole('img', { name: 'Agent: needs you' }).waitFor({ state: 'detached' });
});
