/** Files that came from outside the window, until the person has said which session they are for. */
import { readonly, shallowRef } from 'vue';

const waiting = shallowRef<readonly File[]>([]);

export function useSharedFiles() {
  return {
    waiting: readonly(waiting),
    offer: (files: readonly File[]) => (waiting.value = files),
  };
}
