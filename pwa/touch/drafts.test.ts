// @vitest-environment happy-dom
import { beforeEach, expect, test } from 'vitest';
import { forgetPerson } from '../connection/traces.ts';
import { BrowserStorage } from '../ui/browserStorage.ts';
import { dropDrafts, keepDraft, readDraft } from './drafts.ts';

beforeEach(() => localStorage.clear());

test('a draft is kept for its session until it is empty', () => {
  keepDraft('a', 'fix the\ntest');
  keepDraft('b', 'other');
  const kept = [readDraft('a'), readDraft('b'), readDraft('c')];
  keepDraft('a', '');
  expect([kept, readDraft('a'), localStorage.length]).toEqual([['fix the\ntest', 'other', ''], '', 1]);
});

test('drafts leave with their session, and with their person', async () => {
  keepDraft('a', 'one');
  keepDraft('b', 'two');
  localStorage.setItem('holdfast.theme', 'dark');
  dropDrafts((id) => id === 'b');
  const kept = [readDraft('a'), readDraft('b')];
  await forgetPerson();
  expect([kept, readDraft('b'), localStorage.getItem('holdfast.theme')]).toEqual([['', 'two'], '', 'dark']);
});

test('a browser without room is told of, and the window holds the draft', () => {
  const full = new BrowserStorage(() => {
    throw new Error('full');
  });
  expect([keepDraft('a', 'text', full), readDraft('a', full)]).toEqual([false, 'text']);
});
