import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { openHoldfast, type Holdfast } from '../../client/index.ts';
import type { Session } from '../../protocol/sessions.ts';
import { createToken, revokeToken } from '../../protocol/tokens.ts';
import { FaultProxy } from './faultProxy.ts';
import { gridOf, newTerminal } from './grid.ts';
import { childrenOf } from './processes.ts';
import { PtyTerminal, type PtyTerminalOptions } from './ptyTerminal.ts';
import { startStack, type Stack } from './stack.ts';
import { headersOf, Terminal } from './terminal.ts';
import { until } from './until.ts';

const root = resolve(import.meta.dirname, '../..');
const CLI = join(root, 'dist/scripts/attach.js');
const ADA = 'ada@example.com';
const DETACH = '\x1d';
let stack: Stack;
let network: FaultProxy;
let hf: Holdfast;
let token: string;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'hf-attach-'));
  stack = await startStack({ authMode: 'proxy' });
  network = await FaultProxy.start(stack.port);
  hf = await openHoldfast({ url: stack.origin, headers: headersOf(ADA) });
  ({ token } = await hf.call(createToken, { name: 'tests' }));
});
afterAll(async () => {
  hf?.close();
  rmSync(folder, { recursive: true, force: true });
  await network?.close();
  await stack?.remove();
});

async function open(command: string[], size = { cols: 80, rows: 24 }): Promise<Session> {
  const session = await hf.sessions.open({ command, ...size });
  onTestFinished(() => hf.sessions.close(session.id));
  return session;
}

const SHELL = ['/bin/sh', '-c', 'PS1="$ " exec /bin/sh'];

type Attaching = PtyTerminalOptions & { url?: string };

/** The command line in a terminal of its own, run by a shell that notes how the terminal was before and after. */
function attach(args: string[], options: Attaching = {}): PtyTerminal {
  const cli = [process.execPath, CLI, '--url', options.url ?? stack.origin, ...args];
  return inTerminal(cli, options);
}

/** Where the shell of a terminal noted how that was. */
const notes = new WeakMap<PtyTerminal, string>();

function inTerminal(command: string[], options: Attaching = {}): PtyTerminal {
  const own = mkdtempSync(join(folder, 'notes-'));
  const script = `stty -a > "$0/before"; "$@"; code=$?; stty -a > "$0/after"; echo "code=$code"; read -r line`;
  const env = { HOLDFAST_TOKEN: token, XDG_CONFIG_HOME: folder, ...options.env };
  const terminal = new PtyTerminal(['/bin/sh', '-c', script, own, ...command], { ...options, env });
  notes.set(terminal, own);
  onTestFinished(() => terminal.end());
  return terminal;
}

/** Waits for the end of the command line; its exit code, and the rows that the terminal shows. */
async function ended(terminal: PtyTerminal): Promise<{ code: number; rows: string[] }> {
  const rows = await terminal.waitFor(/^code=\d+$/);
  return { code: Number(/^code=(\d+)$/m.exec(rows.join('\n'))![1]), rows };
}

/** The terminal is as it was for the kernel. */
function expectSettings(terminal: PtyTerminal): void {
  const settings = (name: string) =>
    readFileSync(join(notes.get(terminal)!, name), 'utf8').replace(/rows \d+; columns \d+;/, '');
  const [before, after] = ['before', 'after'].map(settings);
  expect(after).toBe(before);
}

/** The same, and on the screen. */
function expectRestored(terminal: PtyTerminal): void {
  expectSettings(terminal);
  expect(terminal.screen.modes).toEqual(newTerminal().modes);
  expect(terminal.screen.buffer.active.type).toBe('normal');
}

/** The process of the command line. */
function pidOf(terminal: PtyTerminal): number {
  return childrenOf(terminal.pid).at(-1)!;
}

test('a session comes into the terminal, is typed into, and is left by the key', async () => {
  const session = await open(SHELL);
  const terminal = attach(['--session', session.id]);
  await terminal.waitFor('$');
  terminal.type('echo sum-$((40+2))\r');
  await terminal.waitFor('sum-42');
  terminal.type(DETACH);
  const { code, rows } = await ended(terminal);
  expect(code).toBe(0);
  expect(rows).toContain(`  npm run attach -- --session ${session.id}`);
  expectRestored(terminal);
  await expect.poll(async () => (await hf.sessions.get(session.id)).state).toBe('running');
});

