import { expect, test } from 'vitest';
import { ligatureRanges } from './ligatures.ts';

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
