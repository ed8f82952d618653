import { expect, test } from 'vitest';
import { fc } from '../../server/testing/property.ts';
import { applied, difference, isNothing, isSame, without } from './preferenceChanges.ts';

const Value = fc.dictionary(fc.constantFrom('a', 'b', 'c', '__proto__', 'toString'), fc.jsonValue({ maxDepth: 2 }));

test('changes of different keys are both kept, and of the same key the later one is', () => {
  const base = { font: 'a', size: 12, theme: 'dark' };
  const here = difference(base, { font: 'b', size: 14, theme: 'dark' });
  const there = difference(base, { font: 'a', size: 13 });
  expect(applied(applied(base, there), here)).toEqual({ font: 'b', size: 14 });
  expect(applied(applied(base, here), there)).toEqual({ font: 'b', size: 13 });
});

test('members that nobody here knows stay, in their places', () => {
  const value = applied({ future: { deep: [1] }, size: 12, last: 1 }, { size: 13, more: true });
  expect(JSON.stringify(value)).toBe('{"future":{"deep":[1]},"size":13,"last":1,"more":true}');
});

test('the difference of two values leads from the one to the other', () => {
  fc.assert(
    fc.property(Value, Value, (from, to) => {
      const changes = difference(from, to);
      expect(isSame(applied(from, changes), to)).toBe(true);
      expect(isNothing(changes)).toBe(isSame(from, to));
    }),
  );
});

test('what is the same is decided as JSON, whatever the order of members', () => {
  expect(isSame({ a: [1, { b: null }], c: 2 }, { c: 2, a: [1, { b: null }] })).toBe(true);
  for (const other of [{ a: [1] }, { a: [1, 2], b: 1 }, { a: { 0: 1, 1: 2 } }, { a: [2, 1] }, { a: null }, [], null])
    expect(isSame({ a: [1, 2] }, other)).toBe(false);
  expect(isSame(JSON.parse('{"__proto__":{}}'), { a: 1 })).toBe(false);
});

test('a key that was changed again while its change was sent is still to be sent', () => {
  expect(without({ a: 1, b: 2, c: undefined }, { a: 1, b: 1, c: undefined })).toEqual({ b: 2 });
  expect(Object.keys(without({ a: undefined }, {}))).toEqual(['a']);
});
