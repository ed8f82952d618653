import { expect, test } from 'vitest';
import { CommandScanner, lineOf } from './commandScan.ts';

/** bash with marks in PS0 and PS1, as its line editor echoes. */
const SHELL =
  '\x1b]133;A\x07$ \x1b]133;B\x07ls -l\r\n\x1b]133;C\x07total 0\r\n\x1b]133;D;0\x07' +
  '\x1b]133;A\x07$ \x1b]133;B\x07ecko\b\x1b[K\b\x1b[Kho hi\r\n\x1b]133;C\x07hi\r\n\x1b]133;D;0\x07';

test('commands are found where their output begins, with what was typed', () => {
  const found = new CommandScanner().scan(SHELL);
  expect(found.map(({ text }) => text)).toEqual(['ls -l', 'echo hi']);
  expect(found.map(({ index }) => SHELL.slice(index, index + 2))).toEqual(['to', 'hi']);
});

test('however the output is cut', () => {
  for (let cut = 0; cut <= SHELL.length; cut++) {
    const scanner = new CommandScanner();
    const [first, second] = [scanner.scan(SHELL.slice(0, cut)), scanner.scan(SHELL.slice(cut))];
    expect([...first, ...second].map(({ text }) => text)).toEqual(['ls -l', 'echo hi']);
    expect(second.every(({ index }) => index >= 0)).toBe(true);
  }
});

test('what the shell says of a command goes before what was printed', () => {
  const vscode = '\x1b]633;A\x07$ \x1b]633;B\x07make -j\x1b]633;E;make -j 8;n\x07\r\n\x1b]633;C\x07';
  const kitty = '\x1b]133;A\x1b\\$ \x1b]133;B\x1b\\x\r\n\x1b]133;C;cmdline_url=git%20log\x1b\\';
  expect(new CommandScanner().scan(vscode + kitty).map(({ text }) => text)).toEqual(['make -j 8', 'git log']);
});

test('a mark without its prompt is a command without a text, and an endless string is no mark', () => {
  const scanner = new CommandScanner();
  expect(scanner.scan('\x1b]133;C\x07')).toEqual([{ index: 8, text: '' }]);
  expect(scanner.scan(`\x1b]133;C;${'x'.repeat(20_000)}`)).toEqual([]);
  expect(scanner.scan('\x07 \x1b]133;C\x07')).toEqual([{ index: 10, text: '' }]);
});

test('a line is what its editor left', () => {
  expect([lineOf('abc\b\bX'), lineOf('one\r\ntwo'), lineOf('\x1b[32mgreen\x1b[m'), lineOf('abcd\b\b\x1b[K!')]).toEqual([
    'aXc',
    'one',
    'green',
    'ab!',
  ]);
});
