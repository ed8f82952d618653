import { expect, test } from 'vitest';
import { afterKey, NOTHING_HELD, tapped, typedWith, type Holds } from './modifiers.ts';

const held = (parts: Partial<Holds>): Holds => ({ ...NOTHING_HELD, ...parts });

test('a modifier is held for one key, tapped twice until it is tapped again', () => {
  const once = tapped(NOTHING_HELD, 'ctrl');
  const locked = tapped(once, 'ctrl');
  expect([once.ctrl, afterKey(once).ctrl, locked.ctrl, afterKey(locked).ctrl, tapped(locked, 'ctrl').ctrl]).toEqual([
    'once',
    'off',
    'locked',
    'locked',
    'off',
  ]);
});

test.each([
  ['Ctrl makes a control character of a letter', 'c', { ctrl: 'once' }, '\x03'],
  ['in capitals, too', 'C', { ctrl: 'locked' }, '\x03'],
  ['and of a few signs', '[', { ctrl: 'once' }, '\x1b'],
  ['a sign that Ctrl means nothing for stays', 'é', { ctrl: 'once' }, 'é'],
  ['Alt puts ESC before', 'b', { alt: 'once' }, '\x1bb'],
  ['also before Enter', '\r', { alt: 'once' }, '\x1b\r'],
  ['both at once', 'c', { ctrl: 'once', alt: 'once' }, '\x1b\x03'],
  ['Shift makes a capital', 'a', { shift: 'once' }, 'A'],
  ['a sign outside the basic plane is one sign', '😀', { alt: 'once' }, '\x1b😀'],
] as const)('%s', (_, typed, holds, sent) => {
  expect(typedWith(typed, held(holds))).toBe(sent);
});

test('nothing is made of words, of sequences, or while nothing is held', () => {
  const ctrl = held({ ctrl: 'once' });
  expect([typedWith('ls', ctrl), typedWith('\x1b[I', ctrl), typedWith('', ctrl), typedWith('c', NOTHING_HELD)]).toEqual(
    [null, null, null, null],
  );
});
