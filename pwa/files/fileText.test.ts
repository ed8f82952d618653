import { expect, test } from 'vitest';
import type { FileEntry } from '../../protocol/files.ts';
import { crumbsOf, shownEntries, sizeText } from './fileText.ts';

test('a size has three figures at most', () => {
  expect([0, 1, 999, 1000, 1024, 10 * 1024, 1023 * 1024, 5.25 * 1024 ** 3].map(sizeText)).toEqual([
    '0 B',
    '1 B',
    '999 B',
    '1.0 kB',
    '1.0 kB',
    '10 kB',
    '1.0 MB',
    '5.3 GB',
  ]);
});

test('the way to a folder begins where nobody goes above', () => {
  expect(crumbsOf('/people/ada/work/app/src', '/people/ada/work')).toEqual([
    { name: 'work', path: '/people/ada/work' },
    { name: 'app', path: '/people/ada/work/app' },
    { name: 'src', path: '/people/ada/work/app/src' },
  ]);
  expect(crumbsOf('/', '/')).toEqual([{ name: '/', path: '/' }]);
  expect(crumbsOf('/etc', '/')).toEqual([
    { name: '/', path: '/' },
    { name: 'etc', path: '/etc' },
  ]);
});

test('folders come first, numbers by their value, dots on demand', () => {
  const entry = (name: string, kind: FileEntry['kind'] = 'file') =>
    ({ name, kind, isLink: false, sizeBytes: null, modifiedAt: null }) satisfies FileEntry;
  const all = [entry('10'), entry('b'), entry('9'), entry('src', 'directory'), entry('.env'), entry('A')];
  expect(shownEntries(all, false).map(({ name }) => name)).toEqual(['src', '9', '10', 'A', 'b']);
  expect(shownEntries(all, true).map(({ name }) => name)).toContain('.env');
});
