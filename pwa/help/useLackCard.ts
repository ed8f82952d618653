/** Whether the card about this browser is shown: for what is new since it was read, and whenever it is asked for. */
import { computed, ref } from 'vue';
import { localStore } from '../ui/browserStorage.ts';
import { useLacks } from '../ui/useLacks.ts';

/** What was read of, by name; where nothing is kept, once in each window. */
const KEY = 'holdfast.lacksRead';

export function useLackCard() {
  const { lacks } = useLacks();
  const read = ref(new Set((localStore.get(KEY) ?? '').split(' ')));
  const isAsked = ref(false);
  const isNews = computed(() => [...lacks.value].some((lack) => !read.value.has(lack)));

  function done() {
    isAsked.value = false;
    read.value = new Set(lacks.value);
    // A store that was replaced once may be so again, which is news then.
    localStore.set(KEY, [...lacks.value].filter((lack) => lack !== 'damaged').join(' '));
  }

  return {
    lacks,
    isShown: computed(() => lacks.value.size > 0 && (isNews.value || isAsked.value)),
    ask: () => (isAsked.value = true),
    done,
  };
}
