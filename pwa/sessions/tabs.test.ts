import { expect, test } from 'vitest';
import { closeTab, keepTabs, noTabs, numberedTab, openTab, parseTabs, stepTab, tabsInView } from './tabs.ts';

const three = { open: ['a', 'b', 'c'], active: 'b' };

test('opening a session twice shows the tab that is there', () => {
  expect(openTab(openTab(openTab(noTabs, 'a'), 'b'), 'a')).toEqual({ open: ['a', 'b'], active: 'a' });
});

test('closing the tab in view shows its neighbour', () => {
  expect([
    closeTab(three, 'b').active,
    closeTab({ ...three, active: 'c' }, 'c').active,
    closeTab(three, 'a').active,
  ]).toEqual(['c', 'b', 'b']);
});

test('of tabs shown beside each other, the one that takes over is said by who shows them, as long as it is there', () => {
  const inFront = { ...three, active: 'c' };
  expect(closeTab(inFront, 'c', () => 'a').active).toBe('a');
  expect(closeTab(inFront, 'c', () => 'z').active).toBe('b');
  expect(closeTab(inFront, 'a', () => 'b').active).toBe('c');
  const heirs = new Map([
    ['c', 'b'],
    ['b', 'c'],
  ]);
  expect(
    keepTabs(
      inFront,
      (id) => id === 'a',
      (id) => heirs.get(id) ?? null,
    ),
  ).toEqual({ open: ['a'], active: 'a' });
});

test('closing the last tab leaves none', () => {
  expect(closeTab({ open: ['a'], active: 'a' }, 'a')).toEqual(noTabs);
});

test('stepping goes round', () => {
  expect([stepTab({ ...three, active: 'c' }, 1).active, stepTab({ ...three, active: 'a' }, -1).active]).toEqual([
    'a',
    'c',
  ]);
});

test('a number picks a tab, nine the last one, a missing one nothing', () => {
  expect([numberedTab(three, 1).active, numberedTab(three, 9).active, numberedTab(three, 4).active]).toEqual([
    'a',
    'c',
    'b',
  ]);
});

test('one tab is in view, or those in front of their panes, the one with the keys first', () => {
  expect([tabsInView(three, null), tabsInView(noTabs, null)]).toEqual([['b'], []]);
  expect([tabsInView(three, new Set(['a', 'b', 'z'])), tabsInView(three, new Set(['a']))]).toEqual([['b', 'a'], ['a']]);
});

test('tabs of sessions that are gone go too', () => {
  expect(keepTabs(three, (id) => id !== 'b')).toEqual({ open: ['a', 'c'], active: 'c' });
});

test('stored tabs are believed only when they make sense', () => {
  expect([null, 'x', '{}', '{"open":[1]}'].map(parseTabs)).toEqual([null, null, null, null]);
  expect(parseTabs('{"open":["a","b"],"active":"z"}')).toEqual({ open: ['a', 'b'], active: 'a' });
});
