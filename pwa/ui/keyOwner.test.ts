import { afterEach, expect, test, vi } from 'vitest';
import { DEFAULT_BINDINGS, parseKeys } from './keymap.ts';
import { installKeys, isOfWindow, setOwnBindings } from './keyOwner.ts';

const target = new EventTarget();
let ends: () => void = () => {};
afterEach(() => {
  ends();
  setOwnBindings([]);
});

interface Place {
  inTerminal?: boolean;
  hasSelection?: boolean;
  isBlocked?: boolean;
}

/** Who got keys: the actions that ran, what the terminal has to leave alone, and what the browser does not do. */
function press(keys: string, { inTerminal = false, hasSelection = false, isBlocked = false }: Place = {}) {
  const run = vi.fn(() => true);
  const terminal = () => (inTerminal ? { hasSelection: () => hasSelection } : null);
  ends = installKeys({ run, terminal, isBlocked: () => isBlocked }, target);
  const parts = keys.split('+');
  const key = parts.pop()!;
  const event = Object.assign(new Event('keydown', { cancelable: true }), {
    key: key === 'Plus' ? '+' : key,
    code: /^\d$/.test(key) ? `Digit${key}` : '',
    ctrlKey: parts.includes('Ctrl'),
    altKey: parts.includes('Alt'),
    shiftKey: parts.includes('Shift'),
    metaKey: parts.includes('Meta'),
  }) as unknown as KeyboardEvent;
  target.dispatchEvent(event);
  ends();
  return { ran: run.mock.calls.flat(), isOfWindow: isOfWindow(event), isStopped: event.defaultPrevented };
}

const bound = DEFAULT_BINDINGS.filter(({ isNative }) => !isNative).map(
  ({ keys, action, when }) => [parseKeys(keys, false)!, action, when] as const,
);

test.each(bound)('%s does %s alone, in a terminal', (keys, action, when) => {
  const there = press(keys, { inTerminal: true, hasSelection: when === 'selection' });
  expect(there).toEqual({ ran: [action], isOfWindow: true, isStopped: true });
});

test.each(bound)('%s outside of a terminal does %s, unless the browser does it with fields, too', (keys, action) => {
  const isBrowsers = action.startsWith('terminal.') && action !== 'terminal.find';
  expect(press(keys)).toEqual({ ran: isBrowsers ? [] : [action], isOfWindow: !isBrowsers, isStopped: !isBrowsers });
});

test.each(bound)('%s runs nothing behind a dialog', (keys) => {
  expect(press(keys, { isBlocked: true })).toMatchObject({ ran: [], isOfWindow: false });
});

const LEAKS = ['Ctrl+W', 'Ctrl+T', 'Ctrl+N', 'Ctrl+P', 'Ctrl+S', 'Ctrl+O', 'Ctrl+U'];

test.each(LEAKS)('%s is the program’s in a terminal, and nobody’s elsewhere', (keys) => {
  const nobodys = { ran: [], isOfWindow: false, isStopped: true };
  expect([press(keys, { inTerminal: true }), press(keys), press(keys, { isBlocked: true })]).toEqual([
    { ran: [], isOfWindow: false, isStopped: false },
    nobodys,
    nobodys,
  ]);
});

test('F1 behind a dialog does not open the browser’s own help', () => {
  expect(press('F1', { isBlocked: true })).toEqual({ ran: [], isOfWindow: false, isStopped: true });
});

test('what is typed, and what a field does with keys, is left to it', () => {
  const left = ['a', 'Ctrl+A', 'Ctrl+C', 'Ctrl+V', 'Ctrl+Z', 'Ctrl+F', 'Ctrl+R', 'Tab', 'Escape', 'Shift+Insert'];
  const stopped = left.filter((keys) => press(keys).isStopped || press(keys, { isBlocked: true }).isStopped);
  expect(stopped).toEqual([]);
});

test('a key that a person gave an action is no longer nobody’s, except behind a dialog', () => {
  setOwnBindings([{ keys: 'Ctrl+S', action: 'theme.next' }]);
  expect([press('Ctrl+S').ran, press('Ctrl+S', { isBlocked: true })]).toEqual([
    ['theme.next'],
    { ran: [], isOfWindow: false, isStopped: true },
  ]);
});
