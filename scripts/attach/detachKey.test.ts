import { expect, test } from 'vitest';
import { DetachKeys, parseDetachKey } from './detachKey.ts';

function type(...chunks: string[]) {
  const keys = new DetachKeys(parseDetachKey('^]'));
  let sent = '';
  for (const chunk of chunks) {
    const { bytes, isDetached } = keys.take(Buffer.from(chunk, 'utf8'));
    sent += Buffer.from(bytes).toString();
    if (isDetached) return `${sent}|detached`;
  }
  return keys.isPressed ? `${sent}|pressed` : sent;
}

test('keys go through as they are, also those of more than a byte', () => {
  expect(type('ls é 漢\r', '\x1b[A', '\x03')).toBe('ls é 漢\r\x1b[A\x03');
});

test('one press waits, a second is sent through once, another key detaches', () => {
  expect(type('a\x1d')).toBe('a|pressed');
  expect(type('a\x1d', '\x1db')).toBe('a\x1db');
  expect(type('a\x1d\x1d\x1d')).toBe('a\x1d|pressed');
  expect(type('a\x1d', 'b')).toBe('a|detached');
});

test('the key is known in the spellings of the keyboard protocols, and its release is no press', () => {
  expect(type('\x1b[93;5u')).toBe('|pressed');
  expect(type('\x1b[93::93;5:1u')).toBe('|pressed');
  expect(type('\x1b[27;5;93~')).toBe('|pressed');
  expect(type('\x1b[93;5:3u')).toBe('\x1b[93;5:3u');
  expect(type('\x1b[93;1u\x1b[94;5u')).toBe('\x1b[93;1u\x1b[94;5u');
});

test('a paste may contain it, wherever the paste is cut', () => {
  const paste = '\x1b[200~one\x1dtwo\x1b[201~';
  expect(type(paste)).toBe(paste);
  expect(type(...paste)).toBe(paste);
  expect(type(paste, '\x1d')).toBe(`${paste}|pressed`);
});

test('another key can be chosen, or none; those that programs need are refused', () => {
  expect(parseDetachKey('^a')).toEqual({ name: 'Ctrl-A', byte: 1 });
  expect(parseDetachKey('none')).toBeNull();
  for (const text of ['^c', '^[', '^m', 'q', '^', '']) {
    expect(() => parseDetachKey(text)).toThrow(expect.objectContaining({ code: 'input.invalid' }));
  }
  expect(Buffer.from(new DetachKeys(null).take(Buffer.from('\x1d')).bytes).toString()).toBe('\x1d');
});
