import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { isSameProcess, processFacts } from '../../db/embedded/processes.ts';
import { locateHome, type Home } from './home.ts';
import { endChildren, leftoverChildren, runningHosts, writeChildren } from './processes.ts';

let home: Home;
beforeEach(() => {
  home = locateHome(mkdtempSync(join(tmpdir(), 'holdfast-processes-')));
  mkdirSync(home.run, { recursive: true });
});
afterEach(() => rmSync(home.dir, { recursive: true }));

test('a number that went to another program is neither a child nor a host of ours', () => {
  writeChildren(home, [{ instance: 'backend-1', pid: process.pid, startTime: 'earlier' }]);
  writeFileSync(join(home.run, 'backend-1.host.json'), JSON.stringify({ pid: process.pid }));
  expect([leftoverChildren(home), runningHosts(home)]).toEqual([[], []]);
});

test('a child that was left is found and ended', async () => {
  const child = spawn('sleep', ['60'], { detached: true, stdio: 'ignore' });
  const known = { instance: 'backend-1', pid: child.pid!, startTime: processFacts(child.pid!)!.startTime };
  writeChildren(home, [known]);
  expect(leftoverChildren(home)).toEqual([known]);
  const [exited] = await Promise.all([once(child, 'exit'), endChildren(leftoverChildren(home))]);
  expect(exited).toEqual([null, 'SIGTERM']);
  expect([isSameProcess(known), leftoverChildren(home)]).toEqual([false, []]);
});
