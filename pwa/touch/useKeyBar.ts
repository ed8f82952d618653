/** Whether this device shows the key bar, which keys its person has on it, and what of it is open. */
import { computed, ref } from 'vue';
import { usePreferences } from '../settings/usePreferences.ts';
import { keyRows, USUAL_ROWS, type KeyRows } from './keyRows.ts';
import { localStore } from '../ui/browserStorage.ts';

/** Of this device, unlike the keys: a person's laptop needs no bar. */
const SHOWN_KEY = 'holdfast.keyBar';
const MORE_KEY = 'holdfast.keyBar.more';
/** In the document `settings`. */
const ROWS_MEMBER = 'keyBar';

const coarse = matchMedia('(pointer: coarse)');
const isCoarse = ref(coarse.matches);
coarse.addEventListener('change', () => (isCoarse.value = coarse.matches));
const choice = ref(localStore.get(SHOWN_KEY));
const isMoreShown = ref(localStore.get(MORE_KEY) === 'on');
const isComposing = ref(false);

/** Where a finger is the main pointer, unless the person has chosen otherwise. */
const isWanted = computed(() => (choice.value === null ? isCoarse.value : choice.value === 'on'));

export function useKeyBarState() {
  return { isWanted, isCoarse, isMoreShown, isComposing, setWanted, toggleMore };
}

export function useKeyRows() {
  const { values, change } = usePreferences();
  return {
    rows: computed(() => keyRows(values.settings.value[ROWS_MEMBER])),
    setRows: (rows: KeyRows) => change('settings', { [ROWS_MEMBER]: rows }),
    useUsual: () => change('settings', { [ROWS_MEMBER]: undefined }),
    usual: USUAL_ROWS,
  };
}

function setWanted(isOn: boolean): void {
  choice.value = isOn === isCoarse.value ? null : isOn ? 'on' : 'off';
  if (choice.value === null) localStore.remove(SHOWN_KEY);
  else localStore.set(SHOWN_KEY, choice.value);
}

function toggleMore(): void {
  isMoreShown.value = !isMoreShown.value;
  localStore.set(MORE_KEY, isMoreShown.value ? 'on' : 'off');
}
