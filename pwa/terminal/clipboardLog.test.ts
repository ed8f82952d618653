import { expect, test } from 'vitest';
import { noteClipboard, outcomeText, useClipboardLog } from './clipboardLog.ts';

test('what programs did is kept in order, without the text, and only so much of it', () => {
  const log = useClipboardLog();
  noteClipboard('a', 'copied', 'grüße 👩‍💻', 5);
  noteClipboard('b', 'read', '', 6);
  expect(log.value.map(({ sessionId, at, outcome }) => [sessionId, at, outcome])).toEqual([
    ['b', 6, 'read'],
    ['a', 5, 'copied'],
  ]);
  expect(JSON.stringify(log.value)).not.toContain('grüße');
  expect(log.value.map(outcomeText)).toEqual([
    'wanted to read the clipboard: refused, as always',
    'copied 9 characters',
  ]);
  for (let i = 0; i < 200; i++) noteClipboard('c', 'never', 'x');
  expect([log.value.length, new Set(log.value.map(({ id }) => id)).size]).toEqual([50, 50]);
  expect(outcomeText(log.value[0]!)).toBe('wanted to copy 1 character: not in this session');
});
