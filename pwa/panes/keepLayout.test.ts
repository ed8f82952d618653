import { nextTick, shallowRef } from 'vue';
import { expect, test } from 'vitest';
import type { PreferenceValue } from '../../protocol/preferences.ts';
import type { Tabs } from '../sessions/tabs.ts';
import { keepLayout } from './keepLayout.ts';
import { isSplit, parseDockLayout, type DockLayout } from './paneLayout.ts';

const leaf = { type: 'leaf', data: {} };
const split: DockLayout = { grid: { root: { type: 'branch', data: [leaf, leaf] } }, panels: {} };
const alone: DockLayout = { grid: { root: { type: 'branch', data: [leaf] } }, panels: {} };

function setUp({ open = [] as string[], isApart = false, changed = (_tabs: { value: Tabs }) => {} } = {}) {
  const layout = shallowRef<PreferenceValue>({});
  const tabs = shallowRef<Tabs>({ open, active: open[0] ?? null });
  const dock = shallowRef<DockLayout | null>(null);
  const saved: Record<string, unknown>[] = [];
  const began = { tabs: tabs.value, layout: dock.value };
  changed(tabs);
  keepLayout({
    preferences: { values: { layout }, change: (_name, wanted) => void saved.push(wanted) },
    tabs: { tabs, isApart, adopt: (theirs) => void (tabs.value.open.length === 0 && (tabs.value = theirs)) },
    panes: { layout: dock, adopt: (value) => void (dock.value = parseDockLayout(value)) },
    began,
  });
  return { layout, tabs, dock, saved };
}

test('a window without tabs takes up what the person has open elsewhere, once', async () => {
  const { layout, tabs, dock } = setUp();
  layout.value = { tabs: { open: ['a', 'b'], active: 'b' }, dock: split };
  await nextTick();
  expect([tabs.value, dock.value]).toEqual([{ open: ['a', 'b'], active: 'b' }, split]);
  layout.value = { tabs: { open: ['c'], active: 'c' } };
  await nextTick();
  expect(tabs.value.open).toEqual(['a', 'b']);
});

test('a window with tabs of its own keeps them, and other sessions’ panes are none of its', async () => {
  const { layout, tabs, dock } = setUp({ open: ['mine'] });
  layout.value = { tabs: { open: ['a'], active: 'a' }, dock: split };
  await nextTick();
  expect([tabs.value.open, dock.value]).toEqual([['mine'], null]);
});

test('what is changed is kept; one pane alone is not; a window apart keeps nothing', async () => {
  const { tabs, dock, saved } = setUp();
  tabs.value = { open: ['a'], active: 'a' };
  dock.value = split;
  await nextTick();
  dock.value = alone;
  await nextTick();
  expect(saved).toEqual([
    { tabs: { open: ['a'], active: 'a' }, dock: split },
    { tabs: { open: ['a'], active: 'a' }, dock: undefined },
  ]);
  const apart = setUp({ isApart: true });
  apart.tabs.value = { open: ['a'], active: 'a' };
  await nextTick();
  expect(apart.saved).toEqual([]);
});

test('what was opened before anything was kept is kept, and what the window began with is not', () => {
  const opened = setUp({ changed: (tabs) => (tabs.value = { open: ['early'], active: 'early' }) });
  expect(opened.saved).toEqual([{ tabs: { open: ['early'], active: 'early' }, dock: undefined }]);
  expect(setUp({ open: ['a'] }).saved).toEqual([]);
});

test('a layout is an object of a bounded size with a grid and panels', () => {
  const values = [null, 'x', [], {}, { grid: 1, panels: {} }, { ...split, more: 'x'.repeat(40_000) }, split];
  expect(values.map((value) => parseDockLayout(value))).toEqual([null, null, null, null, null, null, split]);
  expect([isSplit(null), isSplit(alone), isSplit(split)]).toEqual([false, false, true]);
});
