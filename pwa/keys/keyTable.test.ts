import { expect, test } from 'vitest';
import { fc } from '../../server/testing/property.ts';
import { DEFAULT_BINDINGS, Keymap, parseKeys, type OwnBinding } from '../ui/keymap.ts';
import * as table from './keyTable.ts';

const ownerOf = (own: readonly OwnBinding[], keys: string) =>
  new Keymap(own).bindings.find((one) => one.keys === keys)?.action ?? null;
const saidOf = (own: readonly OwnBinding[], keys: string, action: string, instead?: string) =>
  table.consequencesOf(own, keys, action, instead).map((one) => table.sentenceFor(one, (id) => id.toUpperCase()));

test('keys are given to an action, back to the program, and become what they come as', () => {
  const own = table.given([], 'F6', 'session.new');
  expect([own, ownerOf(own, 'F6')]).toEqual([[{ keys: 'F6', action: 'session.new' }], 'session.new']);
  const back = table.givenBack(own, 'F6');
  expect([back, ownerOf(back, 'F6')]).toEqual([[{ keys: 'F6', action: null }], null]);
  expect(table.asTheyCome(back, 'F6')).toEqual([]);
  expect(table.given(back, 'F6', 'region.next')).toEqual([]);
  expect(table.givenBack([{ keys: 'ctrl+j', action: 'tab.next' }], 'Ctrl+J')).toEqual([]);
});

test('an action lets go of what it was given to whom it comes with, and of its own to the program', () => {
  const own = [{ keys: 'F6', action: 'session.new' }];
  expect([table.letGo(own, 'F6', 'session.new'), table.letGo(own, 'F1', 'palette.show')]).toEqual([
    [],
    [...own, { keys: 'F1', action: null }],
  ]);
});

test('an action that differs from the standard is told, and has its own keys again', () => {
  const own = [
    { keys: 'Ctrl+J', action: 'region.next' },
    { keys: 'F6', action: 'session.new' },
    { keys: 'F1', action: null },
    { keys: 'Alt+1', action: 'tab.9' },
  ];
  const changed = ['region.next', 'session.new', 'palette.show', 'tab.1', 'tab.9', 'tab.2'];
  expect(changed.filter((id) => table.isChanged(own, id))).toEqual(changed.slice(0, 5));
  const after = table.standardAgain(own, 'region.next');
  expect([after, table.isChanged(after, 'region.next')]).toEqual([own.slice(2), false]);
  expect(table.awayKeys(own)).toEqual([{ keys: 'F1', action: 'palette.show' }]);
});

test('what comes of new keys is said before, and whose they were', () => {
  const own = [
    { keys: 'Ctrl+K Ctrl+T', action: 'theme.next' },
    { keys: 'Ctrl+K Ctrl+K', action: 'tab.next' },
  ];
  expect(saidOf([], 'F6', 'tab.next')).toEqual(['F6 is “REGION.NEXT”: it will be taken from it.']);
  expect(saidOf(own, 'Ctrl+K', 'tab.close')).toEqual([
    'Ctrl+K Ctrl+T is “THEME.NEXT”, and could not be pressed any more.',
    'Ctrl+K Ctrl+K is “TAB.NEXT”, and could not be pressed any more.',
  ]);
  expect(saidOf([], 'F1 F1', 'tab.next')).toEqual([
    'F1 is “PALETTE.SHOW” by itself: the second key would never be waited for.',
  ]);
  expect(saidOf(own, 'Ctrl+K Ctrl+J', 'tab.next')).toEqual([]);
  expect(saidOf([], 'Ctrl+B', 'tab.next')).toEqual([
    'Ctrl+B goes to the program in the terminal now, and would not any more.',
  ]);
  expect(saidOf([], 'Shift+A', 'tab.next')).toEqual(['Shift+A could not be typed into any terminal any more.']);
  expect(saidOf([], 'Ctrl+PageUp', 'tab.previous')).toEqual(['Ctrl+PageUp is that already.']);
  expect(saidOf([], 'Ctrl+PageUp', 'tab.next')).toContain(
    'A browser tab keeps Ctrl+PageUp for itself: only the installed app gets it.',
  );
});

test('keys that take the place of others meet only what stays', () => {
  expect(saidOf([], 'F1 F2', 'palette.show', 'F1')).toEqual([
    'F1 goes to the program in the terminal now, and would not any more.',
  ]);
  const said = table.consequencesOf([], 'F1 F2', 'palette.show');
  expect([table.isImpossible(said), table.isImpossible(table.consequencesOf([], 'F6', 'tab.next'))]).toEqual([
    true,
    false,
  ]);
});

test('whatever was done, keys are the action’s they were given to, and back to the standard is the standard', () => {
  const keys = fc
    .constantFrom('F1', 'F6', 'Alt+1', 'Ctrl+J', 'Ctrl+K Ctrl+T', 'Mod+Shift+P')
    .map((one) => parseKeys(one)!);
  const action = fc.constantFrom(...DEFAULT_BINDINGS.map((one) => one.action), 'theme.next');
  const step = fc.record({ keys, action, kind: fc.constantFrom('given', 'givenBack', 'asTheyCome') });
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 12 }), (steps) => {
      let own: OwnBinding[] = [];
      for (const { keys, action, kind } of steps) {
        own = kind === 'given' ? table.given(own, keys, action) : table[kind](own, keys);
        const wanted = { given: action, givenBack: null, asTheyCome: ownerOf([], keys) }[kind];
        expect(ownerOf(own, keys)).toBe(wanted);
        expect(own.filter((one) => one.keys === keys).length).toBeLessThanOrEqual(1);
      }
      for (const { action } of [...DEFAULT_BINDINGS, { action: 'theme.next' }]) own = table.standardAgain(own, action);
      expect(own).toEqual([]);
    }),
  );
});

test('a line is found by words, by its keys, and by what is pressed', () => {
  const rows = [
    { id: 'tab.next', title: 'Next tab', group: 'Window', keys: ['Alt+PageDown'] },
    { id: 'theme.next', title: 'Theme', group: 'Settings', keys: ['Ctrl+K Ctrl+T'] },
    { id: 'tab.close', title: 'Close tab', group: 'Window', keys: [] },
  ];
  const like = (words: string, pressed = '') => table.rowsLike(rows, words, pressed).map(({ id }) => id);
  expect([like(''), like('window TAB'), like('pagedown')]).toEqual([
    ['tab.next', 'theme.next', 'tab.close'],
    ['tab.next', 'tab.close'],
    ['tab.next'],
  ]);
  expect([like('', 'Ctrl+K'), like('', 'Ctrl+K Ctrl+T'), like('', 'Ctrl')]).toEqual([
    ['theme.next'],
    ['theme.next'],
    [],
  ]);
});
