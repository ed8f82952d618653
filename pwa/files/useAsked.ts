/** Something asked of the server for a view: the newest question counts, an older one is given up, and so is the last with the view. */
import { onScopeDispose, shallowRef } from 'vue';
import { sentenceOf } from '../ui/errorText.ts';

export function useAsked<T>() {
  /** What was answered last; it stays while the next answer is on its way. */
  const answer = shallowRef<T | null>(null);
  const trouble = shallowRef('');
  const isAsking = shallowRef(false);
  let current = new AbortController();

  async function ask(question: (signal: AbortSignal) => Promise<T>): Promise<void> {
    current.abort();
    const mine = (current = new AbortController());
    isAsking.value = true;
    try {
      const answered = await question(mine.signal);
      if (mine.signal.aborted) return;
      answer.value = answered;
      trouble.value = '';
    } catch (error) {
      if (!mine.signal.aborted) trouble.value = sentenceOf(error);
    } finally {
      if (current === mine) isAsking.value = false;
    }
  }

  onScopeDispose(() => current.abort());
  return { answer, trouble, isAsking, ask };
}
