/** Development as a contributor has it, in a copy of the sources that may be edited. */
import { spawn, type ChildProcess } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { processFacts } from '../db/embedded/processes.ts';
import { hostPid, processesOf } from '../server/testing/instances.ts';
import { freePorts } from '../server/testing/freePorts.ts';
import { clientOf, ECHO_LINES, Terminal } from '../server/testing/terminal.ts';
import { until } from '../server/testing/until.ts';
import { checkPorts } from './supervisor/ports.ts';

const ADA = 'ada@example.com';
const source = resolve(import.meta.dirname, '..');
let root: string;
let home: string;
let ports: [number, number, number];
const running = new Set<ChildProcess>();

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'hf-dev-'));
  home = join(root, '.holdfast');
  const isCopied = (path: string) =>
    !/^(node_modules|dist|coverage|\.[a-z].*)$/.test(basename(path)) || path === source;
  cpSync(source, root, { recursive: true, filter: isCopied });
  symlinkSync(join(source, 'node_modules'), join(root, 'node_modules'));
  ports = (await freePorts(3)) as [number, number, number];
});
afterAll(() => {
  for (const child of running) child.kill('SIGKILL');
  rmSync(root, { recursive: true, force: true, maxRetries: 10 });
});

function start() {
  const [port, frontendPort, backendPort] = ports;
  const child = spawn(join(root, 'scripts/dev'), {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      SHELL: '/bin/sh',
      HOLDFAST_HOME: home,
      SHARDS: '1',
      AUTH_MODE: 'proxy',
      PORT: String(port),
      FRONTEND_PORT: String(frontendPort),
      BACKEND_1_PORT: String(backendPort),
    },
  });
  running.add(child);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const ended = new Promise<number | null>((resolve) =>
    child.once('exit', (code) => {
      running.delete(child);
      resolve(code);
    }),
  );
  const says = (wanted: string) =>
    until(() => {
      if (child.exitCode !== null && !output.includes(wanted))
        throw new Error(`it ended without "${wanted}":\n${output}`);
      return output.includes(wanted);
    });
  return { child, ended, says };
}

function edit(file: string, from: string, to: string): void {
  const text = readFileSync(join(root, file), 'utf8');
  expect(text).toContain(from);
  writeFileSync(join(root, file), text.replace(from, to));
}

test('sessions go on over a killed start and an edited backend, end with an edited pty host, and Ctrl-C leaves nothing', async () => {
  const first = start();
  await first.says('Holdfast is ready');
  const echo = await Terminal.open(await clientOf(ports[0], ADA), ECHO_LINES);
  await echo.waitFor('ready');
  const host = hostPid({ home }, 'backend-1');
  first.child.kill('SIGKILL');
  await first.ended;

  const dev = start();
  await dev.says('Holdfast is ready');
  await echo.exchange('after kill -9');
  expect(await (await fetch(`http://127.0.0.1:${ports[0]}/`)).text()).toContain('/@vite/client');

  edit('server/compose.ts', "'backend is ready'", "'backend is ready, as edited'");
  await dev.says('backend is ready, as edited');
  await echo.exchange('after an edit');
  expect(hostPid({ home }, 'backend-1')).toBe(host);

  edit('server/ptyHost.ts', "'pty host is ready'", "'pty host is ready, as edited'");
  await dev.says('the pty host changed: all sessions end with the old ones');
  await dev.says('pty host is ready, as edited');
  const newHost = hostPid({ home }, 'backend-1');
  expect([processFacts(host), processFacts(newHost)]).toEqual([null, expect.anything()]);

  dev.child.kill('SIGINT');
  expect(await dev.ended).toBe(0);
  expect([processesOf({ home }), processFacts(newHost)]).toEqual([[], null]);
  await checkPorts(ports.map((port) => ({ variable: 'PORT', port, host: '127.0.0.1' })));
});
