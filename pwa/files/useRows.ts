/** A long list of which only what can be seen is drawn, and one row of which is current: arrows, Home, End and pages move it. */
import { useVirtualizer } from '@tanstack/vue-virtual';
import { computed, nextTick, ref, watch, type Ref } from 'vue';

/** As `--row`: what one line of text needs, and what a finger. */
const ROW_PX = matchMedia('(pointer: coarse)').matches ? 40 : 28;

export function useRows(count: () => number, list: Readonly<Ref<HTMLElement | null>>, choose: (index: number) => void) {
  const current = ref(0);
  const rows = useVirtualizer(
    computed(() => ({
      count: count(),
      getScrollElement: () => list.value,
      estimateSize: () => ROW_PX,
      overscan: 12,
    })),
  );

  watch(count, (length) => (current.value = Math.max(0, Math.min(current.value, length - 1))));

  function moveTo(index: number) {
    current.value = Math.max(0, Math.min(index, count() - 1));
    void nextTick(() => rows.value.scrollToIndex(current.value));
  }

  function press(event: KeyboardEvent) {
    const page = Math.max(1, Math.floor((list.value?.clientHeight ?? 0) / ROW_PX) - 1);
    const to: Record<string, number> = {
      ArrowDown: current.value + 1,
      ArrowUp: current.value - 1,
      PageDown: current.value + page,
      PageUp: current.value - page,
      Home: 0,
      End: count() - 1,
    };
    if (event.key === 'Enter' && count() > 0) choose(current.value);
    else if (event.key in to) moveTo(to[event.key]!);
    else return;
    event.preventDefault();
  }

  return { rows, current, moveTo, press };
}
