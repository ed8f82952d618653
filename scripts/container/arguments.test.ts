import { expect, test } from 'vitest';
import { parseContainerArguments } from './arguments.ts';

const parse = (line: string) => parseContainerArguments(line.split(' ').filter(Boolean));

test('each command has what it needs', () => {
  expect(parse('secrets /s --shard a --shard b')).toEqual({
    command: 'secrets',
    directory: '/s',
    shardIds: ['a', 'b'],
    database: 'database:5432/holdfast',
    admin: 'holdfast',
  });
  expect(parse('drain --wait 30')).toEqual({ command: 'drain', waitSeconds: 30 });
  expect(parse('sign-in ada@example.com')).toEqual({ command: 'sign-in', email: 'ada@example.com', origin: undefined });
  expect([parse(''), parse('migrate --help')]).toEqual([{ command: 'help' }, { command: 'help' }]);
});

test('what is missing is said in a sentence', () => {
  expect(() => parse('secrets /s')).toThrow('--shard');
  expect(() => parse('migrate --admin f')).toThrow('--frontend');
  expect(() => parse('sign-in ada')).toThrow('e-mail');
  expect(() => parse('drain --wait soon')).toThrow('--wait soon');
  expect(() => parse('start')).toThrow('There is no command start');
  expect(() => parse('undrain now please')).toThrow('please is too much');
});
