/**
 * The size of the text in every terminal of this browser. Not among what a person has set for all their devices: what is right on a
 * desk is unreadable on a phone, or leaves it twenty columns, and who changes it on one would change it on the other.
 */
import { readonly, ref } from 'vue';
import { DEFAULT_FONT_PX, fontSizeAfter } from './fontSize.ts';
import { localStore } from '../ui/browserStorage.ts';

const KEY = 'holdfast.fontSize';
const fontSize = ref(fontSizeAfter(Number(localStore.get(KEY)) || DEFAULT_FONT_PX, null));

export function useFontSize() {
  return { fontSize: readonly(fontSize), changeFontSize, setFontSize };
}

/** @param delta in pixels; 0 is the usual size again */
function changeFontSize(delta: number): void {
  setFontSize(fontSizeAfter(fontSize.value, delta));
}

function setFontSize(px: number): void {
  fontSize.value = fontSizeAfter(px, null);
  if (fontSize.value === DEFAULT_FONT_PX) localStore.remove(KEY);
  else localStore.set(KEY, String(fontSize.value));
}
