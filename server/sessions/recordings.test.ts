import express from 'express';
import { existsSync, mkdtempSync, readdirSync, readlinkSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { silentLog } from '../base/log.ts';
import { errorHandler } from '../http/errors.ts';
import { OutputLog } from '../ptyhost/outputLog.ts';
import { until } from '../testing/until.ts';
import { castOf } from './castOf.ts';
import { KeptLog } from './keptLog.ts';
import type { LiveSession } from './liveSession.ts';
import { recordingRoutes } from './recordingRoutes.ts';
import { Recordings } from './recordings.ts';
import type { StoredSession } from './sessionStore.ts';

const ADA = 'ada@example.com';
const ID = '6f2d3c1e-0000-4000-8000-000000000001';
const OTHERS = '6f2d3c1e-0000-4000-8000-000000000002';
const ELSEWHERE = '6f2d3c1e-0000-4000-8000-000000000003';
const PUT_AWAY = '6f2d3c1e-0000-4000-8000-000000000004';
const AT = Date.parse('2026-01-01T00:00:00Z');
const SHAPE = { name: 'bash', cols: 80, rows: 24 };
const SESSION = { ...SHAPE, createdAt: AT };
const SEGMENT_BYTES = 64 * 1024;

/** Written as a pty host does. */
function newLog(capacityBytes = 1024 * 1024) {
  const directory = mkdtempSync(join(tmpdir(), 'hf-log-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const log = new OutputLog(join(directory, ID, '1'), capacityBytes, SEGMENT_BYTES);
  log.markSize(80, 24, AT);
  return { directory, log };
}

async function castIn(directory: string) {
  let text = '';
  for await (const lines of castOf(await KeptLog.open(join(directory, ID, '1')), SESSION)) text += lines;
  const [header, ...events] = text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);
  return { header, events: events as [number, string, string][] };
}

const textOf = (events: [number, string, string][]) =>
  events
    .filter(([, code]) => code === 'o')
    .map(([, , data]) => data)
    .join('');

test('output, sizes, commands and times of a log become a recording', async () => {
  const { directory, log } = newLog();
  log.append(Buffer.from('$ \x1b]133;B\x07ls\r\n\x1b]133;C\x07'), AT + 1_000);
  log.append(Buffer.from('caf\xc3', 'latin1'), AT + 1_400);
  log.markSize(100, 30, AT + 1_500);
  log.append(Buffer.from('\xa9!', 'latin1'), AT + 3_000);
  const { header, events } = await castIn(directory);
  expect(header).toEqual({ version: 2, width: 80, height: 24, timestamp: AT / 1000, title: 'bash' });
  expect(events).toEqual([
    [1, 'o', '$ \x1b]133;B\x07ls\r\n\x1b]133;C\x07'],
    [1, 'm', 'ls'],
    [1.4, 'o', 'caf'],
    [1.5, 'r', '100x30'],
    [3, 'o', 'é!'],
  ]);
});

test('of a log that was cut, what is left is told, from a clean place on', async () => {
  const { directory, log } = newLog(2 * SEGMENT_BYTES);
  for (let i = 0; i < 40_000; i++) log.append(Buffer.from(`line ${i}\r\n`), AT + i);
  const { header, events } = await castIn(directory);
  expect(header).toMatchObject({ holdfast: { skippedBytes: log.start } });
  expect(log.start).toBeGreaterThan(0);
  expect(events[0]).toEqual([0, 'm', `${log.start.toLocaleString('en')} bytes are no longer kept`]);
  const lines = textOf(events).split('\r\n');
  expect(lines.at(-2)).toBe('line 39999');
  expect(lines.slice(1, -1)).toEqual(
    Array.from({ length: lines.length - 2 }, (_, i) => `line ${40_002 - lines.length + i}`),
  );
});

test('what is deleted while it is read is told once, and the rest follows', async () => {
  const { directory, log } = newLog(4 * SEGMENT_BYTES);
  const write = (from: number, to: number) => {
    for (let i = from; i < to; i++) log.append(Buffer.from(`line ${i}\r\n`), AT + i);
  };
  write(0, 20_000);
  const kept = await KeptLog.open(join(directory, ID, '1'));
  let text = '';
  let isFirst = true;
  for await (const lines of castOf(kept, SESSION)) {
    text += lines;
    if (isFirst) write(20_000, 36_300); // the first two segments are deleted: one is being read, one was not yet
    isFirst = false;
  }
  const events = text
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((line) => JSON.parse(line) as [number, string, string]);
  const notes = events.filter(([, code]) => code === 'm').map(([, , data]) => data);
  expect(notes).toHaveLength(1);
  expect(notes[0]).toMatch(/^[\d,]+ bytes are no longer kept$/);
  expect(textOf(events)).toMatch(/^line 0\r\n/);
  expect(textOf(events)).toMatch(/line 19998\r\nline 19999\r\n$/);
});

async function serving(directory: string) {
  const sessionOf = (id: string, ownerEmail: string, rest: object) => ({
    id,
    ownerEmail,
    incarnation: 1,
    shardId: 'backend-1',
    state: 'lost',
    createdAt: new Date(AT).toISOString(),
    ...SHAPE,
    ...rest,
  });
  const stored = [
    sessionOf(OTHERS, 'bob@example.com', {}),
    sessionOf(ELSEWHERE, ADA, { shardId: 'backend-2' }),
    sessionOf(PUT_AWAY, ADA, { state: 'hibernated' }),
  ];
  const live = { ...sessionOf(ID, ADA, {}), createdAt: new Date(AT).toISOString() };
  const recordings = new Recordings({
    shardId: 'backend-1',
    registry: { get: (id) => (id === ID ? (live as unknown as LiveSession) : undefined) },
    store: { find: (id) => Promise.resolve(stored.find((one) => one.id === id) as unknown as StoredSession) },
    directory,
  });
  const app = express();
  app.use((incoming, _response, next) => {
    incoming.caller = { email: ADA, name: 'Ada', roles: ['user'] };
    next();
  });
  app.use(recordingRoutes(recordings, silentLog), errorHandler(silentLog));
  const server = app.listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  return (id: string) => `http://127.0.0.1:${port}/api/v1/sessions/${id}/recording`;
}

test('a person has recordings of their own sessions, and another’s is like none', async () => {
  const { directory, log } = newLog();
  log.append(Buffer.from('hello'), AT);
  const at = await serving(directory);
  const answerOf = async (id: string) => {
    const answer = await fetch(at(id), { headers: { Connection: 'close' } });
    const text = await answer.text();
    return answer.ok
      ? `${answer.headers.get('content-type')}: ${text.split('\n').length - 1} lines`
      : `${answer.status} ${text}`;
  };
  expect(await answerOf(ID)).toBe('application/x-asciicast: 2 lines');
  const unknown = await answerOf('6f2d3c1e-0000-4000-8000-00000000000f');
  const withoutId = (text: string) => text.replace(/"correlationId":"[^"]*"/, '');
  expect(withoutId(await answerOf(OTHERS))).toBe(withoutId(unknown));
  expect(unknown).toContain('404 {"error":{"code":"session.not_found"');
  expect(await answerOf(ELSEWHERE)).toMatch(/421 .*session.wrong_shard.*"shardId":"backend-2"/);
  expect(await answerOf(PUT_AWAY)).toContain('recording.not_kept');
  expect(await answerOf('..')).toContain('404');
  expect(await answerOf('no-uuid')).toContain('400 {"error":{"code":"input.invalid"');
});

// Open files are seen on Linux only.
test.skipIf(!existsSync('/proc/self/fd'))(
  'a download that is cancelled lets go of the log, and of its place',
  async () => {
    const { directory, log } = newLog(64 * 1024 * 1024);
    for (let i = 0; i < 400; i++) log.append(Buffer.alloc(SEGMENT_BYTES, 'x'), AT + i * 1_000);
    const at = await serving(directory);
    const openFiles = () =>
      readdirSync('/proc/self/fd').filter((fd) => {
        try {
          return readlinkSync(`/proc/self/fd/${fd}`).startsWith(directory);
        } catch {
          return false; // closed meanwhile
        }
      }).length;
    log.close();
    /** Reads the head and no more: what it is sent after that waits. */
    const begin = () =>
      new Promise<{ status: number; cancel: () => void }>((resolve) => {
        const asking = request(at(ID), { agent: false }, (answer) => {
          answer.on('error', () => undefined);
          resolve({ status: answer.statusCode!, cancel: () => asking.destroy() });
        });
        asking.on('error', () => undefined);
        asking.end();
      });
    const first = await Promise.all([begin(), begin(), begin()]);
    expect(first.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(openFiles()).toBeGreaterThan(0);
    const refused = await begin();
    expect(refused.status).toBe(429);
    for (const { cancel } of first) cancel();
    await until(() => openFiles() === 0);
    const again = await begin();
    expect(again.status).toBe(200);
    again.cancel();
    await until(() => openFiles() === 0);
  },
);
