// Browsers that give less than the app hopes for, profiles that are damaged, clocks that are wrong, and names and lists that are unusual.
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import pg from 'pg';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Holdfast } from '../../client/index.ts';
import { createProject } from '../../protocol/projects.ts';
import { ITERM2 } from '../../pwa/themes/fixtures/files.ts';
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
import { FaultProxy } from './faultProxy.ts';
import { secretsOf } from './instances.ts';
import { startStack, type Stack } from './stack.ts';

const EMAIL = 'ada@example.com';
let stack: Stack;
let network: FaultProxy;
let browser: Browser;
let hf: Holdfast;
let session: { id: string; shardId: string };

beforeAll(async () => {
  stack = await startStack({ authMode: 'token', env: { HOLDFAST_EMAIL: EMAIL } });
  network = await FaultProxy.start(stack.port);
  browser = await openBrowser();
  const page = await browser.context.newPage();
  await page.goto(stack.readyUrl.replace(String(stack.port), String(network.port)));
  await page.getByRole('button', { name: /open a terminal/i }).click();
  await waitForScreen(page, /\$|#/);
  await typeLine(page, 'PS1="$ "; clear; echo read-"y"');
  await waitForScreen(page, /^read-y/);
  await page.getByRole('button', { name: 'Skip' }).click();
  hf = await clientIn(browser.context, stack.origin);
  session = (await hf.sessions.list())[0]!;
  await page.close();
});
afterEach(async () => {
  await Promise.all(browser.context.pages().map((page) => page.close()));
  expect(browser.errors.splice(0)).toEqual([]);
});
afterAll(async () => {
  hf?.close();
  await browser?.remove();
  await network?.close();
  await stack?.remove();
});

const appUrl = () => `http://localhost:${network.port}/`;
const card = (page: Page) => page.getByTestId('lack-card');
let count = 0;

async function open(prepare?: (page: Page) => Promise<unknown>): Promise<Page> {
  const page = await browser.context.newPage();
  await prepare?.(page);
  await page.goto(appUrl());
  await waitForConnection(page, 'online');
  return page;
}

/** A place of this origin without the app, from where its storage can be laid out. */
async function beside(): Promise<Page> {
  const page = await browser.context.newPage();
  await page.goto(`${appUrl()}theme.js`);
  return page;
}

async function showSession(page: Page): Promise<void> {
  await page.locator('nav').getByRole('button', { name: /bash/ }).first().click();
}

async function expectToWork(page: Page): Promise<void> {
  const word = `works-${++count}`;
  await typeLine(page, `clear; echo "${word.slice(0, 3)}""${word.slice(3)}"`);
  await waitForScreen(page, new RegExp(`^${word}`));
}

test('a full disk is said, and nothing stops for it', async () => {
  await browser.restart(); // it remembers for a while how much room there was
  const origin = new URL(appUrl()).origin;
  const source = await beside();
  const devtools = await browser.context.newCDPSession(source);
  await devtools.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 1 });
  await source.evaluate(() => {
    for (let size = 4 * 1024 * 1024; size >= 1; size = Math.floor(size / 2)) {
      try {
        for (let i = 0; ; i++) localStorage.setItem(`full.${size}.${i}`, 'x'.repeat(size));
      } catch {
        // A smaller piece may find room.
      }
    }
  });
  const page = await open();
  await showSession(page);
  await expectToWork(page);
  await expect.poll(() => card(page).innerText()).toContain('no room left for Holdfast');
  await runAction(page, 'Theme'); // wants to be remembered
  // So do colours, which are the terminal's all the same.
  const ground = () =>
    page.locator('.xterm-scrollable-element').evaluate((element) => getComputedStyle(element).backgroundColor);
  const before = await ground();
  await runAction(page, 'Import colours for the terminal…');
  const colors = page.getByRole('dialog', { name: 'Colours of the terminal' });
  const file = { name: 'Harbour.itermcolors', mimeType: 'text/plain', buffer: Buffer.from(ITERM2) };
  await colors.getByLabel('Choose a file').setInputFiles(file);
  await colors.getByRole('button', { name: 'Keep and use' }).click();
  await expect.poll(ground).not.toBe(before);
  await source.evaluate(() => {
    for (const key of Object.keys(localStorage)) if (key.startsWith('full.')) localStorage.removeItem(key);
  });
});

