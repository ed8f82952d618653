import { expect, test } from 'vitest';
import type { Session } from '../../protocol/sessions.ts';
import { keysIn } from './keyboard.ts';
import { newPicker, picture, press, type PickerState } from './picker.ts';

const NOW = Date.parse('2026-11-24T12:00:00Z');

function session(name: string, minutesOld: number, more: Partial<Session> = {}): Session {
  const createdAt = new Date(NOW - minutesOld * 60_000).toISOString();
  return { id: name, name, shardId: 'backend-1', state: 'running', projectId: null, createdAt, ...more } as Session;
}

const twelve = newPicker(
  Array.from({ length: 11 }, (_, i) => session(`s${i + 1}`, i)),
  new Map(),
  NOW,
);

/** The name of what the keys chose, `left`, or the place that is selected. */
function type(state: PickerState, keys: string): string | number {
  for (const key of keysIn(Buffer.from(keys))) {
    const next = press(state, key);
    if (next === 'left') return 'left';
    if ('chosen' in next) return next.chosen.session?.name ?? 'new';
    state = next;
  }
  return state.selected + 1;
}

test('running sessions come first, the newest before, and a new one last', () => {
  const sessions = [session('old', 90), session('over', 1, { state: 'exited' }), session('young', 5)];
  const { choices } = newPicker(sessions, new Map(), NOW);
  expect(choices.map(({ session }) => session?.name ?? 'new')).toEqual(['young', 'old', 'over', 'new']);
});

test('a line tells name, project, shard, state and age, in columns', () => {
  const sessions = [session('漢字', 3, { projectId: 'p' }), session('build', 60 * 50)];
  expect(newPicker(sessions, new Map([['p', 'holdfast']]), NOW).choices.map(({ line }) => line)).toEqual([
    '漢字   holdfast  backend-1  running  3 min',
    'build            backend-1  running  2 d',
    'a new session',
  ]);
});

test('arrows and letters move, Enter chooses, n opens, q and Ctrl-C leave', () => {
  expect(type(twelve, '\x1b[B\x1bOBj\x1b[A\r')).toBe('s3');
  expect(type(twelve, '\x1b[A\r')).toBe('s1');
  expect(type(twelve, 'n')).toBe('new');
  expect([type(twelve, 'q'), type(twelve, '\x03'), type(twelve, '\x1b')]).toEqual(['left', 'left', 'left']);
  expect(type(twelve, '\x1b[B\x1b[13u')).toBe('s2');
});

test('a number chooses as soon as it can mean nothing else', () => {
  expect(type(twelve, '7')).toBe('s7');
  expect(type(twelve, '1')).toBe(1);
  expect(type(twelve, '11')).toBe('s11');
  expect(type(twelve, '12')).toBe('new');
  expect(type(twelve, '1\x7f3')).toBe('s3');
  expect(type(twelve, '19')).toBe('s9');
  expect(type(twelve, '0')).toBe(1);
});

test('it fits the terminal, with what is selected in view', () => {
  const lines = picture({ ...twelve, selected: 9 }, { cols: 20, rows: 7 });
  expect(lines).toHaveLength(6);
  expect(lines.some((line) => line.includes('❯ 10  s10'))).toBe(true);
  const visible = lines.map((line) => line.replace(/\x1b\[\d*m/g, ''));
  expect(Math.max(...visible.map((line) => line.length))).toBeLessThan(20);
});
