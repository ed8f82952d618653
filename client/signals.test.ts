import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import type { SessionSignal } from '../protocol/attention.ts';
import type { ShardSocket } from './shardConnection.ts';
import { SignalWatch } from './signals.ts';

const signal = (offset: number, incarnation = 1): SessionSignal => ({
  ...{ sessionId: 's', incarnation, offset, at: 0 },
  ...{ kind: 'bell', text: `bell at ${offset}`, when: 'always', name: null },
});

/** Connections whose other end a test plays. */
function setUp() {
  const [one, other] = [new EventEmitter(), new EventEmitter()];
  const looks: unknown[] = [];
  one.on('look', (look) => looks.push(look));
  const sockets = [one, other] as unknown as ShardSocket[];
  const signals = new SignalWatch(() => sockets);
  sockets.forEach((socket) => signals.route(socket));
  const told: string[] = [];
  const listen = () =>
    signals.listen({
      signal: ({ incarnation, offset }, isLate) => told.push(`${incarnation}/${offset}${isLate ? ' late' : ''}`),
      seen: ({ offset }) => told.push(`seen ${offset}`),
    });
  return { one, other, signals, listen, looks, told };
}

test('what several shards tell is told once, and nothing older after it', () => {
  const { one, other, listen, told } = setUp();
  listen();
  one.emit('signals', { signals: [signal(5)], isLate: false });
  other.emit('signals', { signals: [signal(5)], isLate: false });
  other.emit('signals', { signals: [signal(3), signal(9)], isLate: true });
  one.emit('signals', { signals: [signal(2, 2)], isLate: false });
  expect(told).toEqual(['1/5', '1/9 late', '2/2']);
});

test('what was seen elsewhere is not told again by a shard that comes later', () => {
  const { one, other, listen, told } = setUp();
  listen();
  one.emit('seen', { sessionId: 's', incarnation: 1, offset: 5 });
  other.emit('signals', { signals: [signal(5)], isLate: true });
  expect(told).toEqual(['seen 5']);
});

test('who listens later hears the newest that nobody has seen', () => {
  const { one, listen, told } = setUp();
  one.emit('signals', { signals: [signal(5), signal(7)], isLate: false });
  listen();
  expect(told).toEqual(['1/7 late']);
});

test('every shard is told what the person looks at, once, and again by a new connection', () => {
  const { one, signals, looks } = setUp();
  signals.online(one as unknown as ShardSocket);
  const look = { sessionId: 's', isAlive: true };
  signals.look(look);
  signals.look({ ...look });
  signals.online(one as unknown as ShardSocket);
  signals.look({ ...look, beside: ['t'] });
  expect(looks).toEqual([look, look, { ...look, beside: ['t'] }]);
});
