/** Marks the sessions that want the person until they are looked at, and has the system tell them when nobody looks. */
import type { Clock } from '../../client/clock.ts';
import type { Signals } from '../../client/types.ts';
import {
  heavier,
  IDLE_MS,
  isAfter,
  isWanted,
  type AttentionPolicy,
  type PushNote,
  type SeenSignals,
  type SessionSignal,
} from '../../protocol/attention.ts';
import type { Outcome } from './attentionLog.ts';
import type { Outlook } from './outlook.ts';
import type { AttentionList } from './useAttention.ts';

export interface WatchParts {
  attention: AttentionList;
  outlook: Outlook;
  clock: Clock;
  signals: Signals;
  policyOf: (sessionId: string) => AttentionPolicy;
  /** What the person knows the session by. */
  noteOf: (signal: SessionSignal) => PushNote;
}

export function createWatch({ attention, outlook, clock, signals, policyOf, noteOf }: WatchParts) {
  const { marks, inView } = attention;
  let isIdle = false;
  let cancelIdle = () => {};

  const isAlive = () => outlook.isFocused() && !isIdle;

  function set(next: ReadonlyMap<string, SessionSignal>) {
    marks.value = next;
    outlook.badge(next.size);
  }

  function unmark(sessionId: string) {
    outlook.close(sessionId);
    const next = new Map(marks.value);
    if (next.delete(sessionId)) set(next);
  }

  function heard(signal: SessionSignal, isLate: boolean) {
    const { sessionId, incarnation, offset } = signal;
    if (isAlive() && inView.value.includes(sessionId)) return;
    const why = reasonAgainst(signal, isLate);
    if (why !== 'policy') {
      const before = marks.value.get(sessionId);
      const standing = heavier(before?.incarnation === incarnation ? before : null, signal);
      set(new Map(marks.value).set(sessionId, { ...standing, incarnation, offset }));
    }
    const note = noteOf(signal);
    // Nothing waits for it, and a browser that fails at it has nobody to tell.
    (why ? outlook.holdBack(note, why) : outlook.tell(note)).catch(() => undefined);
  }

  function reasonAgainst(signal: SessionSignal, isLate: boolean): Outcome | null {
    const { kind, sessionId, when } = signal;
    if (!isWanted(kind, policyOf(sessionId))) return 'policy';
    // What was printed while the window was cut off is marked; to interrupt somebody for it is too late.
    if (isLate) return 'late';
    if (isAlive()) return 'here';
    // Of several in view one has the keys.
    const isShown =
      when === 'unfocused'
        ? inView.value[0] === sessionId && outlook.isFocused()
        : inView.value.includes(sessionId) && outlook.isVisible();
    return when !== 'always' && isShown ? 'inView' : null;
  }

  function seen(upTo: SeenSignals) {
    const mark = marks.value.get(upTo.sessionId);
    if (!mark || !isAfter(mark, upTo)) unmark(upTo.sessionId);
  }

  /** Whatever the person does or turns to: who is at work in this window has seen what is in view. */
  function look() {
    const looked = isAlive() ? inView.value : [];
    const [sessionId = null, ...beside] = looked;
    outlook.setAlive(isAlive());
    signals.look({ sessionId, beside, isAlive: isAlive() });
    for (const id of looked) if (marks.value.has(id)) unmark(id);
  }

  function used() {
    const wasIdle = isIdle;
    isIdle = false;
    cancelIdle();
    cancelIdle = clock.after(IDLE_MS, () => {
      isIdle = true;
      look();
    });
    if (wasIdle) look();
  }

  /** Of sessions that have ended, or are no more, nothing stands. */
  function keep(isRunning: (sessionId: string) => boolean) {
    for (const sessionId of [...marks.value.keys()]) if (!isRunning(sessionId)) unmark(sessionId);
  }

  outlook.onFocus(() => {
    if (outlook.isFocused()) used(); // coming back is an act
    look();
  });
  outlook.onUse(used);
  signals.listen({ signal: heard, seen });
  used();
  look();
  return { look, keep };
}
