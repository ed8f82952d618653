import type { Terminal } from '@xterm/xterm';
import { expect, test } from 'vitest';
import { joinLigatures, ligatureRanges } from './ligatures.ts';

const joined = (text: string) => ligatureRanges(text).map(([start, end]) => text.slice(start, end));

test('signs that belong together are one text, and words are none', () => {
  expect(joined('if (a !== b && c => d) x <= y; // why')).toEqual(['!==', '&&', '=>', '<=', '//']);
  expect(joined('[|a|] www.example.org -> <!-- :: ...')).toEqual(['[|', '|]', 'www', '->', '<!--', '::', '...']);
  expect(joined('one two f(x)[0] { } - = "a"')).toEqual([]);
});

test('what is joined is told by where it stands', () => {
  expect(ligatureRanges('a=>b')).toEqual([[1, 3]]);
});

test('a line across the screen is left as it is', () => {
  expect(joined(`${'='.repeat(8)} ${'='.repeat(9)} ${'-'.repeat(80)}`)).toEqual(['='.repeat(8)]);
});

test('a terminal is joined for as long as it is wanted', () => {
  const joiners = new Set<number>();
  const classList = new Set<string>();
  const terminal = {
    registerCharacterJoiner: () => (joiners.add(7), 7),
    deregisterCharacterJoiner: (id: number) => joiners.delete(id),
    element: {
      classList: { add: (name: string) => classList.add(name), remove: (name: string) => classList.delete(name) },
    },
  } as unknown as Terminal;
  const stop = joinLigatures(terminal);
  const during = [joiners.size, classList.size];
  stop();
  expect([during, joiners.size, classList.size]).toEqual([[1, 1], 0, 0]);
});
