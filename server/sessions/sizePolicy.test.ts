import { fc } from '../testing/property.ts';
import { expect, test } from 'vitest';
import { controllerOf, sizeFor, type Claim } from './sizePolicy.ts';

const NOW = 1_000;
let count = 0;
const claim = (change: Partial<Claim> = {}): Claim => ({
  attachmentId: `attachment-${count++}`,
  size: { cols: 100, rows: 30 },
  isVisible: true,
  isReadOnly: false,
  usedAt: 0,
  countsFrom: 0,
  ...change,
});
const small = { cols: 10, rows: 4 };

test('the visible client used last decides', () => {
  const [first, last] = [claim({ usedAt: 1 }), claim({ usedAt: 2 })];
  expect([controllerOf([first, last], NOW), controllerOf([last, first], NOW)]).toEqual([last, last]);
});

test.each([
  ['hidden', { isVisible: false }],
  ['only watching', { isReadOnly: true }],
  ['without a wish', { size: null }],
  ['back from a break, and not in control before it', { countsFrom: NOW + 1 }],
])('one that is %s does not, however late it was used', (_, change) => {
  const first = claim({ usedAt: 1 });
  expect(controllerOf([first, claim({ usedAt: 9, ...change })], NOW)).toBe(first);
});

test('with nobody who can see it, the size stays', () => {
  expect([sizeFor([], NOW), sizeFor([claim({ isVisible: false })], NOW)]).toEqual([null, null]);
});

test('a tiny window gets what it asks for when it is alone, and no less than the floor among others', () => {
  const tiny = claim({ size: small, usedAt: 2 });
  expect(sizeFor([tiny], NOW)).toEqual(small);
  expect(sizeFor([tiny, claim({ isReadOnly: true }), claim({ size: null })], NOW)).toEqual(small);
  expect(sizeFor([tiny, claim()], NOW)).toEqual({ cols: 20, rows: 5 });
});

const anyClaim = fc.record({
  attachmentId: fc.uuid(),
  size: fc.option(fc.record({ cols: fc.integer({ min: 2, max: 300 }), rows: fc.integer({ min: 1, max: 100 }) })),
  isVisible: fc.boolean(),
  isReadOnly: fc.boolean(),
  usedAt: fc.integer({ min: 0, max: 50 }),
  countsFrom: fc.constantFrom(0, NOW + 1),
});

test('whoever decides may, was used no earlier than any other that may, and using it again changes nothing', () => {
  fc.assert(
    fc.property(fc.array(anyClaim, { maxLength: 8 }), (claims) => {
      const controller = controllerOf(claims, NOW);
      const eligible = claims.filter((c) => c.size && c.isVisible && !c.isReadOnly && c.countsFrom <= NOW);
      expect(controller === null).toBe(eligible.length === 0);
      if (!controller) return;
      expect(eligible).toContain(controller);
      expect(Math.max(...eligible.map(({ usedAt }) => usedAt))).toBe(controller.usedAt);
      const size = sizeFor(claims, NOW);
      const again = claims.map((c) => (c === controller ? { ...c, usedAt: c.usedAt + 100 } : c));
      expect(sizeFor(again, NOW)).toEqual(size);
    }),
  );
});
