/** Which sessions want the person, and which ones are in view. What is heard and told comes after the first paint. */
import { inject, shallowRef } from 'vue';
import type { InjectionKey } from 'vue';
import type { SessionSignal } from '../../protocol/attention.ts';

export function createAttention() {
  /** By session id: marked until looked at. */
  const marks = shallowRef<ReadonlyMap<string, SessionSignal>>(new Map());
  /** The sessions before the person, as soon as the window has the focus; first the one whose keys these are. */
  const inView = shallowRef<readonly string[]>([]);
  return {
    marks,
    inView,
    of: (sessionId: string) => marks.value.get(sessionId) ?? null,
    show: (sessionIds: readonly string[]) => void (inView.value = sessionIds),
  };
}

export type AttentionList = ReturnType<typeof createAttention>;
export const attentionKey: InjectionKey<AttentionList> = Symbol('attention');

export function useAttention(): AttentionList {
  const attention = inject(attentionKey);
  if (!attention) throw new Error('no attention was provided');
  return attention;
}
