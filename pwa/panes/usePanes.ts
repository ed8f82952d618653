/** Where this window shows its sessions: one at a time, or several beside each other in a dock whose code comes when it is wanted. */
import { computed, inject, shallowRef } from 'vue';
import type { InjectionKey } from 'vue';
import type { Dock } from './dock.ts';
import { isSplit, parseDockLayout, type DockLayout } from './paneLayout.ts';
import { windowStore } from '../ui/browserStorage.ts';

/** Per window, over its reloads. */
const KEY = 'holdfast.person.panes';

export function createPanes() {
  const layout = shallowRef<DockLayout | null>(kept());
  const isWanted = shallowRef(isSplit(layout.value));
  /** Where each terminal belongs; one that is not among them has the whole window. */
  const slots = shallowRef<ReadonlyMap<string, HTMLElement>>(new Map());
  const visible = shallowRef<ReadonlySet<string>>(new Set());
  const dock = shallowRef<Dock | null>(null);
  const waiting: ((dock: Dock) => void)[] = [];

  function set(id: string, element: HTMLElement | null) {
    const next = new Map(slots.value);
    if (element) next.set(id, element);
    else next.delete(id);
    slots.value = next;
  }

  function changed(next: DockLayout) {
    layout.value = next;
    windowStore.set(KEY, JSON.stringify(next));
  }

  function opened(next: Dock) {
    dock.value = next;
    waiting.splice(0).forEach((resolve) => resolve(next));
  }

  function closed() {
    dock.value = null;
    slots.value = new Map();
    visible.value = new Set();
  }

  /** Its code did not come: everything stays in one area, and what waited for it is not done later, unasked. */
  function missed() {
    isWanted.value = false;
    waiting.length = 0;
  }

  /** The dock, which is opened when there is none. */
  async function withDock(): Promise<Dock> {
    if (dock.value) return dock.value;
    isWanted.value = true;
    return new Promise((resolve) => waiting.push(resolve));
  }

  /** The layout of another window of this person, for one that has none of its own. */
  function adopt(value: unknown) {
    const next = parseDockLayout(value);
    if (layout.value !== null || !isSplit(next)) return;
    layout.value = next;
    isWanted.value = true;
  }

  return {
    layout,
    isWanted,
    isSplit: computed(() => isSplit(layout.value)),
    slots,
    visible,
    dock,
    withDock,
    adopt,
    /** For whoever shows the dock. */
    host: {
      opened,
      closed,
      missed,
      events: { slot: set, visible: (ids: ReadonlySet<string>) => (visible.value = ids), changed },
    },
  };
}

function kept(): DockLayout | null {
  try {
    return parseDockLayout(JSON.parse(windowStore.get(KEY) ?? 'null'));
  } catch {
    return null;
  }
}

export type Panes = ReturnType<typeof createPanes>;
export const panesKey: InjectionKey<Panes> = Symbol('panes');

export function usePanes(): Panes {
  const panes = inject(panesKey);
  if (!panes) throw new Error('no panes were provided');
  return panes;
}
