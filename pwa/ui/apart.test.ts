import { expect, test } from 'vitest';
import { apart } from './apart.ts';

test('a name from left to right stays as it is', () => {
  expect(['bash', 'naïve 日本 👩‍👩‍👧', ''].map(apart)).toEqual(['bash', 'naïve 日本 👩‍👩‍👧', '']);
});

test('a name from right to left keeps its direction to itself', () => {
  expect(['سلمى', 'api خادم 2', 'שלום'].map(apart)).toEqual([
    '\u2068سلمى\u2069',
    '\u2068api خادم 2\u2069',
    '\u2068שלום\u2069',
  ]);
});

test('what would turn the words around it is left out', () => {
  expect(['a\u202etxt.exe', '\u2069\u2067x', '\u200fسلمى\u2069'].map(apart)).toEqual([
    'atxt.exe',
    'x',
    '\u2068سلمى\u2069',
  ]);
});
