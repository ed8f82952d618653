import { expect, test } from 'vitest';
import { ranked, type PaletteEntry } from './palette.ts';

const entry = (id: string, title: string, group = 'Window'): PaletteEntry => ({
  id,
  title,
  group,
  note: '',
  keys: [],
  run: () => undefined,
});
const entries = [
  entry('session.new', 'New session', 'Sessions'),
  entry('project.new', 'New project', 'Projects'),
  entry('theme.light', 'Use the light theme', 'Settings'),
  entry('sidebar.toggle', 'Show or hide the sidebar'),
];
const ids = (query: string, recent: string[] = []) => ranked(entries, query, recent).map(({ id }) => id);

test('without a word everything is there, what was chosen last first', () => {
  expect(ids('')).toEqual(entries.map(({ id }) => id));
  expect(ids(' ', ['theme.light'])[0]).toBe('theme.light');
});

test('letters in their order are enough, also across words and groups', () => {
  expect(ids('nses')[0]).toBe('session.new');
  expect(ids('light')).toEqual(['theme.light']);
  expect(ids('settings theme')[0]).toBe('theme.light');
  expect(ids('qqqq')).toEqual([]);
});

test('of two that match as well, the one chosen before comes first', () => {
  expect(ids('new ', ['project.new'])[0]).toBe('project.new');
});

test('what others call it finds it, too, after what has the name', () => {
  const split = { ...entry('pane.split.right', 'New session on the right'), also: ['split', 'pane'] };
  const all = [split, entry('pane.go.up', 'Go to the pane above'), ...entries];
  const found = (query: string) => ranked(all, query, []).map(({ id }) => id);
  expect([found('split'), found('pane'), found('split r'), found('plit')]).toEqual([
    ['pane.split.right'],
    ['pane.go.up', 'pane.split.right'],
    ['pane.split.right'],
    [],
  ]);
});
