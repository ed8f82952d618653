import { expect, test } from 'vitest';
import { bindings, chordName, commandFor } from './keymap.ts';

const none = { ctrlKey: false, shiftKey: false, altKey: false, metaKey: false };
const ctrl = { ...none, ctrlKey: true };

test('plain typing and control keys belong to the terminal', () => {
  const typed = ['a', 'A', 'Enter', 'Tab', 'Escape', 'F5'].map((key) => commandFor({ ...none, key }, true));
  const controls = ['a', 'r', 'd', 'v', 'w'].map((key) => commandFor({ ...ctrl, key }, true));
  expect([...typed, ...controls].filter(Boolean)).toEqual([]);
});

test('Ctrl+C interrupts unless there is something to copy', () => {
  expect([commandFor({ ...ctrl, key: 'c' }, false), commandFor({ ...ctrl, key: 'c' }, true)]).toEqual([null, 'copy']);
});

test('F6 leaves the terminal in both directions', () => {
  expect([
    commandFor({ ...none, key: 'F6' }, false),
    commandFor({ ...none, key: 'F6', shiftKey: true }, false),
  ]).toEqual(['nextRegion', 'previousRegion']);
});

test('a chord has one name, however the letter comes', () => {
  const shifted = { ...ctrl, shiftKey: true };
  expect([chordName({ ...shifted, key: 'T' }), chordName({ ...shifted, key: 't' })]).toEqual([
    'Ctrl+Shift+T',
    'Ctrl+Shift+T',
  ]);
});

test('no chord is given out twice', () => {
  const chords = bindings.map(({ chord }) => chord);
  expect(new Set(chords).size).toBe(chords.length);
});
