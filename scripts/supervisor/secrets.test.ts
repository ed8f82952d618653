import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ensureSecrets } from './secrets.ts';

let dir: string;
let file: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'holdfast-secrets-'));
  file = join(dir, 'secrets.json');
});
afterEach(() => rmSync(dir, { recursive: true }));

test('secrets are made once and readable by us alone', () => {
  const first = ensureSecrets(file, ['backend-1']);
  expect(ensureSecrets(file, ['backend-1'])).toEqual(first);
  expect((statSync(file).mode & 0o777).toString(8)).toBe('600');
});

test('a new shard gets its own keys and changes nobody else’s', () => {
  const before = ensureSecrets(file, ['backend-1']);
  const after = ensureSecrets(file, ['backend-1', 'backend-2']);
  expect(after.hostKeys['backend-1']).toBe(before.hostKeys['backend-1']);
  expect(after.hostKeys['backend-2']).not.toBe(before.hostKeys['backend-1']);
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(after);
});

test('an instance of an earlier release gets the key of stored screens, and keeps what it has', () => {
  const { screensKey, ...earlier } = ensureSecrets(file, ['backend-1']);
  writeFileSync(file, JSON.stringify(earlier));
  const after = ensureSecrets(file, ['backend-1']);
  expect(after).toEqual({ ...earlier, screensKey: after.screensKey });
  expect([Buffer.from(after.screensKey, 'base64url').length, after.screensKey === screensKey]).toEqual([32, false]);
  expect(ensureSecrets(file, ['backend-1'])).toEqual(after);
});

test('only the private half of the key for assertions can sign', () => {
  const { assertionKey } = ensureSecrets(file, []);
  expect(assertionKey.private).toMatchObject({ kty: 'OKP', crv: 'Ed25519', d: expect.any(String) as string });
  expect(assertionKey.public).not.toHaveProperty('d');
  expect(assertionKey.public['x']).toBe(assertionKey.private['x']);
});

test('a damaged file is not replaced, because the database belongs to its passwords', () => {
  writeFileSync(file, '{}');
  expect(() => ensureSecrets(file, [])).toThrow('is damaged');
  expect(readFileSync(file, 'utf8')).toBe('{}');
});
