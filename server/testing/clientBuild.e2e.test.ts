import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { cookieHeader, openBrowser } from './browser.ts';
import { startStack, type Stack } from './stack.ts';

const built = resolve(import.meta.dirname, '../../dist/client');
let stack: Stack;

beforeAll(async () => {
  stack = await startStack({ authMode: 'token' });
});
afterAll(() => stack.remove());

/** Opens a session, reads it to its end, closes it; the same text for both worlds. */
const STORY = `
  const { openHoldfast } = await import(library);
  const hf = await openHoldfast({ url, headers });
  const { id } = await hf.sessions.open({ command: ['sh', '-c', 'echo from-the-terminal'], cols: 80, rows: 24 });
  let output = '';
  await new Promise((done) => hf.sessions.attach(id, {
    from: 0,
    onOutput: (bytes) => { output += new TextDecoder().decode(bytes); },
    onExit: done,
  }));
  await hf.sessions.close(id);
  const left = (await hf.sessions.list()).length;
  hf.close();
`;

test('the built library works in a browser, and in plain Node with the cookie of that browser', async () => {
  const browser = await openBrowser();
  try {
    const page = await browser.context.newPage();
    await page.route('**/library-under-test/*', async (route) => {
      const file = join(built, basename(new URL(route.request().url()).pathname));
      await route.fulfill({ contentType: 'text/javascript', body: await readFile(file, 'utf8') });
    });
    await page.goto(stack.readyUrl);
    const inBrowser = await page.evaluate(
      `(async () => { const library = '/library-under-test/index.js', url = location.origin, headers = {}; ${STORY} return { output, left }; })()`,
    );
    expect(inBrowser).toEqual({ output: 'from-the-terminal\r\n', left: 0 });

    const Cookie = await cookieHeader(browser.context);
    const settings = { library: join(built, 'index.js'), url: stack.origin, headers: { Cookie } };
    const script = `const { library, url, headers } = ${JSON.stringify(settings)}; ${STORY} console.log(JSON.stringify({ output, left }));`;
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script]);
    expect(JSON.parse(stdout)).toEqual({ output: 'from-the-terminal\r\n', left: 0 });
  } finally {
    await browser.remove();
  }
});