test('a browser that denies all storage opens the app, whose terminals work, and says that nothing is kept', async () => {
  const page = await open((fresh) =>
    fresh.addInitScript(() => {
      const deny = () => {
        throw new DOMException('denied', 'SecurityError');
      };
      for (const name of ['localStorage', 'sessionStorage']) Object.defineProperty(window, name, { get: deny });
      IDBFactory.prototype.open = deny;
      IDBFactory.prototype.deleteDatabase = deny;
      LockManager.prototype.request = () => Promise.reject(new DOMException('denied', 'SecurityError'));
      ServiceWorkerContainer.prototype.register = () => Promise.reject(new DOMException('denied', 'SecurityError'));
    }),
  );
  await showSession(page);
  await expectToWork(page);
  await expect.poll(() => card(page).innerText()).toMatch(/lets Holdfast keep nothing.*does not open without/s);
  await page.getByTestId('lacks').filter({ hasText: 'keeps nothing' }).waitFor();
  await card(page).getByRole('button', { name: 'Got it' }).click();
  await card(page).waitFor({ state: 'detached' });
  await page.getByTestId('lacks').click();
  await card(page).waitFor();
});

test('without a service worker the app works and says that it needs the network', async () => {
  const page = await open((fresh) =>
    fresh.addInitScript(() => delete (Navigator.prototype as { serviceWorker?: unknown }).serviceWorker),
  );
  await showSession(page);
  await expectToWork(page);
  await expect.poll(() => card(page).innerText()).toContain('does not open without the network');
});

test('without a clipboard there is a way to copy and one to paste', async () => {
  for (const how of ['missing', 'denied'] as const) {
    const page = await open(async (fresh) => {
      if (how === 'missing')
        await fresh.addInitScript(() => delete (Navigator.prototype as { clipboard?: unknown }).clipboard);
      else
        await fresh.addInitScript(() => {
          const refuse = () => Promise.reject(new DOMException('denied', 'NotAllowedError'));
          Object.assign(Clipboard.prototype, { readText: refuse, writeText: refuse });
        });
    });
    await showSession(page);
    await typeLine(page, `clear; printf 'copied-%s' ${how}; sleep 0.2; echo`);
    await waitForScreen(page, `copied-${how}`);
    await runAction(page, 'Select everything');
    await page.locator('[data-testid="terminal"]:visible textarea').focus();
    await page.keyboard.press('Control+Shift+C');
    await typeLine(page, 'clear; cat');
    await runAction(page, 'Paste');
    await page.getByRole('textbox', { name: 'Paste here' }).focus();
    await page.keyboard.press('Control+V');
    // Several lines: the paste is asked for as every other one.
    await page.getByRole('button', { name: 'Paste as one line' }).click();
    await waitForScreen(page, new RegExp(`copied-${how}`));
    await page.locator('[data-testid="terminal"]:visible textarea').focus();
    await page.keyboard.press('Control+C');
    await page.close();
  }
});

test('where notifications are forbidden it is said, and a session that calls is marked', async () => {
  const quiet = await hf.sessions.open({ name: 'quiet', command: ['bash', '--norc'], cols: 80, rows: 24 });
  const page = await open((fresh) =>
    fresh.addInitScript(() => Object.defineProperty(Notification, 'permission', { get: () => 'denied' })),
  );
  await showSession(page);
  const terminal = await hf.sessions.attach(quiet.id, { onOutput: () => undefined });
  terminal.write("printf '\\e]9;Look here\\a'\r");
  await page.getByRole('img', { name: 'Look here' }).first().waitFor();
  await runAction(page, 'Notifications…');
  await page.getByText(/forbids it: allow notifications.*marked in tabs and list all the same/).waitFor();
  await hf.sessions.close(quiet.id);
});

/** Lays the app's database out as something else did. */
function leaveDatabase(page: Page, version: number, stores: string[]): Promise<void> {
  return page.evaluate(
    async ({ version, stores }) => {
      const settled = (request: IDBRequest) =>
        new Promise((resolve, reject) => {
          request.onsuccess = () => resolve(request.result);
          request.onerror = () => reject(request.error!);
        });
      await settled(indexedDB.deleteDatabase('holdfast'));
      const opening = indexedDB.open('holdfast', version);
      opening.onupgradeneeded = () => {
        for (const store of stores)
          opening.result.createObjectStore(store, store === 'screens' ? { keyPath: 'sessionId' } : {});
      };
      ((await settled(opening)) as IDBDatabase).close();
    },
    { version, stores },
  );
}

const keptPerson = (page: Page) =>
  page.evaluate(
    () =>
      new Promise<{ version: number; email: string | undefined }>((resolve) => {
        indexedDB.open('holdfast').onsuccess = ({ target }) => {
          const db = (target as IDBOpenDBRequest).result;
          const asked = db.transaction('facts').objectStore('facts').get('me');
          asked.onsuccess = () => {
            resolve({ version: db.version, email: (asked.result as { email: string } | undefined)?.email });
            db.close();
          };
        };
      }),
  );

