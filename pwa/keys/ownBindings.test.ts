import { expect, test } from 'vitest';
import { ownBindings, troubleIn } from './ownBindings.ts';

test('bindings are taken as they are written, and what is none is left out', () => {
  const good = { keys: 'Ctrl+J', action: 'tab.next' };
  const away = { keys: 'F1', action: null };
  const bindings = [good, away, null, 7, { keys: 'F2' }, { keys: 3, action: 'tab.next' }];
  expect(ownBindings({ bindings, more: 'of a newer app' })).toEqual([good, away]);
  expect([ownBindings({}), ownBindings({ bindings: 'none' })]).toEqual([[], []]);
});

test('what is wrong with a line is said', () => {
  const isAction = (id: string) => id === 'tab.next';
  expect(troubleIn({ keys: 'Ctrl+J', action: 'tab.next' }, isAction)).toBeNull();
  expect(troubleIn({ keys: 'Ctrl+J', action: null }, isAction)).toBeNull();
  expect(troubleIn({ keys: 'Ctrl+J', action: 'tab.nxt' }, isAction)).toContain('there is no action');
  expect(troubleIn({ keys: 'Ctrl++', action: 'tab.next' }, isAction)).toContain('says no keys');
});
