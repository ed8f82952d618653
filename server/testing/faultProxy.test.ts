import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FaultProxy } from './faultProxy.ts';
import { until } from './instances.ts';

let echo: Server;
let proxy: FaultProxy;
/** The server's ends. */
let accepted: Socket[];
let clients: Socket[];

beforeEach(async () => {
  accepted = [];
  clients = [];
  echo = createServer((socket) => {
    accepted.push(socket);
    socket.on('error', () => undefined);
    socket.pipe(socket);
  });
  echo.listen(0, '127.0.0.1');
  await once(echo, 'listening');
  proxy = await FaultProxy.start((echo.address() as { port: number }).port);
});
afterEach(async () => {
  for (const client of clients) client.destroy();
  await proxy.close();
  await new Promise((resolve) => echo.close(resolve));
});

/** A client that keeps what it gets and how it ended. */
async function dial() {
  const socket = connect({ port: proxy.port, host: '127.0.0.1', allowHalfOpen: true });
  clients.push(socket);
  const end = { text: '', how: 'open' };
  socket.on('data', (bytes) => (end.text += bytes.toString()));
  socket.on('end', () => (end.how = 'fin'));
  socket.on('error', (error: NodeJS.ErrnoException) => (end.how = error.code ?? 'error'));
  await once(socket, 'connect').catch(() => undefined); // `how` has it
  const exchange = async (text: string) => {
    socket.write(text);
    await until(() => end.text.endsWith(text));
  };
  return { socket, end, exchange };
}

test('bytes pass both ways, and the end of one side ends the other', async () => {
  const { socket, end, exchange } = await dial();
  await exchange('hello');
  socket.end();
  await until(() => end.how === 'fin' && proxy.connectionCount === 0);
});

test('a cut is a reset for both sides, or an orderly end', async () => {
  const first = await dial();
  await first.exchange('a');
  proxy.cut();
  await until(() => first.end.how === 'ECONNRESET');
  const second = await dial();
  await second.exchange('b');
  proxy.cut('fin');
  await until(() => second.end.how === 'fin');
  expect(proxy.connectionCount).toBe(0);
});

test('in a black hole nothing arrives, not even an end, and afterwards all of it does', async () => {
  const { socket, end, exchange } = await dial();
  await exchange('before ');
  proxy.blackhole();
  socket.write('during ');
  accepted[0]!.end('bye ');
  const late = await dial(); // accepted, and answered by nobody
  late.socket.write('late');
  // Another connection, let through, shows that the proxy has had its turns.
  const other = await dial();
  proxy.connections.at(-1)!.set({ blackhole: 'none' });
  await other.exchange('other');
  expect([end.text, end.how, late.end.text]).toEqual(['before ', 'open', '']);
  proxy.restore();
  await until(() => late.end.text === 'late' && end.how === 'fin');
  expect(end.text).toBe('before bye ');
});

test('a black hole of one direction lets the other through', async () => {
  const { socket, end, exchange } = await dial();
  await exchange('a');
  proxy.blackhole('down');
  socket.write('up');
  await until(() => proxy.connections[0]!.delivered.up === 3);
  expect(end.text).toBe('a');
  proxy.blackhole('up');
  await until(() => end.text === 'aup');
  socket.write('lost?');
  accepted[0]!.write('!');
  await until(() => end.text === 'aup!');
  proxy.restore();
  await until(() => end.text === 'aup!lost?');
});

test('a peer that vanishes in a black hole is noticed by nobody until it ends', async () => {
  const { socket, exchange } = await dial();
  await exchange('a');
  let isOver = false;
  accepted[0]!.on('close', () => (isOver = true));
  proxy.blackhole();
  socket.resetAndDestroy();
  const other = await dial();
  proxy.connections.at(-1)!.set({ blackhole: 'none' });
  await other.exchange('other');
  expect(isOver).toBe(false);
  proxy.restore();
  await until(() => isOver);
});

test('a blocked network refuses, a restored one lets through', async () => {
  proxy.block();
  const refused = await dial();
  await until(() => refused.end.how !== 'open');
  proxy.restore();
  await (await dial()).exchange('a');
});

test('10 MB pass unharmed through a network that slows, loses and delays', async () => {
  const { socket, end } = await dial();
  let received = 0;
  let isRight = true;
  socket.removeAllListeners('data').on('data', (bytes) => {
    for (const byte of bytes) isRight &&= byte === received++ % 251;
  });
  const whole = Buffer.from(Array.from({ length: 10_000_000 }, (_, i) => i % 251));
  socket.write(whole);
  for (const [at, change] of [
    [1e6, { delayMs: 20, jitterMs: 10 }],
    [3e6, { blackhole: 'both' }],
    [3e6, { blackhole: 'none', bytesPerSecond: 20e6 }],
    [6e6, { delayMs: 0, jitterMs: 0, bytesPerSecond: null }],
  ] as const) {
    await until(() => received >= at);
    proxy.set(change);
  }
  await until(() => received === whole.length);
  expect([isRight, end.how]).toEqual([true, 'open']);
});
