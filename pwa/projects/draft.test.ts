import { expect, test } from 'vitest';
import { draftOf, joinCommand, meaningOf, parseEnvironment, splitCommand } from './draft.ts';

test('a command line is split as a shell would', () => {
  expect(splitCommand(`make test  'two words' "a \\"b\\"" it\\ is ''`)).toEqual([
    'make',
    'test',
    'two words',
    'a "b"',
    'it is',
    '',
  ]);
});

test('a quote that is left open is said, not guessed', () => {
  expect(() => splitCommand(`echo "half`)).toThrow('A double quote is not closed.');
});

test('a command survives being shown and read again', () => {
  const command = ['claude', '--model', 'x y', `it's`, '', '$HOME', '--a=b'];
  expect(splitCommand(joinCommand(command))).toEqual(command);
});

test('environment entries keep everything behind the first equals sign', () => {
  expect(parseEnvironment('A=1\n\n  B_2 = x=y \n')).toEqual({ A: '1', B_2: ' x=y ' });
});

test('a line that is no entry is quoted back', () => {
  expect(() => parseEnvironment('2X=1')).toThrow('“2X=1” is not NAME=value.');
});

test('only another command carries a command', () => {
  const draft = { ...draftOf(null), name: ' checkout ', command: 'ignored' };
  expect(meaningOf(draft)).toEqual({ name: 'checkout', preset: 'shell', command: null, environment: {} });
  expect(meaningOf({ ...draft, preset: 'custom', command: 'htop -d 5' }).command).toEqual(['htop', '-d', '5']);
});
