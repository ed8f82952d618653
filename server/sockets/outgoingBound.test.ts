import { EventEmitter } from 'node:events';
import type { Socket as Connection } from 'engine.io';
import { expect, test } from 'vitest';
import { boundOutgoing, MAX_OUTGOING_BYTES } from './outgoingBound.ts';

const QUARTER = Buffer.alloc(MAX_OUTGOING_BYTES / 4);

/** A connection whose transport takes nothing until `flush` is emitted. */
function connection() {
  const calls: string[] = [];
  const fake = Object.assign(new EventEmitter(), {
    transport: { name: 'websocket' },
    request: { socket: { destroy: () => calls.push('destroyed') } },
  });
  boundOutgoing(fake as unknown as Connection, () => calls.push('exceeded'));
  const queue = (count: number) => {
    for (let i = 0; i < count; i++) fake.emit('packetCreate', { data: QUARTER });
  };
  return { calls, queue, flush: () => fake.emit('flush') };
}

test('a connection whose packets pile up is cut off once', () => {
  const { calls, queue } = connection();
  queue(3);
  expect(calls).toEqual([]);
  queue(5);
  expect(calls).toEqual(['exceeded', 'destroyed']);
});

test('what is under way counts until the next piece goes', () => {
  const { calls, queue, flush } = connection();
  queue(3);
  flush();
  queue(1);
  expect(calls).toEqual(['exceeded', 'destroyed']);
});

test('a connection that is read may carry any amount', () => {
  const { calls, queue, flush } = connection();
  for (let i = 0; i < 100; i++) {
    queue(1);
    flush();
  }
  expect(calls).toEqual([]);
});
