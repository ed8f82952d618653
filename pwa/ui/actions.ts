/** Everything that can be done in the window, each by one name: keys, palette and menus are three ways to the same table. */
import { inject, onBeforeUnmount, shallowRef } from 'vue';
import type { InjectionKey } from 'vue';

export interface Action {
  /** `session.new`: what keymaps, also a person's own, refer to; never changed once it was given out. */
  id: string;
  title: string;
  /** Under which the palette and the sheet of keys show it. */
  group: 'Sessions' | 'Terminal' | 'Projects' | 'Window' | 'Settings';
  /** Its state, or what it would change to, right of the title. */
  note?: () => string;
  /** False: there is nothing now that it could be done to. */
  isAvailable?: () => boolean;
  run: () => void;
}

export function createActions() {
  const table = shallowRef<ReadonlyMap<string, Action>>(new Map());

  /** @returns takes them out again. Of two with one name the later one counts, until it is taken out. */
  function add(actions: readonly Action[]): () => void {
    const before = actions.map(({ id }) => table.value.get(id));
    table.value = new Map([...table.value, ...actions.map((action) => [action.id, action] as const)]);
    return () => {
      const next = new Map(table.value);
      actions.forEach((action, at) => {
        if (next.get(action.id) !== action) return;
        const earlier = before[at];
        if (earlier) next.set(action.id, earlier);
        else next.delete(action.id);
      });
      table.value = next;
    };
  }

  const find = (id: string) => table.value.get(id) ?? null;
  const isAvailable = (action: Action) => action.isAvailable?.() ?? true;

  /** @returns false when there is no such action, or nothing to do it to */
  function run(id: string): boolean {
    const action = find(id);
    if (!action || !isAvailable(action)) return false;
    action.run();
    return true;
  }

  return { all: () => [...table.value.values()], add, find, isAvailable, run };
}

export type Actions = ReturnType<typeof createActions>;
export const actionsKey: InjectionKey<Actions> = Symbol('actions');

export function useActions(): Actions {
  const actions = inject(actionsKey);
  if (!actions) throw new Error('no actions were provided');
  return actions;
}

/** Adds the actions of a component for as long as it is there. */
export function offerActions(actions: readonly Action[]): void {
  onBeforeUnmount(useActions().add(actions));
}
