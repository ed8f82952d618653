import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { releaseLock, runningLauncher, takeLock } from './lock.ts';

const facts = { url: 'http://localhost:1', authMode: 'token', email: 'a@b', isDatabaseEmbedded: true } as const;
let dir: string;
let lockFile: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'holdfast-lock-'));
  lockFile = join(dir, 'launcher.json');
});
afterEach(() => rmSync(dir, { recursive: true }));

function rewrite(change: Record<string, unknown>): void {
  writeFileSync(lockFile, JSON.stringify({ ...(JSON.parse(readFileSync(lockFile, 'utf8')) as object), ...change }));
}

test('a second launcher is told where the first one runs', () => {
  takeLock(lockFile, facts);
  expect(() => takeLock(lockFile, facts)).toThrow(
    `already running on this folder: http://localhost:1 (process ${process.pid})`,
  );
  expect(readdirSync(dir)).toEqual(['launcher.json']);
});

test('the lock of a launcher that was killed is taken over, also when its number belongs to another program', () => {
  takeLock(lockFile, facts);
  rewrite({ startTime: 'earlier' });
  expect(runningLauncher(lockFile)).toBeNull();
  takeLock(lockFile, facts);
  expect(runningLauncher(lockFile)?.pid).toBe(process.pid);
  expect(readdirSync(dir)).toEqual(['launcher.json']);
});

test('a damaged lock does not block', () => {
  writeFileSync(lockFile, '{');
  takeLock(lockFile, facts);
  expect(runningLauncher(lockFile)).toMatchObject(facts);
});

test('a launcher releases only its own lock', () => {
  takeLock(lockFile, facts);
  rewrite({ pid: process.ppid });
  releaseLock(lockFile);
  expect(existsSync(lockFile)).toBe(true);
  rewrite({ pid: process.pid });
  releaseLock(lockFile);
  expect(existsSync(lockFile)).toBe(false);
});
