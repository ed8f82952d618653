import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openHoldfast, type Holdfast } from '../../client/index.ts';
import type { Exit } from '../../protocol/terminal.ts';
import { deferred } from '../base/deferred.ts';
import { hashOf } from './numberedOutput.mjs';
import { refusalOf, send } from './rawHttp.ts';
import { startRecycler, type Recycler, type Recycling } from './recycler.ts';
import { startStack, type Stack } from './stack.ts';
import { headersOf } from './terminal.ts';
import { until } from './until.ts';

const TOTAL_BYTES = 10_000_000;
const STEP_BYTES = 500_000;
const KINDS: Recycling[] = [1001, 1012, 'rst', 'fin'];
const program = join(import.meta.dirname, 'numberedOutput.mjs');
let stack: Stack;
let ingress: Recycler;
let hf: Holdfast;

beforeAll(async () => {
  stack = await startStack({ env: { ADMIN_EMAILS: 'ada@example.com' } });
  ingress = await startRecycler(stack.port);
  hf = await openHoldfast({ url: ingress.url, headers: headersOf('ada@example.com') });
});
afterAll(async () => {
  hf?.close();
  await ingress?.close();
  await stack?.remove();
});

test('an ingress that recycles sockets in every way costs no byte, no key and no fall to polling', async () => {
  const script = `stty raw -echo; read -r go; exec ${process.execPath} ${program} ${TOTAL_BYTES} ${STEP_BYTES}`;
  const session = await hf.sessions.open({ command: ['/bin/sh', '-c', script], cols: 80, rows: 24 });
  const exited = deferred<Exit>();
  const hash = createHash('sha256');
  const transports = new Set<string | null>();
  let received = 0;
  let steps = 0;
  const attachment = await hf.sessions.attach(session.id, {
    from: 0,
    onOutput(bytes, offset) {
      if (offset !== received) exited.reject(new Error(`expected offset ${received}, got ${offset}`));
      received += bytes.length;
      hash.update(bytes);
      for (; steps < Math.floor((received + STEP_BYTES / 2) / STEP_BYTES); steps++) {
        // The key is typed into the gap, and the program waits for it; every other time the next upgrade meets 502.
        ingress.recycle(KINDS[steps % KINDS.length]!, steps % 2);
        attachment.write('\n');
      }
    },
    onExit: exited.resolve,
    onState: () => hf.connections().forEach(({ transport }) => transports.add(transport)),
  });
  attachment.write('\n');
  expect(await exited.promise).toEqual({ code: 0, signal: null });
  expect({ received, hash: hash.digest('hex') }).toEqual({ received: TOTAL_BYTES, hash: hashOf(TOTAL_BYTES) });
  expect(ingress.refused).toBeGreaterThanOrEqual(8);
  expect(transports.has('polling')).toBe(false);
});

test('where websockets are refused for long the terminal goes on by polling, and comes back to one', async () => {
  const transport = () => hf.connections()[0]?.transport;
  await until(() => transport() === 'websocket');
  ingress.recycle(1001, Infinity);
  await until(() => transport() === 'polling');
  ingress.recycle('rst', 0);
  await until(() => transport() === 'websocket');
});

test('an admin is told how each shard is reached, and nobody else', async () => {
  const path = '/api/health?deep=1';
  const asked = await send(stack.port, { path, headers: headersOf('ada@example.com') });
  const { shards } = JSON.parse(asked.text) as { shards: unknown[] };
  expect(shards).toMatchObject(
    ['backend-1', 'backend-2'].map((id) => ({
      id,
      isUsable: true,
      carrier: 'header',
      arrivals: { header: true, query: true },
      isSignedRequestTaken: true,
      isUpgradeTaken: true,
      health: { app_instance: id },
      troubles: [],
    })),
  );
  for (const port of stack.backendPorts) expect(asked.text).not.toContain(String(port));
  expect(refusalOf(await send(stack.port, { path, headers: headersOf('bob@example.com') }))).toBe('403 auth.forbidden');
  expect(refusalOf(await send(stack.port, { path }))).toBe('401 AUTH_MISSING');
});
