import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../db/testing.ts';
import { SessionStore } from './sessionStore.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

const [ADA, BOB] = ['ada@example.com', 'bob@example.com'];
const open = (shardId: string, name: string, isNameOurs: boolean, owner = ADA) =>
  new SessionStore(database.knex, shardId).create(
    {
      ...{ id: randomUUID(), owner_email: owner, project_id: null, incarnation: 1, host_generation: 'g1', name },
      ...{ command: ['bash'], cwd: '/', cols: 80, rows: 24, created_at: new Date(), conversation_id: null },
    },
    isNameOurs,
  );

test('of ten sessions that are opened at once on several shards each has a name of its own', async () => {
  const names = await Promise.all(Array.from({ length: 10 }, (_, i) => open(`backend-${i % 3}`, 'bash', true)));
  expect(names.sort()).toEqual(['bash', ...[10, 2, 3, 4, 5, 6, 7, 8, 9].map((number) => `bash ${number}`)]);
});

test('a name that a person chose may be there already, and another person’s names are none of theirs', async () => {
  expect(await Promise.all([open('backend-1', 'bash 3', false), open('backend-1', 'bash', true, BOB)])).toEqual([
    'bash 3',
    'bash',
  ]);
});
