/** What is open and where, for the person's other devices: kept with what they have set, and taken up by a window that has nothing. */
import { watch } from 'vue';
import type { ShallowRef } from 'vue';
import type { PreferenceValue } from '../../protocol/preferences.ts';
import { parseTabs, type Tabs } from '../sessions/tabs.ts';
import { isSplit, type DockLayout } from './paneLayout.ts';

export interface LayoutParts {
  preferences: {
    values: { readonly layout: Readonly<ShallowRef<PreferenceValue>> };
    change(name: 'layout', wanted: Record<string, unknown>): void;
  };
  tabs: { tabs: Readonly<ShallowRef<Tabs>>; isApart: boolean; adopt(tabs: Tabs): void };
  panes: { layout: Readonly<ShallowRef<DockLayout | null>>; adopt(value: unknown): void };
  /** What the window began with, long before this: what is another by now was changed by the person. */
  began: { tabs: Tabs; layout: DockLayout | null };
}

export function keepLayout({ preferences, tabs, panes, began }: LayoutParts): void {
  if (tabs.isApart) return;
  const isChanged = tabs.tabs.value !== began.tabs || panes.layout.value !== began.layout;
  const { layout } = preferences.values;
  // What is heard first, from this browser or from the server; later the window has a layout of its own.
  const stop = watch(
    layout,
    (value) => {
      const theirs = parseTabs(JSON.stringify(value['tabs'] ?? null));
      if (!theirs) return;
      queueMicrotask(() => stop());
      tabs.adopt(theirs);
      if (theirs.open.some((id) => tabs.tabs.value.open.includes(id))) panes.adopt(value['dock']);
    },
    { immediate: true },
  );
  watch(
    [tabs.tabs, panes.layout],
    ([open, dock]) => preferences.change('layout', { tabs: open, dock: isSplit(dock) ? dock : undefined }),
    { immediate: isChanged },
  );
}
