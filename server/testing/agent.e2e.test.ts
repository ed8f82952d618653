import { execFileSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, onTestFinished, test, type TestContext } from 'vitest';
import { openHoldfast, type Holdfast } from '../../client/index.ts';
import { AgentApi, LAST_WORDS } from './agentApi.ts';
import { openBrowser, screenOf, typeLine, waitForConnection, waitForScreen, type Browser } from './browser.ts';
import { findClaudeCode, prepareAgent, type AgentPlace } from './claudeCode.ts';
import { feed, newTerminal, rowsOf } from './grid.ts';
import type { Backend } from './processes.ts';
import { startStack, type Stack } from './stack.ts';
import { until } from './until.ts';

const link = resolve(import.meta.dirname, '../../dist/scripts/link.js');
let claude: Awaited<ReturnType<typeof findClaudeCode>>;
let stack: Stack;
let browser: Browser;
let page: Page;
let agent: AgentPlace | undefined;

beforeAll(async () => {
  claude = await findClaudeCode();
  if ('missing' in claude) return;
  stack = await startStack({ authMode: 'token' });
  browser = await openBrowser();
  page = await browser.context.newPage();
  await page.goto(stack.readyUrl);
}, 300_000);
afterAll(async () => {
  await browser?.remove();
  await stack?.remove();
  agent?.remove(); // when it has ended: it writes into its home to the last
});

function programOrSkip({ skip }: TestContext): string {
  return 'program' in claude ? claude.program : skip(claude.missing);
}

/** A client of the person who is signed in in the browser. */
async function signIn(): Promise<Holdfast> {
  const env = { ...process.env, HOLDFAST_HOME: stack.home };
  const url = execFileSync(process.execPath, [link], { env, encoding: 'utf8' }).trim();
  const answer = await fetch(url, { redirect: 'manual' });
  const cookie = answer.headers.getSetCookie().map((one) => one.split(';')[0]);
  const hf = await openHoldfast({ url: stack.origin, headers: { Cookie: cookie.join('; '), Origin: stack.origin } });
  onTestFinished(() => hf.close());
  return hf;
}

/** What a terminal shows that was there from the first byte to the last and never cut. */
async function neverCut(hf: Holdfast, sessionId: string): Promise<string[]> {
  const { cols, rows } = await hf.sessions.get(sessionId);
  const terminal = newTerminal(cols, rows);
  let offset = 0;
  let end: number | undefined;
  const attachment = await hf.sessions.attach(sessionId, {
    from: 0,
    async onOutput(bytes, at) {
      expect(at).toBe(offset);
      await feed(terminal, bytes);
      offset = at + bytes.length;
      // The marker is in the log, so all before it was drawn.
      if (Buffer.from(bytes).includes('ends.')) end = offset;
    },
  });
  await until(() => end !== undefined);
  attachment.detach();
  // As screenOf does: a browser shows no difference between the two spaces.
  const shown = rowsOf(terminal).map((row) => row.replaceAll('\u00a0', ' ').trimEnd());
  while (shown.at(-1) === '') shown.pop();
  terminal.dispose();
  return shown;
}

/** Rows that are not the same, as `[row, in the browser, in the terminal that was never cut]`. */
function differences(shown: string[], expected: string[]): [number, string | undefined, string | undefined][] {
  const rows = Array.from({ length: Math.max(shown.length, expected.length) }, (_, row) => row);
  return rows.filter((row) => shown[row] !== expected[row]).map((row) => [row, shown[row], expected[row]]);
}

test('the backend is killed while Claude Code streams an answer: the screen goes on, as if nothing had been cut', async (context) => {
  const program = programOrSkip(context);
  const api = await AgentApi.start({ paragraphs: 40, pieceMs: 25 });
  onTestFinished(() => api.close());
  agent = prepareAgent(program, api.url);

  await page.getByRole('button', { name: /open a terminal/i }).click();
  await waitForConnection(page, 'online');
  await waitForScreen(page, /\$|#/);
  await typeLine(page, `exec sh ${join(agent.script)}`);
  await waitForScreen(page, 'Claude Code', 60_000);
  await page.keyboard.type('tell me a long story');
  await waitForScreen(page, 'tell me a long story');
  await page.keyboard.press('Enter');
  await waitForScreen(page, /Paragraph 4 /, 60_000);

  const shard = (await page.getByTestId('status-bar').getAttribute('data-shard')) as Backend;
  const before = api.pieces;
  await stack.processes.kill(shard);
  await waitForConnection(page, 'offline');
  await waitForConnection(page, 'online');
  // It went on without us: the answer is neither begun again nor held up.
  expect(api.pieces).toBeGreaterThan(before);
  const shown = await waitForScreen(page, LAST_WORDS, 120_000);
  expect(shown.filter((row) => row.includes('Paragraph 40 '))).toHaveLength(1);

  const hf = await signIn();
  const [session] = await hf.sessions.list();
  // The agent tidies its screen for a moment after the last word.
  await expect
    .poll(async () => differences(await screenOf(page), await neverCut(hf, session!.id)), {
      timeout: 30_000,
      interval: 500,
    })
    .toEqual([]);
}, 300_000);
