import { expect, test } from 'vitest';
import { numbered, safeName } from './names.ts';

test.each([
  ['../../etc/passwd', 'passwd'],
  ['C:\\Users\\ada\\report.pdf', 'report.pdf'],
  ['a/b/', 'b'],
  ['..', 'file'],
  ['.', 'file'],
  ['/', 'file'],
  ['\u0000\n', 'file'],
  ['a\u001b[31m\nb.txt', 'a[31mb.txt'],
  ['evil\u202egnp.exe', 'evilgnp.exe'],
  ['Füße 図 👩‍💻.png', 'Füße 図 👩‍💻.png'],
  ['Fu\u0308r.txt', 'Für.txt'],
  ['.bashrc', '.bashrc'],
  ['-rf', '-rf'],
  ['\ud800a.txt', 'a.txt'],
])('%j becomes %j', (given, safe) => {
  expect(safeName(given)).toBe(safe);
});

test('a long name keeps its ending, and no character is cut in two', () => {
  const name = safeName(`${'図'.repeat(200)}.tar.gz`);
  expect(name).toMatch(/^図+\.tar\.gz$/);
  expect(Buffer.byteLength(name)).toBeLessThanOrEqual(240);
});

test('a number goes before the ending', () => {
  expect(['a.png', 'a.tar.gz', 'Makefile', '.env', 'v1.2 notes'].map((name) => numbered(name, 2))).toEqual([
    'a-2.png',
    'a-2.tar.gz',
    'Makefile-2',
    '.env-2',
    'v1-2.2 notes',
  ]);
});
