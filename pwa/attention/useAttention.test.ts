import { expect, test } from 'vitest';
import type { Outlook } from './outlook.ts';
import { createAttention } from './useAttention.ts';

const bell = { kind: 'bell', isLate: false } as const;

/** A window whose focus a test gives and takes. */
function setUp() {
  const listeners: (() => void)[] = [];
  const seen = { focused: true, badges: [] as number[], told: [] as string[], lookedAt: [] as (string | null)[] };
  const outlook: Outlook = {
    isFocused: () => seen.focused,
    onFocus: (listener) => listeners.push(listener),
    looksAt: (id) => seen.lookedAt.push(id),
    badge: (count) => seen.badges.push(count),
    tell: (id, name, { text }) => Promise.resolve(void seen.told.push(`${id} ${name}: ${text}`)),
    mayAsk: () => false,
    ask: () => Promise.resolve(),
  };
  const attention = createAttention(outlook);
  const focus = (isFocused: boolean) => {
    seen.focused = isFocused;
    listeners.forEach((listener) => listener());
  };
  return { attention, seen, focus };
}

test('what is before the person asks for nothing', () => {
  const { attention, seen } = setUp();
  attention.show('a');
  attention.heard('a', 'claude', bell);
  expect([attention.of('a'), seen.badges, seen.told]).toEqual([null, [], []]);
});

test('another tab is marked and counted until it is shown, without interrupting who is there', () => {
  const { attention, seen } = setUp();
  attention.show('a');
  attention.heard('b', 'claude', bell);
  expect([attention.of('b')?.kind, seen.badges, seen.told]).toEqual(['bell', [1], []]);
  attention.show('b');
  expect([attention.of('b'), seen.badges]).toEqual([null, [1, 0]]);
});

test('while the person is elsewhere the system tells them, also of the session in view; coming back is looking', () => {
  const { attention, seen, focus } = setUp();
  attention.show('a');
  focus(false);
  attention.heard('a', 'claude', bell);
  expect([attention.of('a')?.kind, seen.told]).toEqual(['bell', ['a claude: The bell rang']]);
  focus(true);
  expect([attention.of('a'), seen.lookedAt]).toEqual([null, ['a', null, 'a']]);
});

test('what came while the window was cut off is marked, but interrupts nobody', () => {
  const { attention, seen, focus } = setUp();
  focus(false);
  attention.heard('a', 'claude', { ...bell, isLate: true });
  expect([attention.of('a')?.kind, seen.told]).toEqual(['bell', []]);
});
