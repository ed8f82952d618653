/** Which keys a bar may have: named ones, modifiers, and any short text. */
import type { Modifier } from './modifiers.ts';

export type BarKey = {
  /** As the person's settings keep it. */
  id: string;
  label: string;
  /** For those who do not see the label, or not what it means. */
  name: string;
} & (
  | { kind: 'modifier'; modifier: Modifier }
  /** As a keyboard has it, so that the terminal says what it means now. `repeats`: as long as it is held. */
  | { kind: 'key'; key: string; keyCode: number; isShifted?: true; repeats?: true }
  | { kind: 'text'; text: string }
);

/** A text of a person's own is no longer than a word. */
export const MAX_TEXT_CHARS = 16;

const modifier = (id: Modifier, label: string): BarKey => ({ id, label, name: label, kind: 'modifier', modifier: id });
const key = (id: string, label: string, keyCode: number, name = id): BarKey => ({
  id,
  label,
  name,
  kind: 'key',
  key: id,
  keyCode,
});
const repeated = (id: string, label: string, keyCode: number, name: string): BarKey => ({
  id,
  label,
  name,
  kind: 'key',
  key: id,
  keyCode,
  repeats: true,
});
const control = (letter: string): BarKey => ({
  id: `^${letter}`,
  label: `^${letter}`,
  name: `Ctrl+${letter}`,
  kind: 'text',
  text: String.fromCharCode(letter.charCodeAt(0) - 64),
});

const NAMED: readonly BarKey[] = [
  key('Escape', 'Esc', 27),
  key('Tab', 'Tab', 9),
  { id: 'Shift+Tab', label: '⇧Tab', name: 'Shift+Tab', kind: 'key', key: 'Tab', keyCode: 9, isShifted: true },
  modifier('ctrl', 'Ctrl'),
  modifier('alt', 'Alt'),
  modifier('shift', 'Shift'),
  repeated('ArrowLeft', '←', 37, 'Left'),
  repeated('ArrowDown', '↓', 40, 'Down'),
  repeated('ArrowUp', '↑', 38, 'Up'),
  repeated('ArrowRight', '→', 39, 'Right'),
  key('Home', 'Home', 36),
  key('End', 'End', 35),
  repeated('PageUp', 'PgUp', 33, 'Page up'),
  repeated('PageDown', 'PgDn', 34, 'Page down'),
  key('Insert', 'Ins', 45, 'Insert'),
  repeated('Delete', 'Del', 46, 'Delete'),
  repeated('Backspace', '⌫', 8, 'Backspace'),
  key('Enter', '⏎', 13),
  ...['C', 'D', 'Z', 'R', 'L', 'O'].map(control),
  ...Array.from({ length: 12 }, (_, i) => key(`F${i + 1}`, `F${i + 1}`, 112 + i)),
];
const SIGNS = [
  '|',
  '/',
  '~',
  '-',
  '`',
  '_',
  '*',
  '&',
  '$',
  ':',
  ';',
  '<',
  '>',
  '{',
  '}',
  '[',
  ']',
  '#',
  '!',
  '@',
  '\\',
];

const byId = new Map(NAMED.map((one) => [one.id, one]));

/** What is no name is a text, typed as it stands. */
export function barKey(id: string): BarKey {
  return byId.get(id) ?? { id, label: id, name: id, kind: 'text', text: id };
}

/** Everything that can be chosen without typing it. */
export const OFFERED: readonly string[] = [...NAMED.map(({ id }) => id), ...SIGNS];