test('a damaged database is replaced with a word, one of another release serves, and one that never answers is not waited for', async () => {
  const source = await beside();
  for (const [version, stores, isSound] of [
    [7, [], false],
    [1, ['facts'], false],
    [7, ['facts', 'screens', 'later'], true],
  ] as const) {
    await leaveDatabase(source, version, [...stores]);
    const page = await open();
    await expect.poll(() => keptPerson(page)).toEqual({ version: isSound ? 7 : 1, email: EMAIL });
    if (!isSound) await expect.poll(() => card(page).innerText()).toContain('could not be read and was replaced');
    expect(await card(page).count()).toBe(isSound ? 0 : 1);
    await page.close();
  }
  // Another page is amid a change of it that does not come to an end.
  await leaveDatabase(source, 1, ['facts', 'screens']);
  await source.evaluate(() => {
    const opening = indexedDB.open('holdfast', 2);
    opening.onupgradeneeded = () => {
      const store = opening.transaction!.objectStore('facts');
      const goOn = () => (store.count().onsuccess = goOn);
      goOn();
    };
  });
  const page = await open();
  await showSession(page);
  await expectToWork(page);
  await expect.poll(() => card(page).innerText()).toContain('lets Holdfast keep nothing');
  await source.close();
  await page.getByTestId('lacks').waitFor({ state: 'detached' }); // it has answered after all
});

test('a stored assignment is followed only to a shard of this place, and set right', async () => {
  const page = await open();
  const stored = () =>
    page.evaluate(() => JSON.parse(localStorage.getItem('backend_assignment') ?? 'null') as Record<string, unknown>);
  const right = await stored();
  const addresses: string[] = [];
  page.on('request', (request) => addresses.push(request.url()));
  page.on('websocket', (socket) => addresses.push(socket.url()));
  const wrong = [
    { ...right, url: '@127.0.0.1:1/api/shards/backend-1' },
    { ...right, url: 'https://evil.example/api/shards/backend-1' },
    { ...right, shardId: 'backend-9', url: '/api/shards/backend-9', epoch: 99 },
    { ...right, shardId: right.shardId === 'backend-1' ? 'backend-2' : 'backend-1', epoch: -5 },
    { ...right, email: 'eve@example.com', shardId: 'backend-9', url: '/api/shards/backend-9' },
    [],
  ].map((record) => JSON.stringify(record));
  for (const text of [...wrong, '{"email":']) {
    await page.evaluate((value) => localStorage.setItem('backend_assignment', value), text);
    await page.reload();
    await waitForConnection(page, 'online');
    const { assignedAt: _, ...answer } = right;
    await expect.poll(stored).toMatchObject(answer);
    await expect.poll(() => page.getByTestId('status-bar').getAttribute('data-shard')).toBe(right.shardId);
  }
  const foreign = addresses.filter((address) => new URL(address).host !== `localhost:${network.port}`);
  expect(foreign).toEqual([]);
});

test('with a clock that is an hour wrong, or set while the app runs, nothing is called silent and nothing is asked', async () => {
  const page = await open((fresh) =>
    fresh.addInitScript(() => {
      const RealDate = Date;
      const clock = { offsetMs: 3_600_000 };
      class WrongDate extends RealDate {
        constructor(...given: []) {
          if (given.length === 0) super(WrongDate.now());
          else super(...given);
        }
        static override now = () => RealDate.now() + clock.offsetMs;
      }
      Object.assign(window, { Date: WrongDate, wrongClock: clock });
    }),
  );
  await showSession(page);
  const bar = page.getByTestId('status-bar');
  for (const offsetMs of [3_600_000, -3_600_000]) {
    await page.evaluate((ms) => {
      (window as unknown as { wrongClock: { offsetMs: number } }).wrongClock.offsetMs = ms;
    }, offsetMs);
    await bar.getByText(/last byte now/).waitFor();
    await expectToWork(page);
    network.block();
    await waitForConnection(page, 'offline');
    await expect.poll(() => bar.innerText()).toMatch(/offline 0:0\d/);
    await page.keyboard.type(`clear; echo held-"${offsetMs}"\n`);
    network.restore();
    await waitForScreen(page, new RegExp(`^held-${offsetMs}`)); // sent without a question
    await waitForConnection(page, 'online');
    expect(await bar.innerText()).not.toMatch(/silent|\d (min|h|d) ago/);
  }
});

const EMOJI = '👩‍👩‍👧‍👦🏳️‍🌈🇩🇪👍🏽🧑🏿‍🚀é️⃣';

