/** The tabs of this window, kept over reloads (per window) and taken up by the next window that has none. */
import { inject, shallowRef } from 'vue';
import type { InjectionKey } from 'vue';
import { closeTab, keepTabs, noTabs, numberedTab, openTab, parseTabs, stepTab } from './tabs.ts';
import type { Heir, Tabs as TabsValue } from './tabs.ts';
import { takeApart, watchedSession } from './readOnly.ts';
import { localStore, windowStore } from '../ui/browserStorage.ts';

const WINDOW_KEY = 'holdfast.person.tabs';
const LAYOUT_KEY = 'holdfast.person.layout';

export function createTabs(heirOf: Heir) {
  const watched = watchedSession();
  const { sessionId: apart, isApart } = takeApart();
  const only = watched ?? apart;
  const tabs = shallowRef<TabsValue>(
    only
      ? openTab(noTabs, only)
      : (parseTabs(windowStore.get(WINDOW_KEY)) ?? parseTabs(localStore.get(LAYOUT_KEY)) ?? noTabs),
  );
  if (apart) set(tabs.value);
  /** The person has closed one here: that there are none is what they want. */
  let hasClosed = false;

  function set(next: TabsValue) {
    tabs.value = next;
    if (watched) return; // a window for watching is no layout to come back to
    const text = JSON.stringify(next);
    windowStore.set(WINDOW_KEY, text);
    if (!isApart) localStore.set(LAYOUT_KEY, text);
  }

  return {
    tabs,
    /** A window for a few sessions of their own: its layout is for no other window. */
    isApart: isApart || watched !== null,
    open: (id: string) => set(openTab(tabs.value, id)),
    close: (id: string) => {
      hasClosed = true;
      set(closeTab(tabs.value, id, heirOf));
    },
    step: (step: 1 | -1) => set(stepTab(tabs.value, step)),
    number: (number: number) => set(numberedTab(tabs.value, number)),
    /** Those of another window of this person, where there are none. */
    adopt: (theirs: TabsValue) => {
      if (tabs.value.open.length === 0 && !hasClosed) set(theirs);
    },
    keep: (isThere: (id: string) => boolean) => {
      const next = keepTabs(tabs.value, isThere, heirOf);
      if (next !== tabs.value) set(next);
    },
  };
}

export type WindowTabs = ReturnType<typeof createTabs>;
export const tabsKey: InjectionKey<WindowTabs> = Symbol('tabs');

export function useTabs(): WindowTabs {
  const tabs = inject(tabsKey);
  if (!tabs) throw new Error('no tabs were provided');
  return tabs;
}
