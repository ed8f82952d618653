import { fc } from '../server/testing/property.ts';
import { expect, test } from 'vitest';
import { MAX_HELD_BYTES, SafeFeed, SafePointScanner } from './safePoint.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const safeIn = (text: string) => new SafePointScanner().scan(bytes(text)).safe;

test.each([
  ['plain text', 'abc', 3],
  ['a finished colour', 'a\x1b[31m', 6],
  ['an unfinished colour', 'a\x1b[31', 1],
  ['a lone escape', 'a\x1b', 1],
  ['a title ended by BEL', 'a\x1b]0;t\x07', 7],
  ['a title ended by ST', 'a\x1b]0;t\x1b\\', 8],
  ['an unfinished title', 'ab\x1b]0;title', 2],
  ['a BEL inside a device string, which does not end it', 'a\x1bPq\x07', 1],
  ['a sequence broken off by CAN', 'a\x1b[3\x18', 5],
  ['a character set selection', 'a\x1b(0', 4],
  ['an unfinished character set selection', 'a\x1b(', 1],
  ['a new sequence inside a string', 'a\x1bPq\x1b[3', 1],
  ['a C1 control sequence', 'a\u009b31m', 6],
  ['an unfinished C1 control sequence', 'a\u009b31', 1],
  ['a C1 control that ends a string', 'a\u009d0;t\u0085b', 9],
  ['a C1 control inside a sequence', 'a\x1b[3\u009d0;t', 1],
])('%s', (_, text, safe) => {
  expect(safeIn(text)).toBe(safe);
});

test('a cut character is held back', () => {
  expect(new SafePointScanner().scan(bytes('a€').subarray(0, 3)).safe).toBe(1);
});

const piece = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.constantFrom(
    '\x1b[1;31m',
    '\x1b]8;;http://x\x1b\\',
    '\x1b[?2026h',
    '\x1b[?2026l',
    '\x1bPq#0\x1b\\',
    '\x1b(0',
    '\x1b7',
    '\u009b2J',
    '\r\n',
  ),
);

test('however a stream is cut, what is passed on and what is held are the stream', () => {
  fc.assert(
    fc.property(fc.array(piece), fc.array(fc.integer({ min: 1, max: 9 })), (pieces, cuts) => {
      const stream = bytes(pieces.join(''));
      const feed = new SafeFeed(100);
      const passed: number[] = [];
      let at = 0;
      for (const size of [...cuts, stream.length]) {
        passed.push(...(feed.take(stream.subarray(at, at + size))?.bytes ?? []));
        at = Math.min(stream.length, at + size);
        expect(feed.offset).toBe(100 + passed.length);
        expect(passed.length + feed.heldBytes).toBe(at);
      }
      expect(passed).toEqual([...stream.subarray(0, passed.length)]);
    }),
  );
});

test('where a stream is cut does not change where it is safe', () => {
  fc.assert(
    fc.property(fc.array(piece), fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1 }), (pieces, cuts) => {
      const stream = bytes(pieces.join(''));
      const whole = new SafeFeed(0);
      whole.take(stream);
      const parts = new SafeFeed(0);
      for (let at = 0, i = 0; at < stream.length; i++) {
        const size = cuts[i % cuts.length]!;
        parts.take(stream.subarray(at, at + size));
        at += size;
      }
      expect(parts.offset).toBe(whole.offset);
    }),
  );
});

test('inside a synchronized frame it is safe, but better outside of it', () => {
  const scanner = new SafePointScanner();
  expect(scanner.scan(bytes('a\x1b[?2026hbc'))).toEqual({ safe: 11, outsideFrame: 1 });
  expect(scanner.scan(bytes('d\x1b[?2026le\x1b[?2026h'))).toEqual({ safe: 18, outsideFrame: 10 });
});

test('the end of a frame is found in what was held before', () => {
  const feed = new SafeFeed(7);
  feed.take(bytes('\x1b[?20'));
  expect(feed.take(bytes('26la\x1b[?2026hb'))).toMatchObject({ end: 7 + 18, outsideFrame: 9, opening: '' });
});

test.each([
  ['\x1b]0;', '\x1b]9999;'],
  ['\x1bPq', '\x1bX'],
  ['\x1b[', '\x1b[!!'],
])(
  'a sequence %j without an end is let go in the end, with what brings another terminal into one like it',
  (begin, opening) => {
    const feed = new SafeFeed(0);
    expect(feed.take(bytes(begin))).toBeUndefined();
    const filler = new Uint8Array(MAX_HELD_BYTES).fill(0x31);
    const ready = feed.take(filler);
    expect([ready?.bytes.length, ready?.opening, feed.heldBytes]).toEqual([begin.length + MAX_HELD_BYTES, opening, 0]);
    expect(feed.take(bytes('1\x1b\\m'))?.opening).toBe('');
  },
);
