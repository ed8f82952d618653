import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openHoldfast, type Attachment } from '../../client/index.ts';
import { AppError } from '../../protocol/errors.ts';
import type { Exit } from '../../protocol/terminal.ts';
import { deferred } from '../base/deferred.ts';
import { cutStream } from './cutStream.ts';
import { FaultProxy } from './faultProxy.ts';
import { hashOf } from './numberedOutput.mjs';
import { randomSource } from './random.ts';
import { startStack, type Stack } from './stack.ts';
import { until } from './until.ts';

const TOTAL_BYTES = 50 * 1024 * 1024;
const headers = { 'X-Forwarded-Email': 'ada@example.com' };
let stack: Stack;

beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.remove());

test('100 cuts while a program writes 50 MB lose and double no byte', async () => {
  const { cuts, shardId, ...stream } = await cutStream({
    port: stack.port,
    headers,
    totalBytes: TOTAL_BYTES,
    cuts: 100,
    seed: 7,
  });
  expect({ ...stream, cuts: cuts >= 95 }).toEqual({
    exit: { code: 0, signal: null },
    cuts: true,
    received: TOTAL_BYTES,
    hash: hashOf(TOTAL_BYTES),
    shards: [shardId],
  });
});

/** What does not fit while there is no connection is typed again when there is one: nothing of it was taken. */
async function type(attachment: Attachment, key: string): Promise<void> {
  try {
    attachment.write(key);
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'input.held_full') throw error;
    await until(() => attachment.state === 'live');
    await type(attachment, key);
  }
}

test('2,000 keys over 50 cuts arrive once each and in order', async () => {
  const network = await FaultProxy.start(stack.port);
  const hf = await openHoldfast({ url: network.url, headers });
  // Together more than the kernel takes for a program that does not read (about 70 kB).
  const keys = Array.from({ length: 2000 }, (_, i) => `k${i}${'.'.repeat(60)};`);
  const size = keys.join('').length;
  // It does not read at first: most keys wait, unwritten, in the pty host while the client sends them again and again.
  const script = `stty raw -echo; echo ready; sleep 3; head -c ${size} | sha256sum; exit 0`;
  const session = await hf.sessions.open({ command: ['/bin/sh', '-c', script], cols: 80, rows: 24 });
  let output = '';
  const random = randomSource(11);
  const exited = deferred<Exit>();
  const ready = deferred<void>();
  const attachment = await hf.sessions.attach(session.id, {
    from: 0,
    onOutput(bytes) {
      output += Buffer.from(bytes).toString();
      if (output.includes('ready')) ready.resolve();
    },
    onExit: exited.resolve,
  });
  await ready.promise;
  let cuts = 0;
  for (const [i, key] of keys.entries()) {
    await type(attachment, key);
    if (i % 40 === 39) {
      network.cut();
      cuts++;
    }
    // A person's pace in small: keys fall before, into and after the gaps.
    if (random() < 0.3) await sleep(random() * 4);
  }
  expect(await exited.promise).toEqual({ code: 0, signal: null });
  expect({ cuts, hash: /[0-9a-f]{64}/.exec(output)?.[0] }).toEqual({
    cuts: 50,
    hash: createHash('sha256').update(keys.join('')).digest('hex'),
  });
  hf.close();
  await network.close();
});
