import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { MAX_TOKENS_PER_PERSON, tokenIdOf } from '../../protocol/tokens.ts';
import { createTestDatabase, type TestDatabase } from '../../db/testing.ts';
import { AccessTokenStore } from './accessTokenStore.ts';

const ada = { email: 'ada@example.com', name: 'Ada' };
let database: TestDatabase;
let store: AccessTokenStore;
beforeAll(async () => {
  database = await createTestDatabase();
  store = new AccessTokenStore(database.knex);
});
beforeEach(() => database.knex('access_tokens').delete());
afterAll(() => database.drop());

const make = (name = 'laptop', lifetimeDays = 90) => store.create(ada, { name, lifetimeDays });
const lastUse = async () => (await store.list(ada.email))[0]!.lastUsedAt;

test('a new token is found by itself, and the table holds only its hash', async () => {
  const { token, id } = await make();
  expect(tokenIdOf(token)).toBe(id);
  expect(await store.find(token)).toMatchObject({ tokenId: id, ...ada });
  const rows = await database.knex('access_tokens');
  expect(rows[0]!.token_hash).toMatch(/^[0-9a-f]{64}$/);
  expect(JSON.stringify(rows)).not.toContain(token.slice(-43));
});

test('the right id with another secret is no token', async () => {
  const { token } = await make();
  const other = (await make('other')).token;
  expect(await store.find(token.slice(0, 20) + other.slice(20))).toBeUndefined();
  expect(await store.find('hf_nonsense')).toBeUndefined();
});

test('it lives for the days that were chosen', async () => {
  const { createdAt, expiresAt } = await make('short', 7);
  const days = (Date.parse(expiresAt) - Date.parse(createdAt)) / 86_400_000;
  expect(Math.abs(days - 7)).toBeLessThan(0.01);
});

test('a use is noted at most once a minute, and not for an expired token', async () => {
  const { token, id } = await make();
  expect(await lastUse()).toBeNull();
  await store.find(token);
  const first = await lastUse();
  expect(first).not.toBeNull();
  await store.find(token);
  expect(await lastUse()).toBe(first);
  const ago = (time: string) => database.knex.raw(`now() - interval '${time}'`) as unknown as Date;
  await database
    .knex('access_tokens')
    .where({ id })
    .update({ last_used_at: ago('61 seconds') });
  await store.find(token);
  expect(Date.parse((await lastUse())!)).toBeGreaterThanOrEqual(Date.parse(first!));
  await database
    .knex('access_tokens')
    .where({ id })
    .update({ expires_at: ago('1 second'), last_used_at: null });
  expect((await store.find(token))!.expiresAt).toBeLessThan(Date.now());
  expect(await lastUse()).toBeNull();
});

test('a person revokes their own tokens and nobody else their', async () => {
  const { token, id } = await make();
  await expect(store.revoke('bob@example.com', id)).rejects.toMatchObject({ code: 'token.not_found' });
  await store.revoke(ada.email, id);
  expect(await store.find(token)).toBeUndefined();
  await expect(store.revoke(ada.email, id)).rejects.toMatchObject({ code: 'token.not_found' });
});

test('requests at once do not make more tokens than a person may have', async () => {
  const made = await Promise.allSettled(Array.from({ length: MAX_TOKENS_PER_PERSON + 5 }, (_, i) => make(`t${i}`)));
  const codes = made
    .filter((result) => result.status === 'rejected')
    .map(({ reason }) => (reason as { code: string }).code);
  expect(codes).toEqual(Array.from({ length: 5 }, () => 'token.too_many'));
  expect(await store.list(ada.email)).toHaveLength(MAX_TOKENS_PER_PERSON);
});
