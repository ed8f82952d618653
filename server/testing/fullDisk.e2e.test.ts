import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, type TestContext } from 'vitest';
import { createProject } from '../../protocol/projects.ts';
import type { Session } from '../../protocol/sessions.ts';
import type { Exit } from '../../protocol/terminal.ts';
import { deferred } from '../base/deferred.ts';
import { SmallDisk } from './fullDisk.ts';
import { until } from './instances.ts';
import { hashOf } from './numberedOutput.mjs';
import { send } from './rawHttp.ts';
import { startStack, type Stack } from './stack.ts';
import { clientOf, ECHO_LINES, headersOf, Terminal } from './terminal.ts';

const EMAIL = 'ada@example.com';
const TOTAL_BYTES = 12_000_000;
const program = join(import.meta.dirname, 'numberedOutput.mjs');
let stack: Stack;
/** The one that backend-1 logs on. */
let disk: SmallDisk | null;

beforeAll(async () => {
  const home = mkdtempSync(join(tmpdir(), 'hf-e2e-'));
  disk = SmallDisk.make(join(home, 'shards', 'backend-1'), 64 * 1024 * 1024);
  stack = await startStack({ home });
});
afterAll(async () => {
  await stack?.stop();
  disk?.remove();
  await stack?.remove();
});

/** The disk, or the test is skipped; what the host does then is shown in ptyhost/fullDisk.test.ts. */
function smallDisk({ skip }: TestContext): SmallDisk {
  return disk ?? skip('this user may not mount a tmpfs');
}

async function openOn(shardId: string, command: string[]): Promise<Session> {
  const body = { command, cols: 80, rows: 24 };
  const path = `/api/shards/${shardId}/v1/sessions`;
  const answer = await send(stack.port, { method: 'POST', path, headers: headersOf(EMAIL), body });
  return JSON.parse(answer.text) as Session;
}

/** A program that prints known bytes when a line is typed, and then what is typed to it. */
const floodOn = (shardId: string) =>
  openOn(shardId, [
    '/bin/sh',
    '-c',
    `stty raw -echo; echo ready; read -r go; ${process.execPath} ${program} ${TOTAL_BYTES}; head -n 1; exit 4`,
  ]);

const timesFull = () =>
  readFileSync(join(stack.home, 'logs', 'backend-1.host.log'), 'utf8').split('output cannot be logged').length - 1;

test('on a full disk a program waits, everything else goes on, and with room again no byte is missing', async (context) => {
  const small = smallDisk(context);
  const hf = await clientOf(stack.port, EMAIL);
  const elsewhere = await Terminal.attach(hf, await openOn('backend-2', ECHO_LINES));
  const { id } = await floodOn('backend-1');
  const hash = createHash('sha256');
  let received = 0;
  let begin = '';
  const exited = deferred<Exit>();
  const attachment = await hf.sessions.attach(id, {
    from: 0,
    onOutput(bytes, offset) {
      if (offset !== received) exited.reject(new Error(`expected offset ${received}, got ${offset}`));
      received += bytes.length;
      begin += Buffer.from(bytes).toString('latin1');
    },
    onExit: exited.resolve,
  });
  await until(() => begin === 'ready\n');
  small.leave(3_000_000);
  attachment.write('\n');
  await until(() => timesFull() > 0);

  // The program waits; what is typed to it is kept, and nobody else notices.
  attachment.write('typed while the disk was full\n');
  for (let i = 0; i < 5; i++) await elsewhere.exchange(`line ${i}`);
  await hf.call(createProject, { name: 'made while a disk was full' });
  expect((await hf.sessions.list()).map(({ state }) => state)).toEqual(['running', 'running']);
  expect(received).toBeLessThan(4_000_000);

  small.makeRoom();
  expect(await exited.promise).toEqual({ code: 4, signal: null });
  hash.update(Buffer.from(begin.slice('ready\n'.length, 'ready\n'.length + TOTAL_BYTES), 'latin1'));
  expect([hash.digest('hex'), begin.slice(TOTAL_BYTES + 6)]).toEqual([
    hashOf(TOTAL_BYTES),
    'typed while the disk was full\n',
  ]);
  await hf.sessions.close(id);
});

test('a session on a full disk can be closed, which gives its room back', async (context) => {
  const small = smallDisk(context);
  const hf = await clientOf(stack.port, EMAIL);
  const free = small.freeBytes;
  const { id } = await floodOn('backend-1');
  small.leave(3_000_000);
  const before = timesFull();
  const terminal = await Terminal.attach(hf, { id, shardId: 'backend-1' });
  terminal.write('\n');
  await until(() => timesFull() > before);
  await hf.sessions.close(id);
  small.makeRoom();
  expect(small.freeBytes).toBe(free);
});
