import { expect, test } from 'vitest';
import { InputLedger } from './inputLedger.ts';

test('each frame is accepted once and in order', () => {
  const ledger = new InputLedger();
  expect([1, 2, 2, 1, 4, 3].map((seq) => ledger.offer('a', seq))).toEqual([
    'accept',
    'accept',
    'duplicate',
    'duplicate',
    'gap',
    'accept',
  ]);
});

test('attachments do not share numbers', () => {
  const ledger = new InputLedger();
  ledger.offer('a', 1);
  expect(ledger.offer('b', 1)).toBe('accept');
});

test('written lags behind accepted, and never goes back', () => {
  const ledger = new InputLedger();
  ledger.offer('a', 1);
  ledger.offer('a', 2);
  expect(ledger.written('a')).toBe(0);
  ledger.wrote('a', 2);
  ledger.wrote('a', 1);
  expect(ledger.written('a')).toBe(2);
});

test("the screen's numbers are offsets: they only grow", () => {
  const ledger = new InputLedger();
  expect([10, 500, 500, 499].map((seq) => ledger.offer('screen', seq, true))).toEqual([
    'accept',
    'accept',
    'duplicate',
    'duplicate',
  ]);
});

test('the attachment that was silent longest is forgotten first', () => {
  const ledger = new InputLedger();
  for (let i = 0; i < 300; i++) {
    ledger.offer('kept', i + 1);
    ledger.offer(`other-${i}`, 1);
  }
  expect(ledger.offer('kept', 300)).toBe('duplicate');
});
