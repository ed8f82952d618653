import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { processFacts } from '../db/embedded/processes.ts';
import { openHoldfast } from '../client/index.ts';
import { shardOfHostFile } from '../server/base/hostFile.ts';
import { startStack, type Stack } from '../server/testing/stack.ts';

const scripts = resolve(import.meta.dirname, '../dist/scripts');
const headers = { 'X-Forwarded-Email': 'ada@example.com' };
const run = promisify(execFile);
let stack: Stack;

afterAll(async () => {
  await runScript('stop', stack.home);
  await stack.remove();
});

async function runScript(name: string, home: string, env: Record<string, string> = {}) {
  try {
    const options = { env: { ...process.env, HOLDFAST_HOME: home, ...env } };
    return { code: 0, ...(await run(process.execPath, [join(scripts, `${name}.js`)], options)) };
  } catch (error) {
    return error as { code: number; stdout: string; stderr: string };
  }
}

function children(): Record<string, { pid: number }> {
  return JSON.parse(readFileSync(join(stack.home, 'children.json'), 'utf8')) as Record<string, { pid: number }>;
}

function hostPids(): number[] {
  const run = join(stack.home, 'run');
  const files = readdirSync(run).filter((name) => shardOfHostFile(name) !== undefined);
  return files.map((name) => (JSON.parse(readFileSync(join(run, name), 'utf8')) as { pid: number }).pid);
}

const postgresPid = () => Number(readFileSync(join(stack.home, 'postgres/postmaster.pid'), 'utf8').split('\n')[0]);

/** Through frontend, backend and database; null while one of them is away. */
async function sessionsOf() {
  try {
    const client = await openHoldfast({ url: stack.origin, headers });
    const sessions = await client.sessions.list().finally(() => client.close());
    return sessions.map(({ id, state }) => ({ id, state }));
  } catch {
    return null;
  }
}

async function kill(pid: number, signal: NodeJS.Signals): Promise<void> {
  process.kill(pid, signal);
  await expect.poll(() => processFacts(pid), { timeout: 10_000 }).toBeNull();
}

describe('an instance that is started and stopped', () => {
  beforeAll(async () => {
    stack = await startStack({ authMode: 'token', shards: 3 });
  });

  test('it has as many shards as were asked for', () => {
    expect(Object.keys(children()).sort()).toEqual(['backend-1', 'backend-2', 'backend-3', 'frontend']);
  });

  test('a second start on the same folder says that it is already running', async () => {
    const second = await runScript('supervisor', stack.home, { PORT: String(stack.port) });
    expect(second.code).toBe(1);
    expect(second.stderr).toContain(
      `already running on this folder: http://localhost:${stack.port} (process ${stack.launcher.pid})`,
    );
  });

  test('a taken port is one sentence and a failed start', async () => {
    const failed = await runScript('supervisor', join(stack.home, 'other'), { PORT: String(stack.port) });
    const sentence = `Port ${stack.port} is taken by another program: set PORT to a free one.\n`;
    expect([failed.code, failed.stderr]).toEqual([1, sentence]);
    rmSync(join(stack.home, 'other'), { recursive: true });
  });

  test('a new sign-in link signs in once', async () => {
    const { stdout } = await runScript('link', stack.home);
    const signIn = async () => (await fetch(stdout.trim(), { redirect: 'manual' })).headers.has('set-cookie');
    expect([await signIn(), await signIn()]).toEqual([true, false]);
  });

  test('SIGTERM ends everything and leaves only what lasts', async () => {
    const pids = [...Object.values(children()).map(({ pid }) => pid), ...hostPids(), postgresPid()];
    expect(pids).toHaveLength(8);
    expect(await stack.stop()).toBe(0);
    expect(pids.map(processFacts)).toEqual(pids.map(() => null));
    expect(readdirSync(stack.home).sort()).toEqual(['logs', 'postgres', 'secrets.json', 'shards']);
  });

  test('when it does not run there is no link, and the sentence says why', async () => {
    expect((await runScript('link', stack.home)).stderr).toContain('Holdfast is not running');
    expect((await runScript('stop', stack.home)).stdout).toContain('Nothing of Holdfast runs');
    await stack.remove();
  });
});

describe('an instance whose processes are killed', () => {
  beforeAll(async () => {
    stack = await startStack();
  });

  test('servers and database come back by themselves', async () => {
    const { frontend, 'backend-1': backend } = children();
    for (const pid of [frontend!.pid, backend!.pid, postgresPid()]) await kill(pid, 'SIGKILL');
    await expect.poll(sessionsOf, { timeout: 30_000, interval: 250 }).toEqual([]);
    expect(stack.output()).toMatch(/backend-1 ended \(signal SIGKILL\); starting it again in 0\.25 s/);
  });

  test('after kill -9 of the launcher the next start finds the running sessions again', async () => {
    const before = await openHoldfast({ url: stack.origin, headers });
    const open = () => before.sessions.open({ command: ['/bin/cat'], cols: 80, rows: 24 });
    // For a moment after the database came back it still counts as away.
    const session = await vi.waitFor(open, { timeout: 30_000, interval: 250 });
    before.close();
    await kill(stack.launcher.pid!, 'SIGKILL');
    stack = await startStack({ home: stack.home });
    expect(await sessionsOf()).toEqual([{ id: session.id, state: 'running' }]);
    expect(stack.output()).toContain('still running, adopted');
  });

  test('stop ends what a killed launcher left, and says so', async () => {
    const hosts = hostPids();
    await kill(stack.launcher.pid!, 'SIGKILL');
    const stopped = await runScript('stop', stack.home);
    expect(stopped.stdout).toMatch(
      /Ended pty host of backend-\d \(process \d+\)\.\n[^]*Ended PostgreSQL \(process \d+\)\./,
    );
    expect(hosts.map(processFacts)).toEqual([null, null]);
    expect(existsSync(join(stack.home, 'postgres/postmaster.pid'))).toBe(false);
  });

  test('a second Ctrl-C does not wait for a server that hangs', async () => {
    stack = await startStack({ home: stack.home });
    process.kill(children()['backend-1']!.pid, 'SIGSTOP');
    const frontend = children()['frontend']!.pid;
    stack.launcher.kill('SIGINT');
    await expect.poll(() => processFacts(frontend), { timeout: 20_000 }).toBeNull();
    // Within half a second both would count as one press.
    await new Promise((resolve) => setTimeout(resolve, 600));
    const pressedAt = Date.now();
    stack.launcher.kill('SIGINT');
    expect(await stack.stop()).toBe(0);
    expect(Date.now() - pressedAt).toBeLessThan(5_000);
  });
});
