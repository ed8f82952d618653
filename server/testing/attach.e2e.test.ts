import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { openHoldfast, type Holdfast } from '../../client/index.ts';
import type { Session } from '../../protocol/sessions.ts';
import { createToken } from '../../protocol/tokens.ts';
import { PtyTerminal, type PtyTerminalOptions } from './ptyTerminal.ts';
import { startStack, type Stack } from './stack.ts';
import { headersOf } from './terminal.ts';

const CLI = resolve(import.meta.dirname, '../../dist/scripts/attach.js');
const ADA = 'ada@example.com';
let stack: Stack;
let hf: Holdfast;
let token: string;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'hf-attach-'));
  stack = await startStack({ authMode: 'proxy' });
  hf = await openHoldfast({ url: stack.origin, headers: headersOf(ADA) });
  ({ token } = await hf.call(createToken, { name: 'tests' }));
});
afterAll(async () => {
  hf?.close();
  await stack?.remove();
  rmSync(folder, { recursive: true, force: true });
});

const open = (command: string[]): Promise<Session> => hf.sessions.open({ command, cols: 80, rows: 24 });

/** The command line in a terminal of its own, run by a shell that notes how the terminal was before and after. */
function attach(args: string[], options: PtyTerminalOptions & { url?: string } = {}): PtyTerminal {
  const script = `cd "$1"; shift; stty -a > before; "$@"; code=$?; stty -a > after; echo "code=$code"; read -r line`;
  const cli = [process.execPath, CLI, '--url', options.url ?? stack.origin, ...args];
  const env = { HOLDFAST_TOKEN: token, XDG_CONFIG_HOME: folder, ...options.env };
  const terminal = new PtyTerminal(['/bin/sh', '-c', script, 'sh', folder, ...cli], { ...options, env });
  onTestFinished(() => terminal.end());
  return terminal;
}

/** As `stty -a` tells it, before and after. */
const termios = () => ['before', 'after'].map((name) => readFileSync(join(folder, name), 'utf8'));

test('a session comes into the terminal, is typed into, and is left by the key', async () => {
  const session = await open(['/bin/sh', '-c', 'PS1="$ " exec /bin/sh']);
  const terminal = attach(['--session', session.id]);
  await terminal.waitFor('$');
  terminal.type('echo sum-$((40+2))\r');
  await terminal.waitFor('sum-42');
  terminal.type('\x1d');
  await terminal.waitFor('code=0');
  const [before, after] = termios();
  expect(after).toBe(before);
  expect((await hf.sessions.get(session.id)).state).toBe('running');
});
