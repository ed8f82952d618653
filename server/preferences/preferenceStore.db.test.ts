import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../db/testing.ts';
import { PreferenceStore } from './preferenceStore.ts';

const ADA = 'ada@example.com';
const BOB = 'bob@example.com';
let database: TestDatabase;
let store: PreferenceStore;
beforeAll(async () => {
  database = await createTestDatabase();
  store = new PreferenceStore(database.knex);
});
beforeEach(() => database.knex('preferences').delete());
afterAll(() => database.drop());

const refusalOf = (work: Promise<unknown>) => work.then(() => 'accepted').catch((error: unknown) => error);
const changedTo = (revision: string) => ({ code: 'preferences.changed', details: { revision } });

test('a document comes back as it was put, in the order of its members', async () => {
  const value = { zebra: 1, a: [null, { deep: 'ä💡\\' }], '': 1.5 };
  const made = await store.put(ADA, 'settings', 0, value);
  expect(made).toMatchObject({ name: 'settings', revision: 1 });
  const [listed] = await store.list(ADA);
  expect(listed).toEqual(made);
  expect(JSON.stringify(listed!.value)).toBe(JSON.stringify(value));
});

test('a change takes the place of the revision it was made upon, and of no other', async () => {
  await store.put(ADA, 'settings', 0, { a: 1 });
  expect(await store.put(ADA, 'settings', 1, { a: 2 })).toMatchObject({ revision: 2, value: { a: 2 } });
  for (const stale of [0, 1, 3])
    expect(await refusalOf(store.put(ADA, 'settings', stale, { a: 9 }))).toMatchObject(changedTo('2'));
  expect(await refusalOf(store.put(ADA, 'keymap', 1, {}))).toMatchObject(changedTo('0'));
  expect((await store.list(ADA)).map(({ value }) => value)).toEqual([{ a: 2 }]);
});

test('of many who saw the same revision one comes through, at the first time and later', async () => {
  for (const revision of [0, 1]) {
    const puts = Array.from({ length: 8 }, (_, i) => store.put(ADA, 'layout', revision, { i }));
    const results = await Promise.allSettled(puts);
    const winners = results.filter(({ status }) => status === 'fulfilled');
    expect(winners).toHaveLength(1);
    const [document] = await store.list(ADA);
    expect(winners[0]).toMatchObject({ value: document });
  }
});

test('a person has their own documents and sees no other', async () => {
  await store.put(ADA, 'settings', 0, { whose: 'ada' });
  await store.put(BOB, 'settings', 0, { whose: 'bob' });
  await store.put(BOB, 'settings', 1, { whose: 'bob', again: true });
  expect((await store.list(ADA)).map(({ value }) => value)).toEqual([{ whose: 'ada' }]);
  expect(await store.list('eve@example.com')).toEqual([]);
});
