import { fc } from '../server/testing/property.ts';
import { expect, test } from 'vitest';
import { defaultShardIndex, emailHash, rendezvousOrder, shardPreference } from './routing.ts';

test('the hash is the sum of the UTF-16 code units', () => {
  expect(emailHash('ab@c')).toBe(97 + 98 + 64 + 99);
  expect(emailHash('🦑')).toBe(0xd83e + 0xdd91);
});

test('case and surrounding space do not move a person', () => {
  expect(emailHash('  Ada@Example.COM ')).toBe(emailHash('ada@example.com'));
});

test('the default is the hash modulo the number of shards', () => {
  const email = 'ada@example.com';
  expect([1, 2, 3, 7].map((count) => defaultShardIndex(email, count))).toEqual(
    [1, 2, 3, 7].map((count) => emailHash(email) % count),
  );
});

test('no shards is an error, not a silent NaN', () => {
  expect(() => defaultShardIndex('ada@example.com', 0)).toThrow(RangeError);
});

const people = Array.from({ length: 2000 }, (_, i) => `person-${i}@example.com`);

test('losing a shard moves only its own people', () => {
  const before = people.map((id) => rendezvousOrder(id, ['a', 'b', 'c'])[0]);
  const after = people.map((id) => rendezvousOrder(id, ['a', 'c'])[0]);
  expect(after.filter((owner, i) => owner !== before[i]).length).toBe(before.filter((owner) => owner === 'b').length);
});

test('rendezvous order spreads people evenly', () => {
  const share = people.filter((id) => rendezvousOrder(id, ['a', 'b', 'c'])[0] === 'a').length / people.length;
  expect(share).toBeGreaterThan(0.28);
  expect(share).toBeLessThan(0.39);
});

test('a preference names every shard once, the default first, whatever the order they are listed in', () => {
  fc.assert(
    fc.property(
      fc.emailAddress(),
      fc.uniqueArray(fc.stringMatching(/^[a-z]{1,8}$/), { minLength: 1, maxLength: 6 }),
      (email, shards) => {
        const order = shardPreference(email, shards);
        expect([...order].sort()).toEqual([...shards].sort());
        expect(order[0]).toBe(shards[defaultShardIndex(email, shards.length)]);
        expect(rendezvousOrder(email, shards)).toEqual(rendezvousOrder(email, [...shards].reverse()));
      },
    ),
  );
});
