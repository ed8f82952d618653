import { expect, test } from 'vitest';
import { defaultBindings, Keymap, parseKeys, strokeName } from './keymap.ts';

const none = { code: '', ctrlKey: false, shiftKey: false, altKey: false, metaKey: false };
const ctrl = { ...none, ctrlKey: true };
const actionOf = (keymap: Keymap, stroke: Parameters<Keymap['press']>[0], hasSelection = false) =>
  keymap.press(stroke, hasSelection).action ?? null;

test('plain typing and control keys belong to the program', () => {
  const keymap = new Keymap();
  const typed = ['a', 'A', 'Enter', 'Tab', 'Escape', 'F5'].map((key) => keymap.press({ ...none, key }, true).owner);
  const controls = ['a', 'r', 'd', 'v', 'w', 'k'].map((key) => keymap.press({ ...ctrl, key }, true).owner);
  expect(new Set([...typed, ...controls])).toEqual(new Set(['program']));
});

test('Ctrl+C interrupts unless there is something to copy', () => {
  const keymap = new Keymap();
  expect([actionOf(keymap, { ...ctrl, key: 'c' }), actionOf(keymap, { ...ctrl, key: 'c' }, true)]).toEqual([
    null,
    'terminal.copy',
  ]);
});

test('F6 leaves the terminal in both directions', () => {
  const keymap = new Keymap();
  expect([actionOf(keymap, { ...none, key: 'F6' }), actionOf(keymap, { ...none, key: 'F6', shiftKey: true })]).toEqual([
    'region.next',
    'region.previous',
  ]);
});

test('a stroke has one name, however the letter comes', () => {
  const shifted = { ...ctrl, shiftKey: true };
  expect([
    strokeName({ ...shifted, key: 'T' }),
    strokeName({ ...shifted, key: 't' }),
    strokeName({ ...none, altKey: true, key: '¡', code: 'Digit1' }), // as macOS types it
    strokeName({ ...ctrl, key: ' ' }),
    strokeName({ ...ctrl, key: '+' }),
  ]).toEqual(['Ctrl+Shift+T', 'Ctrl+Shift+T', 'Alt+1', 'Ctrl+Space', 'Ctrl+Plus']);
});

test.each([
  ['ctrl+shift+k', 'Ctrl+Shift+K'],
  ['shift+ctrl+K', 'Ctrl+Shift+K'],
  ['Mod+k  mod+t', 'Ctrl+K Ctrl+T'],
  ['f1', 'F1'],
  ['ctrl+plus', 'Ctrl+Plus'],
  ['Ctrl+', null],
  ['Hyper+K', null],
  ['a b c', null],
  ['', null],
])('keys written as %j are %j', (text, name) => {
  expect(parseKeys(text, false)).toBe(name);
});

test('on a Mac the window is commanded by Cmd', () => {
  expect(parseKeys('Mod+Shift+P', true)).toBe('Shift+Meta+P');
});

test.each([false, true])('nothing is given out twice (a Mac: %s)', (forMac) => {
  const keys = defaultBindings(forMac).map((one) => parseKeys(one.keys, forMac));
  expect(new Set(keys).size).toBe(keys.length);
  expect(keys).not.toContain(null);
});

test('Cmd is a Mac’s: elsewhere the desktop has that key', () => {
  const cmdW = { ...none, metaKey: true, key: 'w' };
  const [mac, other] = [true, false].map((forMac) => new Keymap([], defaultBindings(forMac)));
  expect([actionOf(mac!, cmdW), actionOf(other!, cmdW)]).toEqual(['tab.close', null]);
});

test('a person takes keys over, gives them away to the program, and may use two strokes', () => {
  const keymap = new Keymap([
    { keys: 'F6', action: 'session.new' },
    { keys: 'F1', action: null },
    { keys: 'Ctrl+K Ctrl+T', action: 'theme.next' },
    { keys: 'no keys at all', action: 'tab.next' },
  ]);
  expect([actionOf(keymap, { ...none, key: 'F6' }), keymap.press({ ...none, key: 'F1' }, false).owner]).toEqual([
    'session.new',
    'program',
  ]);
  expect(keymap.press({ ...ctrl, key: 'k' }, false)).toEqual({ keys: 'Ctrl+K', owner: 'app' });
  expect(keymap.pending).toBe('Ctrl+K');
  expect(keymap.press({ ...ctrl, key: 'Control' }, false).owner).toBe('program'); // only held down: still waiting
  expect(actionOf(keymap, { ...ctrl, key: 't' })).toBe('theme.next');
  expect([keymap.pending, keymap.keysOf('tab.next')]).toEqual([
    null,
    expect.arrayContaining(['Alt+PageDown']) as string[],
  ]);
});

test('a second stroke that means nothing is not typed into the program', () => {
  const keymap = new Keymap([{ keys: 'Ctrl+K Ctrl+T', action: 'theme.next' }]);
  keymap.press({ ...ctrl, key: 'k' }, false);
  expect(keymap.press({ ...none, key: 'x' }, false)).toEqual({ keys: 'Ctrl+K X', owner: 'app' });
  expect(keymap.press({ ...none, key: 'x' }, false).owner).toBe('program');
});

test('Escape leaves a chord, and is the program’s again afterwards', () => {
  const keymap = new Keymap([{ keys: 'Ctrl+K Ctrl+T', action: 'theme.next' }]);
  keymap.press({ ...ctrl, key: 'k' }, false);
  expect(keymap.press({ ...none, key: 'Escape' }, false)).toEqual({ keys: 'Ctrl+K Escape', owner: 'app' });
  expect([keymap.pending, keymap.press({ ...none, key: 'Escape' }, false).owner]).toEqual([null, 'program']);
});
