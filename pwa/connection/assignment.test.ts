import { expect, test } from 'vitest';
import { chooseAssignment, parseAssignment, renewAssignment } from './assignment.ts';

const shards = ['backend-1', 'backend-2'].map((id) => ({ id, url: `/api/shards/${id}` }));
const record = {
  email: 'ada@example.org',
  shardId: 'backend-1',
  url: '/api/shards/backend-1',
  epoch: 3,
  assignedAt: '2026-01-02T03:04:05.000Z',
};

test('a record survives being stored', () => {
  expect(parseAssignment(JSON.stringify(record))).toEqual(record);
});

test('what is not a record is no record', () => {
  const texts = [null, '', 'nonsense', '{"email":', '[]', 'null', JSON.stringify({ ...record, epoch: '3' })];
  expect(texts.map(parseAssignment)).toEqual(texts.map(() => null));
});

test('an address that is not the path of its shard here is not followed', () => {
  const places = [
    { url: 'https://evil.example/api/shards/backend-1' },
    { url: '//evil.example' },
    { url: '@evil.example/api/shards/backend-1' }, // behind the port it would make that a user's name
    { url: '.evil.example' },
    { url: '/api/shards/backend-2' },
    { url: '/api/sign-out?' },
    { shardId: '..', url: '/api/shards/..' },
    { shardId: '../../x', url: '/api/shards/../../x' },
    { shardId: '', url: '/api/shards/' },
  ];
  const found = places.map((place) => parseAssignment(JSON.stringify({ ...record, ...place })));
  expect(found).toEqual(places.map(() => null));
});

test("another person's record is ignored, however the name is typed", () => {
  expect(chooseAssignment('eve@example.org', record)).toBeNull();
  expect(chooseAssignment(' ADA@example.org', record)).toEqual(record);
});

test('the mirror stands in when local storage was cleared', () => {
  expect(chooseAssignment('ada@example.org', null, record)).toEqual(record);
});

test('a record is renewed only when the answer differs', () => {
  const now = new Date('2026-05-05T05:05:05.000Z');
  const same = { email: record.email, shardId: record.shardId, url: record.url, epoch: 3, reason: 'kept' as const };
  expect(renewAssignment(record, same, now, shards)).toBe(record);
  expect(renewAssignment(record, { ...same, epoch: 4 }, now, shards)).toEqual({
    ...record,
    epoch: 4,
    assignedAt: now.toISOString(),
  });
});

test('a guess that the server made without its database does not move anyone', () => {
  const guess = { ...record, shardId: 'backend-2', url: '/api/shards/backend-2', epoch: 0, reason: 'hash' as const };
  expect(renewAssignment(record, guess, new Date(), shards)).toBe(record);
  expect(renewAssignment(null, guess, new Date(), shards)).toMatchObject({ shardId: 'backend-2', epoch: 0 });
});

test('of a shard that is not there, even a guess is worth more than the record', () => {
  const gone = { ...record, shardId: 'backend-9', url: '/api/shards/backend-9', epoch: 1e9 };
  const guess = { ...record, epoch: 0, reason: 'hash' as const };
  expect(renewAssignment(gone, guess, new Date(), shards)).toMatchObject({ shardId: 'backend-1', epoch: 0 });
});
