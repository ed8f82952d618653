/** Three roles that were there before, a migrator who is nobody special, and what each may do. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connect } from './connect.ts';
import { asAdmin } from './databases.ts';
import { grantExisting, type Grantee } from './grants.ts';
import { migrateDown, migrateLatest } from './migrate.ts';
import { createTestDatabase, type TestDatabase } from './testing.ts';
import { adminUrl } from './testing.ts';

const PASSWORD = 'only-for-this-test';
const migrator = randomUUID();
const [frontend, backend1, backend2] = [randomUUID(), randomUUID(), randomUUID()];
const grantees: Grantee[] = [
  { role: frontend, kind: 'frontend' },
  { role: backend1, kind: 'backend' },
  { role: backend2, kind: 'backend' },
];
const roles = [migrator, frontend, backend1, backend2];
let database: TestDatabase;

const urlOf = (role: string) => database.url.replace(/\/\/[^@]*@/, `//${role}:${PASSWORD}@`);

beforeAll(async () => {
  database = await createTestDatabase({ isMigrated: false });
  for (const role of roles) {
    await database.knex.raw(`create role "${role}" login noinherit password '${PASSWORD}'`);
    // As Lakebase grants it: each may make schemas of its own in the database.
    await database.knex.raw('grant connect, create on database ?? to ??', [database.name, role]);
  }
  await migrateLatest(urlOf(migrator));
});
afterAll(async () => {
  await database?.drop();
  await asAdmin(adminUrl(), async (client) => {
    for (const role of roles) await client.query(`drop role if exists "${role}"`);
  });
});

/** `allowed`, or the SQL state: 42501 is refused. */
async function tryAs(role: string, sql: string): Promise<string> {
  const knex = connect(urlOf(role));
  try {
    await knex.raw(sql);
    return 'allowed';
  } catch (error) {
    return (error as Error & { code: string }).code;
  } finally {
    await knex.destroy();
  }
}

const everyTable = async () => {
  const { rows } = await database.knex.raw<{ rows: { name: string }[] }>(
    `select tablename as name from pg_tables where schemaname = 'holdfast' order by 1`,
  );
  return rows.map(({ name }) => name);
};

test('a role that is missing is named, and then nobody is granted anything', async () => {
  const missing = randomUUID();
  await expect(grantExisting(urlOf(migrator), [...grantees, { role: missing, kind: 'backend' }])).rejects.toMatchObject(
    {
      code: 'config.invalid',
      message: expect.stringContaining(missing) as string,
    },
  );
  expect(await tryAs(frontend, 'select * from holdfast.users')).toBe('42501');
});

test('a migration and the grants after it let all three work, again and again', async () => {
  await grantExisting(urlOf(migrator), grantees);
  await grantExisting(urlOf(migrator), grantees);
  const project = `insert into projects (owner_email, name, directory, preset) values ('a@b', '%', '.', 'shell')`;
  const order = `insert into shard_commands (shard_id, kind, session_id, requested_by) values ('backend-2', 'close', gen_random_uuid(), 'a@b')`;
  const works = async () => [
    await tryAs(backend2, 'select * from preferences'),
    await tryAs(frontend, 'select * from access_tokens'),
    await tryAs(backend1, project.replace('%', randomUUID())),
    await tryAs(backend2, project.replace('%', randomUUID())),
    await tryAs(backend1, order),
  ];
  expect(await works()).toEqual(Array(5).fill('allowed'));
  // A table that is made anew has no grants until they are repeated.
  await migrateDown(urlOf(migrator), { all: true });
  expect(await migrateLatest(urlOf(migrator))).toContain('0013_access_tokens');
  expect((await works())[0]).toBe('42501');
  await grantExisting(urlOf(migrator), grantees);
  expect(await works()).toEqual(Array(5).fill('allowed'));
});

test('no instance makes, changes or drops anything in the schema', async () => {
  await grantExisting(urlOf(migrator), grantees);
  for (const { role } of grantees) {
    for (const sql of [
      'create table holdfast.mine (id int)',
      'create function holdfast.mine() returns int language sql as $$ select 1 $$',
      'alter table holdfast.users add column mine int',
      'drop table holdfast.sessions',
      'truncate holdfast.sessions',
      'create index on holdfast.sessions (name)',
      `comment on table holdfast.users is 'mine'`,
      `alter schema holdfast owner to "${role}"`,
    ])
      expect([sql, await tryAs(role, sql)]).not.toEqual([sql, 'allowed']);
  }
});

test('each role reads the tables of its kind and no other one', async () => {
  await grantExisting(urlOf(migrator), grantees);
  const readable = async (role: string) => {
    const found: string[] = [];
    for (const table of await everyTable())
      if ((await tryAs(role, `select * from holdfast.${table}`)) === 'allowed') found.push(table);
    return found;
  };
  expect(await readable(frontend)).toEqual([
    'access_tokens',
    'assignments',
    'auth_sessions',
    'push_calls',
    'push_subscriptions',
    'reservations',
    'shards',
    'sign_in_links',
    'users',
  ]);
  const ofBackends = [
    'preferences',
    'presence',
    'projects',
    'reservations',
    'session_screens',
    'sessions',
    'shard_commands',
    'shards',
    'users',
  ];
  expect(await readable(backend1)).toEqual(ofBackends);
  expect(await readable(backend2)).toEqual(ofBackends);
});
