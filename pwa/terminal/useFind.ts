/** The find bar of one terminal: whether it is shown, and what it has found. */
import { nextTick, ref, shallowRef } from 'vue';
import type { Box } from './uncoverHit.ts';
import type { Finder, FindOptions, Found } from './finder.ts';

export interface FindBarHandle {
  select(text: string): void;
  next(): void;
  previous(): void;
  box(): Box | null;
}

/** @param comes its code comes with the first search; null when the terminal is gone by then */
export function useFind(comes: () => Promise<Finder | null>, selection: () => string, done: () => void) {
  const isFinding = ref(false);
  const found = shallowRef<Found | null>(null);
  let finder: Finder | null = null;
  const initial = ref('');
  const bar = shallowRef<FindBarHandle | null>(null);

  /** With the selected text, if it is one line. */
  async function open() {
    const selected = selection();
    const text = selected.includes('\n') ? '' : selected;
    if (isFinding.value) return bar.value?.select(text);
    finder = await comes();
    if (!finder) return;
    finder.open(
      (next) => (found.value = next),
      () => bar.value?.box() ?? null,
    );
    initial.value = text;
    isFinding.value = true;
    await nextTick();
  }

  function close() {
    if (!isFinding.value) return;
    isFinding.value = false;
    found.value = null;
    finder?.close();
    done();
  }

  const find = (options: FindOptions, step: -1 | 0 | 1) => finder?.find(options, step);
  /** Opens the bar where it is not. */
  const again = (step: 'next' | 'previous') => (isFinding.value ? bar.value?.[step]() : void open());
  return { isFinding, found, initial, bar, open, close, find, again };
}
