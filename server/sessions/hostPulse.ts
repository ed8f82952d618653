/** Whether a pty host answers, told apart from whether our connection to it stands: a frozen process keeps its sockets open. */
import type { HostState } from '../../protocol/terminal.ts';

export type { HostState };

/** Time is counted in beats of this, not by the clock: a backend that was frozen itself must not blame its host for the time it slept. */
export const BEAT_MS = 1_000;
/** A host that said nothing for this many beats is asked… */
const ASK_BEATS = 2;
/** …and one that did not answer for this many is blocked. */
const BLOCKED_BEATS = 5;

export interface Pulse {
  /** A question, or the hello, waits for its answer. */
  isAsked: boolean;
  /** Beats since the last word of the host, or since the question. */
  silentBeats: number;
}

/** At the beginning of a connection: our hello waits for its answer. */
export const newPulse = (): Pulse => ({ isAsked: true, silentBeats: 0 });

/** Any word of the host shows that it lives. */
export const heard = (): Pulse => ({ isAsked: false, silentBeats: 0 });

export function beat({ isAsked, silentBeats }: Pulse): { pulse: Pulse; isToAsk: boolean } {
  const isToAsk = !isAsked && silentBeats + 1 >= ASK_BEATS;
  return { pulse: isToAsk ? newPulse() : { isAsked, silentBeats: silentBeats + 1 }, isToAsk };
}

export function isBlocked({ isAsked, silentBeats }: Pulse): boolean {
  return isAsked && silentBeats >= BLOCKED_BEATS;
}

/** What is told of several hosts: new sessions need the current one; any that is blocked holds somebody's terminals. */
export function worstOf(current: HostState, previous: readonly HostState[]): HostState {
  if (current === 'gone') return 'gone';
  return [current, ...previous].includes('blocked') ? 'blocked' : 'ok';
}
