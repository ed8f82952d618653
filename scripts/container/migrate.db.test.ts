import { afterAll, beforeAll, expect, test } from 'vitest';
import { connect } from '../../db/connect.ts';
import { asAdmin } from '../../db/databases.ts';
import { adminUrl, createTestDatabase, type TestDatabase } from '../../db/testing.ts';
import { migrate, type MigrationPlan } from './migrate.ts';

let database: TestDatabase;
let plan: MigrationPlan;
const roles = ['frontend', 'backend'].map((kind) => `holdfast_test_container_${kind}_${process.pid}`);

beforeAll(async () => {
  database = await createTestDatabase({ isMigrated: false });
  const [frontendUrl, backendUrl] = roles.map((role) => database.url.replace(/\/\/[^@]*@/, `//${role}:secret@`));
  plan = { adminUrl: database.url, frontendUrl: frontendUrl!, backendUrls: [backendUrl!] };
});
afterAll(async () => {
  await database.drop();
  await asAdmin(adminUrl(), async (client) => {
    for (const role of roles) await client.query(`drop role if exists ${role}`);
  });
});

async function countShards(url: string): Promise<unknown> {
  const knex = connect(url);
  try {
    return (await knex('shards').count())[0];
  } finally {
    await knex.destroy();
  }
}

test('an empty database becomes one that the instances log in to, and a second time changes nothing', async () => {
  expect((await migrate(plan))[0]).toMatch(/^migrations applied: /);
  expect(await Promise.all([plan.frontendUrl, ...plan.backendUrls].map(countShards))).toEqual([
    { count: '0' },
    { count: '0' },
  ]);
  expect(await migrate(plan)).toEqual(['the schema was up to date', `roles: ${roles.join(', ')}`]);
});
