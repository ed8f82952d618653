import { expect, test } from 'vitest';
import { amountText, heldText, visibleText } from './waitingText.ts';

const held = { bytes: 3, since: 0, isAsking: false, text: 'ls\r' };

test('characters are counted as a person does, and a size is said where only the beginning is known', () => {
  expect([amountText(held), amountText({ bytes: 1, text: 'x' }), amountText({ bytes: 4, text: '😀' })]).toEqual([
    '3 characters',
    '1 character',
    '1 character',
  ]);
  expect(amountText({ bytes: 3000, text: 'x'.repeat(256) })).toBe('3 kB');
});

test('how old it is, is said when the person is asked', () => {
  expect([heldText(held, 60_000), heldText({ ...held, isAsking: true }, 60_000)]).toEqual([
    '3 characters typed while offline',
    '3 characters typed while offline, 1 min ago',
  ]);
});

test('keys that draw nothing have signs', () => {
  expect(visibleText('ls\r\x1b[A\x7fé')).toBe('ls␍␛[A␡é');
});
