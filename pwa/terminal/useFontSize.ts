/** The size of the text in every terminal of this browser. */
import { readonly, ref } from 'vue';
import { DEFAULT_FONT_PX, fontSizeAfter } from './fontSize.ts';

const KEY = 'holdfast.fontSize';
const fontSize = ref(fontSizeAfter(Number(localStorage.getItem(KEY)) || DEFAULT_FONT_PX, null));

export function useFontSize() {
  return { fontSize: readonly(fontSize), changeFontSize };
}

/** @param delta in pixels; 0 is the usual size again */
function changeFontSize(delta: number): void {
  fontSize.value = fontSizeAfter(fontSize.value, delta);
  if (fontSize.value === DEFAULT_FONT_PX) localStorage.removeItem(KEY);
  else localStorage.setItem(KEY, String(fontSize.value));
}
