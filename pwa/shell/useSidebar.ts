/** The sidebar: beside the terminal on a wide window (shown or not, remembered), a drawer over it on a narrow one. */
import { computed, onScopeDispose, readonly, ref, watch } from 'vue';
import { localStore } from '../ui/browserStorage.ts';

const KEY = 'holdfast.sidebar';
const narrow = matchMedia('(max-width: 767px)');

/** @param onEscape called when Escape is pressed while the drawer is open */
export function useSidebar(onEscape: () => void) {
  const isNarrow = ref(narrow.matches);
  const isWanted = ref(localStore.get(KEY) !== 'hidden');
  const isDrawerOpen = ref(false);
  const isShown = computed(() => (isNarrow.value ? isDrawerOpen.value : isWanted.value));

  const resized = () => {
    isNarrow.value = narrow.matches;
    isDrawerOpen.value = false;
  };
  narrow.addEventListener('change', resized);
  onScopeDispose(() => narrow.removeEventListener('change', resized));

  const pressed = (event: KeyboardEvent) => {
    const isElsewhere = event.target instanceof Element && event.target.closest('[role=menu], [role=dialog]');
    if (event.key === 'Escape' && !isElsewhere) onEscape();
  };
  watch(isDrawerOpen, (isOpen) => {
    if (isOpen) document.addEventListener('keydown', pressed);
    else document.removeEventListener('keydown', pressed);
  });
  onScopeDispose(() => document.removeEventListener('keydown', pressed));

  function toggle() {
    if (isNarrow.value) {
      isDrawerOpen.value = !isDrawerOpen.value;
      return;
    }
    isWanted.value = !isWanted.value;
    localStore.set(KEY, isWanted.value ? 'shown' : 'hidden');
  }

  return {
    isNarrow: readonly(isNarrow),
    isShown,
    toggle,
    closeDrawer: () => (isDrawerOpen.value = false),
  };
}