test('what stood on the screen before is still above, and the key pressed twice goes through', async () => {
  const session = await open(['/bin/sh', '-c', 'echo ready; stty raw -echo; head -c 2 | od -An -c; exec sleep 1000']);
  const terminal = attach(['--session', session.id]);
  await terminal.waitFor('ready');
  const scrollback = terminal.screen.buffer.normal;
  expect(scrollback.baseY).toBeGreaterThan(0);
  expect(scrollback.getLine(0)!.translateToString(true)).toContain('Ctrl-] detaches, twice sends it');
  terminal.type(`${DETACH}${DETACH}x`);
  await terminal.waitFor(/035\s+x/);
});

test('its size is that of the terminal, also when that changes', async () => {
  const session = await open(['/bin/sh', '-c', 'trap "stty size" WINCH; stty size; while :; do sleep 0.1; done']);
  const terminal = attach(['--session', session.id], { cols: 100, rows: 30 });
  await terminal.waitFor('30 100');
  terminal.resize(70, 20);
  await terminal.waitFor('20 70');
});

test('vim over cuts: the screen is that of a terminal that was never cut', async ({ skip }) => {
  if (spawnSync('vim', ['--version']).error) return skip('vim is not installed');
  const file = join(folder, 'poem.txt');
  const session = await open(['vim', '-u', 'NONE', '-N', '-c', 'set number mouse=a t_RV=\x1b[>c', file]);
  const size = { cols: 90, rows: 26 };
  const steady = attach(['--session', session.id], size);
  await steady.waitFor('~');
  const shaky = attach(['--session', session.id], { ...size, url: network.url });
  await shaky.waitFor('~');
  for (let i = 1; i <= 6; i++) {
    shaky.type(`oline ${i} of six\x1b`);
    network.cut();
    await steady.waitFor(`line ${i} of six`);
    await shaky.waitFor(`line ${i} of six`);
  }
  shaky.resize(84, 22);
  steady.resize(84, 22);
  shaky.type(':set nonumber ruler\rothe end\x1b');
  await Promise.all([steady, shaky].map((terminal) => terminal.waitFor('the end')));
  // Each is drawn at its own pace; in the end they are the same.
  await shaky.waitUntil(() => gridOf(shaky.screen).join('\n') === gridOf(steady.screen).join('\n'));
  expect(gridOf(shaky.screen).join('\n')).toMatch(/line 6 of six.* \|/);
  shaky.type(':wq\r');
  expect(await ended(shaky)).toMatchObject({ code: 0 });
  expectRestored(shaky);
  expect(readFileSync(file, 'utf8')).toBe(`\n${[1, 2, 3, 4, 5, 6].map((i) => `line ${i} of six\n`).join('')}the end\n`);
});

/** Asks the terminal what it is and how it does, once a line came; prints what it was answered until `X`. */
const ASKING = `
  process.stdin.setRawMode(true);
  let got = '';
  console.log('ready');
  process.stdin.on('data', (data) => {
    got += data;
    if (got === 'go') process.stdout.write('\\x1b[c\\x1b[5n\\x1b]11;?\\x1b\\\\asked');
    if (got.includes('X') && got.includes('\\x1b[0n')) console.log(JSON.stringify(got) + ' over');
  });`;

