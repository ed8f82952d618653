/** The size of the text in every terminal of this browser. */
import { readonly, ref } from 'vue';
import { DEFAULT_FONT_PX, fontSizeAfter } from './fontSize.ts';
import { localStore } from '../ui/browserStorage.ts';

const KEY = 'holdfast.fontSize';
const fontSize = ref(fontSizeAfter(Number(localStore.get(KEY)) || DEFAULT_FONT_PX, null));

export function useFontSize() {
  return { fontSize: readonly(fontSize), changeFontSize };
}

/** @param delta in pixels; 0 is the usual size again */
function changeFontSize(delta: number): void {
  fontSize.value = fontSizeAfter(fontSize.value, delta);
  if (fontSize.value === DEFAULT_FONT_PX) localStore.remove(KEY);
  else localStore.set(KEY, String(fontSize.value));
}
