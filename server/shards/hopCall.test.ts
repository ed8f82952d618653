import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { systemClock } from '../base/clock.ts';
import { silentLog } from '../base/log.ts';
import { Hop } from './hop.ts';
import { askShard } from './hopCall.ts';

const closers: (() => void)[] = [];
afterEach(() => closers.splice(0).forEach((close) => close()));

async function shard(answer: (socket: Socket, isFirstOnSocket: boolean) => string | undefined) {
  const seen = new Set<Socket>();
  const server = createServer((request, response) => {
    const text = answer(request.socket, !seen.has(request.socket));
    seen.add(request.socket);
    if (text !== undefined) response.setHeader('content-type', 'application/json').end(text);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const hop = new Hop([{ id: 'a', url }], { tokens: undefined, clock: systemClock, log: silentLog });
  closers.push(() => {
    hop.close();
    server.close();
    server.closeAllConnections();
  });
  return { connections: seen, ask: (timeoutMs = 60_000) => askShard(hop, 'a', { path: '/api/ready', timeoutMs }) };
}

test('the end of an idle connection is no word on the shard', async () => {
  const { ask, connections } = await shard((socket, isFirst) => (isFirst ? '{}' : void socket.resetAndDestroy()));
  expect([await ask(), await ask()]).toEqual(
    Array.from({ length: 2 }, () => ({ is: 'answer', status: 200, body: '{}' })),
  );
  expect(connections.size).toBe(2);
});

test('a shard that ends new connections is not there, and its address is not told', async () => {
  const { ask } = await shard((socket) => void socket.resetAndDestroy());
  expect(await ask()).toEqual({ is: 'none', trouble: 'it cannot be reached (ECONNRESET)' });
});

test('a shard that says nothing is late', async () => {
  const { ask } = await shard(() => undefined);
  expect(await ask(50)).toEqual({ is: 'late' });
});