test('what a program asks is answered once, by the server, and not by the terminal', async () => {
  const session = await open([process.execPath, '-e', ASKING]);
  const terminal = attach(['--session', session.id], { cols: 120 });
  await terminal.waitFor('ready');
  terminal.type('go');
  await terminal.waitFor('asked');
  terminal.type('X'); // behind whatever the terminal would have answered
  const row = (await terminal.waitFor('over')).find((text) => text.includes('over'))!;
  expect(row.match(/\\u001b\[\?[\d;]*c/g)).toHaveLength(1);
  expect(row.match(/\\u001b\[0n/g)).toHaveLength(1);
  expect(terminal.answers).toBe('');
});

test('it survives a killed backend and a killed frontend', async () => {
  const session = await open(SHELL);
  const terminal = attach(['--session', session.id]);
  await terminal.waitFor('$');
  for (const role of [session.shardId as 'backend-1', 'frontend'] as const) {
    await stack.processes.restart(role);
    terminal.type(`echo after-$((1+1))-${role}\r`);
    await terminal.waitFor(`after-2-${role}`);
  }
});

test('without a connection the last row says so, and what was typed long ago is asked for', async () => {
  const session = await open([
    '/bin/sh',
    '-c',
    'stty -echo; echo last; tput cup 23 0; printf bottom; while read -r line; do echo "got:$line"; done',
  ]);
  const terminal = attach(['--session', session.id], { url: network.url });
  await terminal.waitFor('bottom');
  network.block();
  await terminal.waitFor(/^ No connection for \d+ s/);
  terminal.type('typed blind\r');
  await terminal.waitFor('12 typed bytes wait');
  await terminal.waitFor(/^ No connection for 1[2-9] s/);
  expect((await terminal.rows()).join('\n')).not.toContain('bottom');
  network.restore();
  await terminal.waitFor(/“typed blind⏎” · Enter sends it, Esc drops it/);
  terminal.type('\r');
  await terminal.waitFor('got:typed blind');
  const rows = await terminal.rows();
  expect(rows.filter((row) => row.includes('got:typed'))).toHaveLength(1);
  expect(rows.join('\n')).not.toContain('connection');
  expect(rows.join('\n')).toContain('bottom');
});

test('the exit code is the program’s', async () => {
  const failing = attach(['--new', '--', '/bin/sh', '-c', 'echo started; exit 7']);
  const first = await ended(failing);
  expect([first.code, first.rows.some((row) => row.endsWith('has ended with code 7.'))]).toEqual([7, true]);
  expectRestored(failing);
  const killed = attach(['--new', '--', '/bin/sh', '-c', 'kill -KILL $$']);
  const second = await ended(killed);
  expect([second.code, second.rows.some((row) => row.endsWith('was ended by SIGKILL.'))]).toEqual([137, true]);
});

const EVERYTHING =
  '\\033[?1049h\\033[?1h\\033=\\033[2;9r\\033[4h\\033[?25l\\033[?1003h\\033[?1006h\\033[?1004h\\033[?2004h\\033[>1u\\033[1;31mdeep';

test.each(['SIGTERM', 'SIGHUP', 'SIGINT'] as const)('%s leaves a terminal that is as it was', async (signal) => {
  const session = await open(['/bin/sh', '-c', `echo ready; read -r go; printf '${EVERYTHING}'; exec sleep 1000`]);
  const terminal = attach(['--session', session.id]);
  await terminal.waitFor('ready');
  terminal.type('\r');
  await terminal.waitFor('deep');
  expect(terminal.screen.buffer.active.type).toBe('alternate');
  process.kill(pidOf(terminal), signal);
  expect((await ended(terminal)).code).toBe(128 + { SIGTERM: 15, SIGHUP: 1, SIGINT: 2 }[signal]);
  expectRestored(terminal);
  const sequences = [
    '\x1b[?1003l',
    '\x1b[?1006l',
    '\x1b[?1004l',
    '\x1b[?2004l',
    '\x1b[=0u',
    '\x1b[r',
    '\x1b[?25h',
    '\x1b[23;0t',
  ];
  const end = terminal.raw.slice(terminal.raw.lastIndexOf('deep'));
  expect(sequences.filter((sequence) => !end.includes(sequence))).toEqual([]);
});

test('when the window is closed nothing of it is left', async () => {
  const session = await open(SHELL);
  const terminal = attach(['--session', session.id]);
  await terminal.waitFor('$');
  const pid = pidOf(terminal);
  terminal.hangUp();
  await until(() => !existsSync(`/proc/${pid}`));
  await expect.poll(async () => (await hf.sessions.get(session.id)).state).toBe('running');
});

test('a terminal that is stopped slows only itself, and can still be ended', async () => {
  const lines = 60_000;
  const flood = `while read -r go; do seq -f "line %.0f of many, many, many" ${lines}; echo "done $go"; done`;
  const session = await open(['/bin/sh', '-c', `stty -echo; ${flood}`]);
  const stopped = attach(['--session', session.id]);
  const other = await Terminal.attach(hf, session);
  await stopped.waitUntil(() => stopped.raw.includes('\x1b[22;0t'));
  stopped.stop();
  other.write('once\n');
  await other.waitFor('done once');
  stopped.go();
  await stopped.waitFor('done once');
  expect((await stopped.rows()).slice(-3, -1)).toEqual([lines - 1, lines].map((n) => `line ${n} of many, many, many`));
  stopped.stop();
  other.write('again\n');
  await other.waitFor('done again');
  const pid = pidOf(stopped);
  process.kill(pid, 'SIGTERM');
  await until(() => !existsSync(`/proc/${pid}`)); // while the terminal still takes nothing
  stopped.go();
  await stopped.waitFor('code=143'); // somewhere in what it showed last
  expectSettings(stopped);
});

test('a watcher sends neither keys nor its size', async () => {
  const session = await open([
    '/bin/sh',
    '-c',
    'stty -echo; while read -r line; do echo "got:$line $(stty size)"; done',
  ]);
  const writer = await Terminal.attach(hf, session);
  const watcher = attach(['--session', session.id, '--read-only'], { cols: 60, rows: 10 });
  await watcher.waitUntil(() => watcher.raw.includes('\x1b[22;0t'));
  watcher.type('no\r');
  writer.write('yes\n');
  await watcher.waitFor('got:yes 24 80');
  expect((await watcher.rows()).join('\n')).not.toContain('got:no');
});

test('a token that is revoked ends it with a word, and the terminal is as it was', async () => {
  const own = await hf.call(createToken, { name: 'short-lived' });
  const session = await open(SHELL);
  const terminal = attach(['--session', session.id], { env: { HOLDFAST_TOKEN: own.token } });
  await terminal.waitFor('$');
  await hf.call(revokeToken, { tokenId: own.id });
  const { code, rows } = await ended(terminal);
  expect([code, rows.includes('This token does not exist, or was revoked.')]).toEqual([1, true]);
  expectRestored(terminal);
});

test('a session is chosen from the list with the arrows, by number, or a new one is opened', async () => {
  const names = ['older', 'newer'];
  const sessions: Session[] = [];
  for (const name of names) {
    const session = await open(['/bin/sh', '-c', `echo "this is ${name}"; exec sleep 1000`]);
    sessions.push(await hf.sessions.rename(session.id, name));
  }
  const byArrow = attach([]);
  const rows = await byArrow.waitFor('Which session?');
  expect(rows.find((row) => row.includes('1  newer'))).toMatch(/^❯ {2}1 {2}newer +backend-\d +running +\d+ min$/);
  byArrow.type('\x1b[B\r');
  await byArrow.waitFor('this is older');
  const byNumber = attach([]);
  await byNumber.waitFor('Which session?');
  byNumber.type('1');
  await byNumber.waitFor('this is newer');
  const anew = attach([], { env: { HOLDFAST_TOKEN: token } });
  await anew.waitFor('Which session?');
  anew.type('n');
  await anew.waitFor(/[$#] *$/);
  anew.type('exit 3\r');
  expect((await ended(anew)).code).toBe(3);
  const leaving = attach([]);
  await leaving.waitFor('Which session?');
  leaving.type('q');
  expect((await ended(leaving)).code).toBe(0);
  expectRestored(leaving);
});

test('the token is asked for once, kept for nobody else to read, and used from then on', async () => {
  const session = await open(SHELL);
  const none = { HOLDFAST_TOKEN: '' };
  const refused = attach(['--session', session.id], { env: none });
  const { code, rows } = await ended(refused);
  expect([code, rows.join(' ')]).toEqual([1, expect.stringContaining('make a token in the settings of the app')]);
  const saving = attach(['--session', session.id, '--save'], { env: none });
  await saving.waitFor(`Token for ${stack.origin}:`);
  saving.type(`${token}\r`);
  await saving.waitFor('$');
  expect(saving.raw).not.toContain(token.slice(-43));
  expect(statSync(join(folder, 'holdfast/tokens.json')).mode & 0o777).toBe(0o600);
  const later = attach(['--session', session.id], { env: none });
  await later.waitFor('$');
});

test('without a terminal it says so, and what is said wrong is named', async () => {
  const run = (args: string[]) =>
    new Promise<string>((resolve) => {
      const child = spawn(process.execPath, [CLI, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
      let text = '';
      for (const stream of [child.stdout, child.stderr])
        stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
      child.once('close', (code) => resolve(`${code} ${text}`));
    });
  expect(await run([])).toMatch(/^2 Attaching needs a terminal/);
  expect(await run(['--sesion', 'x'])).toMatch(/^2 Unknown option '--sesion'/);
  expect(await run(['--help'])).toMatch(/^0 Puts a session into this terminal/);
});

test('npm run attach is the same, without noise, and passes signals on', async () => {
  const session = await open(SHELL);
  const npm = ['npm', 'run', '--silent', 'attach', '--', '--url', stack.origin, '--session', session.id];
  const terminal = inTerminal(npm);
  await terminal.waitFor('$');
  terminal.type('\x03');
  await terminal.waitUntil((rows) => rows.filter((row) => row.startsWith('$')).length === 2);
  terminal.type('echo still-$((1+1))\r');
  await terminal.waitFor('still-2');
  process.kill(pidOf(terminal), 'SIGTERM');
  expect((await ended(terminal)).code).not.toBe(0);
  expectRestored(terminal);
});
