import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { madeSecrets } from '../../server/testing/madeSecrets.ts';
import { principalOf } from './migrate.ts';
import { secretFiles, writeSecretFiles } from './secretFiles.ts';

const plan = { shardIds: ['backend-1'], database: 'db:5432/holdfast', admin: 'owner' };
let directory: string;
const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8);

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'holdfast-secrets-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

test('an instance’s address has its own role, and the migration reads role and password back out of it', () => {
  const secrets = madeSecrets(['backend-1']);
  const files = secretFiles(plan, secrets);
  const password = secrets.databasePasswords['backend-1']!;
  expect(files['backend-1_url']).toBe(`postgres://holdfast_backend_1:${password}@db:5432/holdfast`);
  expect(principalOf(files['backend-1_url']!, 'backend')).toEqual({
    role: 'holdfast_backend_1',
    password,
    kind: 'backend',
  });
  expect(JSON.parse(files['assertion_public_keys']!)).toEqual([secrets.assertionKey.public]);
});

test('an address without a password is refused without being told', () => {
  expect(() => principalOf('postgres://role@secret-host/x', 'backend')).toThrow(
    /^The address of a backend (?!.*secret-host)/,
  );
});

test('the folder is ours alone, its files can be mounted one by one, and what is there stays', () => {
  expect(writeSecretFiles(directory, { a: 'first' })).toEqual(['a']);
  expect(writeSecretFiles(directory, { a: 'second', b: 'new' })).toEqual(['b']);
  expect(readFileSync(join(directory, 'a'), 'utf8')).toBe('first');
  expect([modeOf(directory), modeOf(join(directory, 'a'))]).toEqual(['700', '444']);
});
