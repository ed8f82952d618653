/** Which sessions want the person: marked until looked at, counted on the app's badge, told by the system when nobody looks. */
import { inject, shallowRef } from 'vue';
import type { InjectionKey } from 'vue';
import type { TerminalSignal } from '../terminal/signals.ts';
import { attentionFor, heavier, type Attention } from './attention.ts';
import { browserOutlook, type Outlook } from './outlook.ts';

export function createAttention(outlook: Outlook = browserOutlook()) {
  const wanted = shallowRef<ReadonlyMap<string, Attention>>(new Map());
  /** The session in view in this window. */
  let inView: string | null = null;
  const mayAsk = shallowRef(outlook.mayAsk());

  function set(next: ReadonlyMap<string, Attention>) {
    wanted.value = next;
    outlook.badge(next.size);
  }

  /** A program of this session gave a sign. @param name what the person knows the session by */
  function heard(sessionId: string, name: string, signal: TerminalSignal) {
    const attention = attentionFor(signal);
    if (!attention || (inView === sessionId && outlook.isFocused())) return;
    set(new Map(wanted.value).set(sessionId, heavier(wanted.value.get(sessionId), attention)));
    // What was printed while the window was cut off is marked; to interrupt somebody for it is too late.
    if (!signal.isLate && !outlook.isFocused()) void outlook.tell(sessionId, name, attention);
  }

  function look() {
    outlook.looksAt(outlook.isFocused() ? inView : null);
    if (inView === null || !outlook.isFocused() || !wanted.value.has(inView)) return;
    const next = new Map(wanted.value);
    next.delete(inView);
    set(next);
  }

  /** The person has this session before them, as soon as the window has the focus. */
  function show(sessionId: string | null) {
    inView = sessionId;
    look();
  }

  const ask = async () => {
    await outlook.ask();
    mayAsk.value = outlook.mayAsk();
  };

  outlook.onFocus(look);
  return {
    of: (sessionId: string) => wanted.value.get(sessionId) ?? null,
    heard,
    show,
    mayAsk: () => mayAsk.value,
    ask,
  };
}

export type AttentionList = ReturnType<typeof createAttention>;
export const attentionKey: InjectionKey<AttentionList> = Symbol('attention');

export function useAttention(): AttentionList {
  const attention = inject(attentionKey);
  if (!attention) throw new Error('no attention was provided');
  return attention;
}
