import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { pathsText, quoted } from './quote.ts';

test('what a shell would not take for itself stays as it is', () => {
  expect(['/a/b-1.png', '/füße/図.txt', '/a b', '/$HOME/x', "/it's"].map(quoted)).toEqual([
    '/a/b-1.png',
    '/füße/図.txt',
    "'/a b'",
    "'/$HOME/x'",
    String.raw`'/it'\''s'`,
  ]);
});

test('a shell reads back what was quoted', () => {
  const names = [
    'a b',
    "it's",
    '$(id)',
    '`id`',
    'a"b',
    'a\\b',
    '*',
    '~',
    '#x',
    'a&b;c|d',
    '図 👍',
    '!1',
    '{a,b}',
    "''",
  ];
  const printed = execFileSync('/bin/sh', ['-c', `printf '%s\\n' ${pathsText(names)}`]).toString();
  expect(printed.trimEnd().split('\n')).toEqual(names);
});