test('200 columns of emoji are pasted byte for byte into a line and into a program that takes pastes as such', async () => {
  const page = await open();
  await showSession(page);
  const text = EMOJI.repeat(17);
  const bytes = Buffer.byteLength(text);
  const paste = () =>
    page.evaluate((pasted) => {
      const clipboardData = new DataTransfer();
      clipboardData.setData('text/plain', pasted);
      const target = [...document.querySelectorAll('.xterm-helper-textarea')].find((area) => area.checkVisibility())!;
      target.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true }));
    }, text);
  await typeLine(page, 'clear; got() { printf %s "$1" | wc -c; printf %s "$1" | sha256sum; }; echo read-"y"');
  await waitForScreen(page, /^read-y/);
  const hash = createHash('sha256').update(text).digest('hex');
  await page.keyboard.type('clear; got "');
  await paste();
  await page.keyboard.type('"\n');
  await waitForScreen(page, hash);
  // The brackets come with it, and nothing else.
  await typeLine(
    page,
    `clear; stty raw -echo; printf '\\e[?2004h%s\\r\\n' rea"dy"; head -c ${bytes + 12} > pasted; stty sane; printf '\\e[?2004l'; clear; tail -c +7 pasted | head -c ${bytes} | sha256sum; head -c 6 pasted | od -c`,
  );
  await waitForScreen(page, /ready/);
  await paste();
  await waitForScreen(page, hash);
  // What is shown is what the server's screen, with widths of its own, has as well.
  await typeLine(page, `clear; printf '%s|\\n' '${EMOJI}'; echo shown-"now"`);
  const before = await waitForScreen(page, /^shown-now\n\$/);
  expect(before).toContain(`${EMOJI}|`);
  await page.evaluate(() => indexedDB.deleteDatabase('holdfast'));
  await page.close();
  const again = await open();
  await showSession(again);
  await waitForScreen(again, /^shown-now\n\$/);
  expect(await screenOf(again)).toEqual(before);
});

test('names from right to left, and names that would turn others around, keep to themselves', async () => {
  const arabic = 'خادم api الرئيسي';
  const turning = '\u202eelif\u2067';
  const project = await hf.call(createProject, { name: `مشروع ${turning}`, directory: '.', preset: 'shell' });
  const named = await hf.sessions.open({ name: arabic, projectId: project.id, cols: 80, rows: 24 });
  const page = await open();
  await page.locator('nav').getByText(arabic, { exact: true }).click();
  await expect.poll(() => page.title()).toBe(`\u2068${arabic}\u2069 · Holdfast`);
  const directions = await page
    .getByText(arabic, { exact: true })
    .evaluateAll((names) => names.map((name) => getComputedStyle(name).direction));
  expect([directions.length >= 3, new Set(directions)]).toEqual([true, new Set(['rtl'])]);
  // In the tab: project, dot, session, from left to right as for any other name.
  const tab = await page.getByRole('tab', { selected: true }).evaluate((button) => {
    const place = (selector: string) => button.querySelector(selector)!.getBoundingClientRect();
    return { project: place('.project').right, name: place('.name').left };
  });
  expect(tab.project).toBeLessThanOrEqual(tab.name);
  await page.locator('nav').getByText('مشروع elif', { exact: true }).waitFor(); // without what would turn it
  const label = await page.locator('.project.cut').last().textContent();
  expect(label).toBe('\u2068مشروع elif\u2069 ·');
  await page.screenshot({ path: join(stack.home, 'names.png') });
  await hf.sessions.close(named.id);
});

test('among 500 sessions one is seen, scrolled to, and gone to by keys', async () => {
  const { adminPassword } = secretsOf(stack);
  const client = new pg.Client({
    host: join(stack.home, 'run'),
    user: 'holdfast_admin',
    password: adminPassword,
    database: 'holdfast',
  });
  await client.connect();
  await client.query(
    `insert into holdfast.sessions (id, owner_email, shard_id, incarnation, name, state, command, cwd, cols, rows, exit_code, ended_at)
     select gen_random_uuid(), $1, $2, 1, 'old-' || i, 'exited', '["bash"]', '/', 80, 24, 0, now() from generate_series(1, 500) i`,
    [EMAIL, session.shardId],
  );
  const page = await open();
  const rows = page.locator('nav .session');
  await expect.poll(() => rows.count()).toBeGreaterThanOrEqual(500);
  const last = rows.last();
  await last.scrollIntoViewIfNeeded();
  expect(await last.evaluate((row) => row.checkVisibility() && row.getBoundingClientRect().bottom <= innerHeight)).toBe(
    true,
  );
  await page.keyboard.press('Control+Shift+O');
  await page.getByRole('combobox').fill('old-437');
  await page.getByRole('option', { name: /old-437/ }).waitFor();
  await page.keyboard.press('Enter');
  await page.getByRole('tab', { selected: true }).getByText('old-437').waitFor();
  await client.query(`delete from holdfast.sessions where name like 'old-%'`);
  await client.end();
});
