import { expect, test } from 'vitest';
import { AppError, type ErrorCode } from '../../protocol/errors.ts';
import { doubtOf } from './putAway.ts';

const refused = (code: ErrorCode, message: string) => doubtOf(new AppError(code, message));

test('what runs is asked for before it is ended', () => {
  expect(refused('session.busy', 'something runs')).toMatchObject({ action: 'End and put away', terms: {} });
});

test('what could not be stored is named, and may be left', () => {
  expect(refused('state.incomplete', 'not all of it was stored: big.bin (too large)')).toEqual({
    sentence:
      'It goes on running: not all of it was stored: big.bin (too large). What is not stored may be missing when it is woken.',
    action: 'Put away anyway',
    terms: { evenIfNotStored: true },
  });
  expect(refused('state.unavailable', 'the store is away')?.action).toBe('Put away anyway');
});

test('nothing is asked where no answer would help', () => {
  expect([refused('database.unavailable', 'away'), refused('session.not_running', 'ended'), doubtOf(null)]).toEqual([
    null,
    null,
    null,
  ]);
});
