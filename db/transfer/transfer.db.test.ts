import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest';
import { migrateDown } from '../migrate.ts';
import { createTestDatabase, type TestDatabase } from '../testing.ts';
import { exportDatabase } from './export.ts';
import { importDatabase } from './import.ts';
import { tablesInOrder } from './tables.ts';
import { asAdmin } from '../databases.ts';

let folder: string;
let file: string;
let source: TestDatabase;
let target: TestDatabase;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'hf-transfer-'));
  file = join(folder, 'all.tar.gz');
  [source, target] = [await createTestDatabase(), await createTestDatabase()];
  await fill(source);
});
afterEach(async () => {
  rmSync(folder, { recursive: true, force: true });
  await Promise.all([source.drop(), target.drop()]);
});

/** Rows that are hard to write down, with references and a sequence that has moved on. */
async function fill({ knex }: TestDatabase): Promise<void> {
  await knex('users').insert([
    { email: 'ada@example.com', name: 'Ada\t"\\N"\n\\.\n💡' },
    { email: 'bob@example.com', name: '' },
  ]);
  await knex('access_tokens').insert({
    id: 't1',
    token_hash: 'h',
    email: 'ada@example.com',
    name: 'n',
    expires_at: new Date(8.64e12),
  });
  await knex('preferences').insert({
    owner_email: 'ada@example.com',
    name: 'keymap',
    revision: 7,
    value: JSON.stringify({ z: '\t\\', a: '💡' }) as unknown as Record<string, unknown>,
  });
  const [project] = await knex('projects')
    .insert({ owner_email: 'ada@example.com', name: 'p', directory: '.', preset: 'shell', environment: { A: 'ä\\' } })
    .returning('id');
  const session = { owner_email: 'ada@example.com', shard_id: 's', name: 'n', state: 'exited' as const, cwd: '/' };
  const [row] = await knex('sessions')
    .insert({
      ...session,
      project_id: project!.id,
      command: JSON.stringify(['a', 'b\nc']) as unknown as string[],
      cols: 80,
      rows: 24,
      exit_code: 0,
    })
    .returning('id');
  await knex('session_screens').insert({
    session_id: row!.id,
    incarnation: 1,
    byte_offset: '9007199254740993',
    cols: 80,
    rows: 24,
    screen: randomBytes(3_000_000), // more than one piece
    recent: Buffer.alloc(0),
  });
  for (let i = 0; i < 3; i++)
    await knex('shard_commands').insert({ shard_id: 's', kind: 'close', session_id: row!.id, requested_by: 'a@b' });
  await knex('shard_commands').where({ id: '3' }).delete();
}

async function contents({ url, knex }: TestDatabase) {
  const tables = await asAdmin(url, tablesInOrder);
  const found: Record<string, string[]> = {};
  for (const { name } of tables) {
    const { rows } = await knex.raw<{ rows: { row: string }[] }>(`select md5(t::text) as row from ?? t order by 1`, [
      name,
    ]);
    found[name] = rows.map(({ row }) => row);
  }
  return found;
}

const refusalOf = (work: Promise<unknown>) =>
  work.then(
    () => 'accepted',
    (error: Error & { code?: string }) => `${error.code}: ${error.message}`,
  );
const quiet = () => undefined;
const isEmpty = async (database: TestDatabase) =>
  Object.values(await contents(database)).every((rows) => rows.length === 0);

test('everything that is exported is there after the import, and the sequences go on', async () => {
  const exported: Record<string, number> = {};
  await exportDatabase(source.url, file, (table, rows) => void (exported[table] = rows));
  expect(exported).toMatchObject({
    users: 2,
    preferences: 1,
    projects: 1,
    sessions: 1,
    session_screens: 1,
    shard_commands: 2,
    shards: 0,
  });
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const imported: Record<string, number> = {};
  await importDatabase(target.url, file, (table, rows) => (imported[table] = rows));
  expect(imported).toEqual(exported);
  expect(await contents(target)).toEqual(await contents(source));
  const order = {
    shard_id: 's',
    kind: 'close',
    session_id: '00000000-0000-4000-8000-000000000000',
    requested_by: 'a@b',
  };
  expect(await target.knex('shard_commands').insert(order).returning('id')).toEqual([{ id: '4' }]);
});

test('an export is of one moment', async () => {
  const tables: string[] = [];
  await exportDatabase(source.url, file, async (table) => {
    tables.push(table);
    // Behind the first table somebody goes on working.
    if (tables.length === 1) await source.knex('users').update({ name: 'later' });
  });
  expect(tables.indexOf('users')).toBeGreaterThan(0);
  await importDatabase(target.url, file, quiet);
  expect(await target.knex('users').where({ name: 'later' })).toEqual([]);
});

test('a file that is there is not written over', async () => {
  writeFileSync(file, 'mine');
  expect(await refusalOf(exportDatabase(source.url, file, quiet))).toMatch(/^config.invalid: There is a file/);
  expect(readFileSync(file, 'utf8')).toBe('mine');
});

test('an export that fails leaves no file', async () => {
  const empty = await createTestDatabase({ isMigrated: false });
  onTestFinished(() => empty.drop());
  expect(await refusalOf(exportDatabase(empty.url, file, quiet))).toMatch(/^config.invalid: .*nothing to export/);
  const failing = () => {
    throw new Error('the disk is full');
  };
  expect(await refusalOf(exportDatabase(source.url, file, failing))).toMatch(/the disk is full/);
  expect([existsSync(file), existsSync(`${file}.part`)]).toEqual([false, false]);
});

test('nothing is imported into a database with rows, or with another schema', async () => {
  await exportDatabase(source.url, file, quiet);
  await target.knex('users').insert({ email: 'eve@example.com', name: 'Eve' });
  expect(await refusalOf(importDatabase(target.url, file, quiet))).toBe(
    'database.import_refused: The database is not empty: there are rows in users.',
  );
  expect(await target.knex('users').select('email')).toEqual([{ email: 'eve@example.com' }]);
  await target.knex('users').delete();
  await migrateDown(target.url, { all: false });
  expect(await refusalOf(importDatabase(target.url, file, quiet))).toMatch(
    /^database.import_refused: The export was made at \w+, the database is at \w+: migrate it to the same state first/,
  );
  expect(await isEmpty(target)).toBe(true);
});

test('of a file that is cut off, damaged or something else nothing is imported', async () => {
  await exportDatabase(source.url, file, quiet);
  const whole = readFileSync(file);
  const damaged = Buffer.from(whole);
  damaged.fill(0x55, 1_000_000, 1_001_000);
  const files = [
    whole.subarray(0, whole.length - 200),
    whole.subarray(0, 1000),
    damaged,
    Buffer.from('no export'),
    Buffer.alloc(0),
  ];
  for (const content of files) {
    writeFileSync(file, content);
    expect(await refusalOf(importDatabase(target.url, file, quiet))).toMatch(/^database.import_refused: /);
    expect(await isEmpty(target)).toBe(true);
  }
  expect(await refusalOf(importDatabase(target.url, join(folder, 'none'), quiet))).toMatch(
    /^database.import_refused: .*ENOENT/,
  );
});
