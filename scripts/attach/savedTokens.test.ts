import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { savedToken, saveToken } from './savedTokens.ts';

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'hf-tokens-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, 'config/holdfast');
}

test('a token is kept for its address alone, and for nobody else to read', () => {
  const folder = newFolder();
  expect(savedToken(folder, 'http://a')).toBeUndefined();
  saveToken(folder, 'http://a', 'first');
  saveToken(folder, 'http://b', 'other');
  const file = saveToken(folder, 'http://a', 'second');
  expect([savedToken(folder, 'http://a'), savedToken(folder, 'http://b')]).toEqual(['second', 'other']);
  expect([statSync(file).mode & 0o777, statSync(folder).mode & 0o777]).toEqual([0o600, 0o700]);
  expect(readdirSync(folder)).toEqual(['tokens.json']);
});

test('a file that others may read, or that is broken, is refused with what to do', () => {
  const folder = newFolder();
  const file = saveToken(folder, 'http://a', 'first');
  chmodSync(file, 0o640);
  expect(() => savedToken(folder, 'http://a')).toThrow(/chmod 600/);
  chmodSync(file, 0o600);
  writeFileSync(file, '{"http://a":');
  expect(() => savedToken(folder, 'http://a')).toThrow(expect.objectContaining({ code: 'config.invalid' }));
});
