import { fc } from '../server/testing/property.ts';
import { expect, test } from 'vitest';
import { cutPoint, isInPasteAfter } from './cutPoint.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

test.each([
  ['plain text anywhere', 'abcdef', 4, 4],
  ['no character', 'ab€cd', 4, 2],
  ['no arrow key', 'ab\x1b[A', 4, 2],
  ['no key with parameters', 'a\x1b[1;5D', 4, 1],
  ['no end of a paste', 'abc\x1b[201~', 6, 3],
  ['no application key', 'ab\x1bOA', 4, 2],
  ['no Alt and a key', 'abc\x1bx', 4, 3],
  ['after a whole sequence, right behind it', '\x1b[Aabc', 3, 3],
  ['nothing that fits', 'abc', 4, 3],
])('a cut parts %s', (_, text, max, at) => {
  expect(cutPoint(bytes(text), max)).toBe(at);
});

test('whatever the bytes, a cut takes some and never too many', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 200 }), fc.integer({ min: 1, max: 100 }), (input, max) => {
      const at = cutPoint(input, max);
      expect(at).toBeGreaterThan(0);
      expect(at).toBeLessThanOrEqual(Math.min(max, input.length));
    }),
  );
});

test('text that is cut into pieces is whole again, and each piece is text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), fc.integer({ min: 4, max: 20 }), (text, max) => {
      let rest = bytes(text);
      let joined = '';
      while (rest.length > 0) {
        const at = cutPoint(rest, max);
        joined += new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(rest.subarray(0, at));
        rest = rest.slice(at);
      }
      expect(joined).toBe(text);
    }),
  );
});

test.each([
  ['begins one', false, 'x\x1b[200~y', true],
  ['ends one', true, 'y\x1b[201~', false],
  ['ends one and begins the next', true, '\x1b[201~\x1b[200~', true],
  ['goes on within one', true, 'more\x1b[A', true],
  ['has nothing to do with any', false, 'more\x1b[A', false],
])('input that %s', (_, before, text, after) => {
  expect(isInPasteAfter(before, bytes(text))).toBe(after);
});
