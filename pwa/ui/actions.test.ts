import { expect, test } from 'vitest';
import { createActions, type Action } from './actions.ts';

const action = (id: string, run: () => void = () => undefined, more: Partial<Action> = {}): Action => ({
  id,
  title: id,
  group: 'Window',
  run,
  ...more,
});

test('an action is run by its name, if there is something to do it to', () => {
  const done: string[] = [];
  const actions = createActions();
  actions.add([action('a', () => done.push('a')), action('b', () => done.push('b'), { isAvailable: () => false })]);
  expect([actions.run('a'), actions.run('b'), actions.run('c'), done]).toEqual([true, false, false, ['a']]);
});

test('who takes its actions out leaves those of others, and what stood there before', () => {
  const actions = createActions();
  const outer = action('a');
  actions.add([outer, action('b')]);
  const removeInner = actions.add([action('a'), action('c')]);
  const removeLater = actions.add([action('c')]);
  removeInner();
  expect(actions.all().map(({ id }) => id)).toEqual(['a', 'b', 'c']);
  expect(actions.find('a')).toBe(outer);
  removeLater();
  expect(actions.find('b')).not.toBeNull();
});
