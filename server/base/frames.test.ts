import { PassThrough } from 'node:stream';
import { fc } from '../testing/property.ts';
import { expect, test } from 'vitest';
import { encodeFrame, FrameReader, writeFrame } from './frames.ts';

test('frames come out as they went in, however the stream is cut', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.object({ maxDepth: 1 }), fc.uint8Array())),
      fc.integer({ min: 1, max: 50 }),
      (frames, size) => {
        const sent = frames.map(([head, body]) => ({
          head: JSON.parse(JSON.stringify(head)) as object,
          body: Buffer.from(body),
        }));
        const stream = Buffer.concat(sent.map(({ head, body }) => encodeFrame(head, body)));
        const reader = new FrameReader<object>();
        const received = [];
        for (let at = 0; at < stream.length; at += size) received.push(...reader.push(stream.subarray(at, at + size)));
        expect(received).toEqual(sent);
      },
    ),
  );
});

test('a large body is written without a copy, and reads back the same', () => {
  const stream = new PassThrough();
  const body = Buffer.alloc(5000, 'b');
  writeFrame(stream, { t: 'big' }, body);
  writeFrame(stream, { t: 'small' }, Buffer.from('s'));
  const read = [...new FrameReader<{ t: string }>().push(stream.read() as Buffer)];
  expect(read).toEqual([
    { head: { t: 'big' }, body },
    { head: { t: 'small' }, body: Buffer.from('s') },
  ]);
});

test('what is no frame is an error', () => {
  expect(() => [...new FrameReader().push(Buffer.from([0xff, 0xff, 0xff, 0xff]))]).toThrow(RangeError);
  expect(() => [...new FrameReader().push(Buffer.from([0, 0, 0, 5, 0, 0, 0, 9, 0]))]).toThrow(RangeError);
});
