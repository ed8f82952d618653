import { afterAll, beforeAll, expect, test } from 'vitest';
import { connect } from './connect.ts';
import { asAdmin } from './databases.ts';
import { ensurePrincipals, type Principal } from './grants.ts';
import { adminUrl, createTestDatabase, type TestDatabase } from './testing.ts';

let database: TestDatabase;
const suffix = `${process.pid}_${Date.now()}`;
const principals: Principal[] = [
  { role: `holdfast_test_frontend_${suffix}`, password: 'front', kind: 'frontend' },
  { role: `holdfast_test_backend_${suffix}`, password: 'back', kind: 'backend' },
];

beforeAll(async () => {
  database = await createTestDatabase();
  await ensurePrincipals(database.url, principals);
});
afterAll(async () => {
  await database.drop();
  await asAdmin(adminUrl(), async (client) => {
    for (const { role } of principals) await client.query(`drop role if exists ${role}`);
  });
});

async function asRole(kind: Principal['kind'], sql: string): Promise<string> {
  const { role, password } = principals.find((principal) => principal.kind === kind)!;
  const url = database.url.replace(/\/\/[^@]*@/, `//${role}:${password}@`);
  const knex = connect(url);
  try {
    await knex.raw(sql);
    return 'allowed';
  } catch (error) {
    return (error as Error & { code: string }).code === '42501' ? 'refused' : String(error);
  } finally {
    await knex.destroy();
  }
}

test('a backend reads neither browser sessions nor sign-in links', async () => {
  expect(await asRole('backend', 'select * from auth_sessions')).toBe('refused');
  expect(await asRole('backend', 'select * from sign_in_links')).toBe('refused');
  expect(await asRole('backend', 'select * from access_tokens')).toBe('refused');
  expect(await asRole('backend', 'select * from push_subscriptions')).toBe('refused');
  expect(await asRole('backend', 'select * from push_calls')).toBe('refused');
  expect(await asRole('backend', `update users set name = 'x'`)).toBe('refused');
});

test('a backend writes projects, sessions and orders to other shards', async () => {
  const project = `insert into projects (owner_email, name, directory, preset) values ('a@b', 'n', '.', 'shell')`;
  const order = `insert into shard_commands (shard_id, kind, session_id, requested_by) values ('backend-1', 'close', gen_random_uuid(), 'a@b')`;
  expect(await asRole('backend', project)).toBe('allowed');
  expect(await asRole('backend', order)).toBe('allowed');
});

test('the frontend signs people in and sees no project', async () => {
  expect(await asRole('frontend', `insert into users (email, name) values ('a@b', 'A')`)).toBe('allowed');
  expect(await asRole('frontend', 'select * from shards')).toBe('allowed');
  expect(await asRole('frontend', 'select * from access_tokens')).toBe('allowed');
  expect(await asRole('frontend', 'select * from projects')).toBe('refused');
  expect(await asRole('frontend', 'select * from push_subscriptions')).toBe('allowed');
  expect(await asRole('frontend', 'select * from preferences')).toBe('refused');
  expect(await asRole('frontend', 'select * from presence')).toBe('refused');
});

test('the frontend counts people by their sessions and sees nothing else of these', async () => {
  const count = `select count(distinct owner_email) from sessions where shard_id = 'backend-1' and state = 'running'`;
  expect(await asRole('frontend', count)).toBe('allowed');
  expect(await asRole('frontend', 'select command from sessions')).toBe('refused');
  expect(await asRole('frontend', 'select id, cwd, name from sessions')).toBe('refused');
  expect(await asRole('frontend', `update sessions set state = 'lost'`)).toBe('refused');
});

test('a backend sees how many places are reserved and reserves none', async () => {
  expect(await asRole('backend', 'select count(*) from reservations')).toBe('allowed');
  expect(await asRole('backend', `insert into reservations values ('a@b', 'backend-1', now())`)).toBe('refused');
  expect(await asRole('backend', 'select * from assignments')).toBe('refused');
});

test('nobody but the administrator changes the schema', async () => {
  expect(await asRole('backend', 'create table holdfast.mine (id int)')).toBe('refused');
  expect(await asRole('frontend', 'drop table holdfast.users')).not.toBe('allowed');
});

test('the grants can be renewed at every start', async () => {
  expect(await ensurePrincipals(database.url, principals)).toBe(true);
  expect(await asRole('frontend', 'select * from users')).toBe('allowed');
});

test('an administrator who may not make roles is told so', async () => {
  const { role, password } = principals[1]!;
  const url = database.url.replace(/\/\/[^@]*@/, `//${role}:${password}@`);
  expect(await ensurePrincipals(url, principals)).toBe(false);
});

test('roles that serve another database are left alone', async () => {
  const other = await createTestDatabase();
  expect(await ensurePrincipals(other.url, principals)).toBe(false);
  await other.drop();
});
