import { expect, test } from 'vitest';
import { parseOsc133, parseOsc633, parseOsc7, parseOsc9Cwd } from './shellMarks.ts';

test('OSC 133 marks prompt, command, output and end', () => {
  expect(['A', 'A;cl=m;aid=7', 'B', 'C', 'D', 'D;130', 'D;1;aid=7', 'D;err'].map(parseOsc133)).toEqual([
    { kind: 'prompt' },
    { kind: 'prompt' },
    { kind: 'command' },
    { kind: 'output', text: null },
    { kind: 'end', exitCode: null },
    { kind: 'end', exitCode: 130 },
    { kind: 'end', exitCode: 1 },
    { kind: 'end', exitCode: null },
  ]);
});

test('continuation lines and what is not known are no marks', () => {
  expect(['A;k=s', 'P;k=r', 'Z', ''].map(parseOsc133)).toEqual([null, null, null, null]);
});

test('OSC 633 tells the command and the directory, escaped', () => {
  expect([
    parseOsc633(String.raw`E;echo a\x3b echo \\n;nonce`),
    parseOsc633(String.raw`P;Cwd=/home/a\x3bb`),
    parseOsc633('P;IsWindows=False'),
    parseOsc633('D;2'),
  ]).toEqual([
    { kind: 'text', text: String.raw`echo a; echo \n` },
    { kind: 'cwd', path: '/home/a;b' },
    null,
    { kind: 'end', exitCode: 2 },
  ]);
});

test('a command line comes with the output mark where the shell is asked by kitty', () => {
  expect([parseOsc133('C;cmdline_url=ls%20-l'), parseOsc133('C;cmdline_url=%zz')]).toEqual([
    { kind: 'output', text: 'ls -l' },
    { kind: 'output', text: null },
  ]);
});

test('directories come as OSC 7 and 9;9', () => {
  expect([
    parseOsc7('file://host/a%20b'),
    parseOsc7('file:///100%'),
    parseOsc7('http://x/y'),
    parseOsc9Cwd('9;"/x y"'),
    parseOsc7('file:///a%1bb'),
  ]).toEqual([
    { kind: 'cwd', path: '/a b' },
    { kind: 'cwd', path: '/100%' },
    null,
    { kind: 'cwd', path: '/x y' },
    null,
  ]);
});
