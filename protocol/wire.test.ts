import { fc } from '../server/testing/property.ts';
import { expect, test } from 'vitest';
import { MAX_MESSAGE_BYTES } from './limits.ts';
import { Decoder, decodeMessage, encodePacket, type Packet } from './wire.ts';

const event = (...data: unknown[]): Packet => ({ type: 2, nsp: '/', data });
const handle = fc.integer({ min: 0, max: 0xffffffff });
const offset = fc.nat(Number.MAX_SAFE_INTEGER);

test('output, snapshot, history and input are one binary message each and come back as they were', () => {
  fc.assert(
    fc.property(handle, offset, offset, fc.uint8Array({ maxLength: 2000 }), (id, at, skipped, bytes) => {
      for (const packet of [
        event('output', id, at, bytes),
        event('snapshot', id, at, skipped, bytes),
        event('history', id, at, bytes),
        event('input', id, id, bytes),
      ]) {
        const message = encodePacket(packet);
        expect(message).toBeInstanceOf(Uint8Array);
        expect(decodeMessage(message)).toEqual(packet);
      }
    }),
  );
});

test('everything else is JSON', () => {
  const packet: Packet = { type: 2, nsp: '/', data: ['attach', { handle: 1 }], id: 7 };
  expect(decodeMessage(encodePacket(packet))).toEqual(packet);
});

test('whatever comes in, the decoder answers with a packet and does not throw', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.uint8Array(), fc.json()), (message) => {
      const packet = decodeMessage(message);
      expect([0, 1, 2, 3, 4]).toContain(packet.type);
    }),
  );
});

test.each([
  ['no JSON', 'x{'],
  ['no packet', '{"type":9,"nsp":"/"}'],
  ['an event that only socket.io may emit', '{"type":2,"nsp":"/","data":["disconnect"]}'],
  ['an event without a name', '{"type":2,"nsp":"/","data":[{}]}'],
  ['an answer to nothing', '{"type":3,"nsp":"/","data":[]}'],
  ['an empty message', ''],
  ['no message', undefined],
  ['another namespace', '{"type":2,"nsp":"/other","data":["probe"]}'],
  ['a cut frame', new Uint8Array([1, 0, 0])],
  ['an unknown frame', new Uint8Array(40).fill(9)],
])('%s is told as malformed', (_, message) => {
  expect(decodeMessage(message).data).toEqual([
    'malformed',
    { code: 'input.invalid', message: expect.any(String) as string },
  ]);
});

test('a message above the limit is told as too large', () => {
  expect(decodeMessage(new Uint8Array(MAX_MESSAGE_BYTES + 1)).data).toMatchObject([
    'malformed',
    { code: 'input.too_large' },
  ]);
});

test('a second connection on a connection is told as malformed, on the next one it is the first', () => {
  const seen: Packet[] = [];
  const decoder = new Decoder().on('decoded', (packet) => seen.push(packet));
  const connect = encodePacket({ type: 0, nsp: '/' }) as string;
  decoder.add(connect);
  decoder.add(connect);
  decoder.destroy();
  decoder.on('decoded', (packet) => seen.push(packet));
  decoder.add(connect);
  expect(seen.map(({ type }) => type)).toEqual([0, 2, 0]);
});

test('a decoder takes text, bytes and array buffers, and tells nobody after it was destroyed', () => {
  const seen: Packet[] = [];
  const decoder = new Decoder().on('decoded', (packet) => seen.push(packet));
  const frame = encodePacket(event('input', 1, 2, new Uint8Array([3]))) as Uint8Array<ArrayBuffer>;
  decoder.add(encodePacket(event('probe')));
  decoder.add(frame);
  decoder.add(frame.buffer);
  decoder.destroy();
  decoder.add(frame);
  expect(seen.map(({ data }) => (data as unknown[])[0])).toEqual(['probe', 'input', 'input']);
});
