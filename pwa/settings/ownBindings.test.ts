import { expect, test } from 'vitest';
import { ownBindings } from './ownBindings.ts';

test('bindings are taken as they are written, and what is none is left out', () => {
  const good = { keys: 'Ctrl+J', action: 'tab.next' };
  const away = { keys: 'F1', action: null };
  const bindings = [good, away, null, 7, { keys: 'F2' }, { keys: 3, action: 'tab.next' }];
  expect(ownBindings({ bindings, more: 'of a newer app' })).toEqual([good, away]);
  expect([ownBindings({}), ownBindings({ bindings: 'none' })]).toEqual([[], []]);
});
