import { expect, test } from 'vitest';
import { attentionFor, heavier, LONG_COMMAND_MS } from './attention.ts';

const plain = { isLate: false };
const ended = (exitCode: number | null, durationMs: number | null) =>
  attentionFor({ ...plain, kind: 'commandEnded', command: 'npm test', exitCode, durationMs });

test('bells, notices and long commands ask for attention, short ones do not', () => {
  const notice = { source: 'osc777', id: null, urgency: 'normal', when: 'always' } as const;
  expect(attentionFor({ ...plain, kind: 'bell' })?.kind).toBe('bell');
  expect(attentionFor({ ...plain, ...notice, kind: 'notification', title: 'Claude', body: 'needs you' })).toEqual({
    kind: 'notice',
    text: 'Claude: needs you',
  });
  expect(ended(0, LONG_COMMAND_MS)).toEqual({ kind: 'done', text: 'npm test is done' });
  expect(ended(2, LONG_COMMAND_MS)).toEqual({ kind: 'failed', text: 'npm test failed (2)' });
  expect([ended(2, LONG_COMMAND_MS - 1), ended(2, null)]).toEqual([null, null]);
});

test('a bell does not cover what a notice said', () => {
  const notice = { kind: 'notice', text: 'needs you' } as const;
  const bell = { kind: 'bell', text: 'The bell rang' } as const;
  const failed = { kind: 'failed', text: 'it failed' } as const;
  expect([heavier(undefined, bell), heavier(notice, bell), heavier(notice, failed), heavier(bell, notice)]).toEqual([
    bell,
    notice,
    failed,
    notice,
  ]);
});
