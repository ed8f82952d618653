import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemClock } from '../base/clock.ts';
import { silentLog } from '../base/log.ts';
import { factsOf } from '../base/processTable.ts';
import { shellSpec } from '../testing/realHost.ts';
import { until } from '../testing/until.ts';
import { HostSession } from './hostSession.ts';
import { SCREEN_ATTACHMENT, type FromHost } from './hostProtocol.ts';
import { OutputLog } from './outputLog.ts';
import { spawnPty } from './pty.ts';

/** A log on a disk that is full until it is not. */
class TightLog extends OutputLog {
  isFull = true;
  refusals = 0;

  override append(bytes: Buffer, at: number): void {
    if (!this.isFull) return super.append(bytes, at);
    this.refusals++;
    throw new Error('ENOSPC');
  }
}

let directory: string;
beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'hf-session-'))));
afterEach(() => rmSync(directory, { recursive: true, force: true }));

function start(script: string) {
  const log = new TightLog(join(directory, randomUUID()), 1024 * 1024);
  const session = new HostSession(shellSpec(script), log, spawnPty, systemClock, silentLog);
  const told: FromHost[] = [];
  session.send = (message) => told.push(message);
  return { log, session, told };
}

test('a program that ends while the disk is full loses no byte, and its end is told behind the last one', async () => {
  const { log, session, told } = start('printf begin; head -c 3000 /dev/zero | tr "\\0" y; printf end; exit 3');
  await until(() => log.refusals > 0 && factsOf(session.describe().pid) === undefined);
  expect(told).toEqual([]);
  log.isFull = false;
  await until(() => !session.isRunning);
  const text = log.read(0, 10_000).toString();
  expect([text, told]).toEqual([
    `begin${'y'.repeat(3000)}end`,
    [{ t: 'exited', sessionId: session.spec.sessionId, exit: { code: 3, signal: null }, end: 3008 }],
  ]);
});

test('a session can be ended while the disk is full', async () => {
  const { log, session } = start('while :; do echo line; done');
  await until(() => log.refusals > 0);
  await session.end(100);
  expect([session.isRunning, factsOf(session.describe().pid)]).toEqual([false, undefined]);
});

test('an answer of the screen that waits for a program that does not read counts as given, a key only as taken', async () => {
  const { log, session } = start('stty raw -echo; echo ready; exec sleep 1000');
  log.isFull = false;
  await until(() => log.read(0, 100).includes('ready'));
  for (const seq of [1, 2, 3]) session.input('keys', seq, Buffer.alloc(64 * 1024, 'k')); // more than the kernel takes
  session.input(SCREEN_ATTACHMENT, 50, Buffer.from('answer'));
  expect(session.attachState('keys').writtenSeq).toBeLessThan(3);
  expect(session.attachState(SCREEN_ATTACHMENT).writtenSeq).toBe(50);
  await session.end(100);
});
