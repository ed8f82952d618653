import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createLog } from '../base/log.ts';
import { ManualClock } from '../testing/manualClock.ts';
import { HostSession } from './hostSession.ts';
import type { FromHost, SpawnSpec } from './hostProtocol.ts';
import { OutputLog } from './outputLog.ts';
import type { Pty, PtyEvents } from './pty.ts';

/** A log on a disk with so much room; what does not fit is refused half-way, as write(2) does. */
class SmallLog extends OutputLog {
  room = 0;
  override append(bytes: Buffer, at: number): void {
    const fits = bytes.subarray(0, this.room);
    this.room -= fits.length;
    if (fits.length > 0) super.append(fits, at);
    if (fits.length < bytes.length) throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
  }
}

let directory: string;
let log: SmallLog;
let clock: ManualClock;
let session: HostSession;
let pty: { events: PtyEvents; isPaused: boolean };
let sent: { message: FromHost; text: string }[];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'hf-log-'));
  log = new SmallLog(join(directory, 'log'), 1024);
  clock = new ManualClock();
  const spec: SpawnSpec = {
    sessionId: 's',
    incarnation: 1,
    file: '',
    args: [],
    cwd: '/',
    env: {},
    cols: 80,
    rows: 24,
    label: '',
  };
  session = new HostSession(
    spec,
    log,
    (_spec, events) => {
      pty = { events, isPaused: false };
      return {
        pause: () => (pty.isPaused = true),
        resume: () => (pty.isPaused = false),
      } as unknown as Pty;
    },
    clock,
    createLog('test', 'silent'),
  );
  sent = [];
  session.send = (message, body) => void sent.push({ message, text: Buffer.from(body ?? []).toString() });
  session.subscribe(0);
});
afterEach(() => {
  log.close();
  rmSync(directory, { recursive: true, force: true });
});

const flush = () => session.attachState('nobody');
const output = () =>
  sent
    .filter(({ message }) => message.t === 'output')
    .map(({ text }) => text)
    .join('');
const exits = () => sent.filter(({ message }) => message.t === 'exited').length;

test('what fits is logged and sent, the program rests, and the rest follows when there is room', () => {
  log.room = 4;
  pty.events.onOutput(Buffer.from('abcdefgh'));
  flush();
  expect([output(), pty.isPaused]).toEqual(['abcd', true]);
  clock.advance(10_000);
  expect([output(), pty.isPaused]).toEqual(['abcd', true]);
  log.room = 1000;
  clock.advance(10_000);
  expect([output(), pty.isPaused, log.read(0, 100).toString()]).toEqual(['abcdefgh', false, 'abcdefgh']);
  expect(clock.pendingTimers).toBe(0);
});

test('neither a viewer nor its leave lets a program print that cannot be logged', () => {
  pty.events.onOutput(Buffer.from('a'));
  flush();
  session.pause(5_000);
  session.unpause();
  expect(pty.isPaused).toBe(true);
  log.room = 1000;
  clock.advance(10_000);
  expect([output(), pty.isPaused]).toEqual(['a', false]);
});

test('a program that a viewer holds back rests on when there is room again', () => {
  pty.events.onOutput(Buffer.from('a'));
  flush();
  session.pause(1e6);
  log.room = 1000;
  clock.advance(10_000);
  expect([output(), pty.isPaused]).toEqual(['a', true]);
});

test('the exit of a program is told after its last byte found room', () => {
  pty.events.onOutput(Buffer.from('last words'));
  pty.events.onExit({ code: 0, signal: null });
  clock.advance(5_000);
  expect([output(), exits()]).toEqual(['', 0]);
  log.room = 1000;
  clock.advance(5_000);
  expect([output(), exits()]).toEqual(['last words', 1]);
});
