import { expect, test } from 'vitest';
import type { OwnBinding } from '../ui/keymap.ts';
import { MAX_OWN_BINDINGS } from './keyTable.ts';
import { editedLines, linesWritten, troublesIn } from './writtenKeys.ts';

const line = (keys: string, action: string | null = 'tab.next'): OwnBinding => ({ keys, action });
const saidOf = (...lines: OwnBinding[]) =>
  troublesIn(
    lines,
    (id) => id !== 'tab.nxt',
    (id) => id.toUpperCase(),
  );

test('lines are read from what is written, and what are none is said', () => {
  expect(linesWritten('{ "bindings": [{ "keys": "F2", "action": null }] }')).toEqual([line('F2', null)]);
  expect(linesWritten('[]')).toBe('It must be { "bindings": [ … ] }.');
  expect(linesWritten('{ "bindings": [7] }')).toMatch(/^Each line must be/);
  expect(linesWritten('{')).toMatch(/JSON/);
  const many = Array.from({ length: MAX_OWN_BINDINGS + 1 }, () => line('F2'));
  expect(linesWritten(JSON.stringify({ bindings: many }))).toMatch(/are no keymap/);
});

test('a chord that would never be waited for, keys of two actions, and what means nothing cannot be', () => {
  expect(saidOf(line('Ctrl+Q Ctrl+W'), line('Ctrl+Q', 'tab.close'))).toEqual([
    'the second key of Ctrl+Q Ctrl+W would never be waited for: Ctrl+Q is “TAB.CLOSE” by itself',
  ]);
  expect(saidOf(line('F1 F2'))).toEqual([
    'the second key of F1 F2 would never be waited for: F1 is “PALETTE.SHOW” by itself',
  ]);
  expect(saidOf(line('Alt+1'), line('alt+1', 'tab.close'))).toEqual(['Alt+1 stands in more than one line']);
  expect(saidOf(line('Ctrl+J', 'tab.nxt'), line('Ctrl++'))).toEqual([
    'there is no action “tab.nxt”',
    expect.stringContaining('says no keys'),
  ]);
});

test('what the table would only warn of may be written', () => {
  expect(saidOf(line('a'), line('F6'), line('F1', null), line('F1 F2'), line('Ctrl+C Ctrl+J'))).toEqual([]);
});

test('of the lines of now only those are changed that were changed of the lines that were shown', () => {
  const shown = [line('F2'), line('F3'), line('F4'), line('F7')];
  const now = [line('F2'), line('F3', 'tab.close'), line('F7'), line('F8', null)];
  const edited = [line('F2', 'theme.next'), line('f3'), line('F4'), line('F9')];
  expect(editedLines(now, shown, edited)).toEqual([
    line('F2', 'theme.next'),
    line('f3', 'tab.close'), // as another window gave it
    line('F9'),
    line('F8', null),
  ]);
  expect(editedLines(shown, shown, edited)).toEqual(edited);
});
