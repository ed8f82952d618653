/** An entry of the log in words. */
import type { SignalKind } from '../../protocol/attention.ts';
import type { Outcome } from './attentionLog.ts';

export const KINDS: Record<SignalKind, string> = {
  needsInput: 'Needs you',
  failed: 'Failed',
  done: 'Done',
  notice: 'Notice',
  bell: 'Bell',
};

export const OUTCOMES: Record<Outcome, string> = {
  shown: 'shown',
  called: 'shown while no window was open',
  here: 'held back: you were at work in a window',
  policy: 'held back: as you have set',
  late: 'held back: this browser was cut off',
  inView: 'held back: the program wants it only out of view',
  notAllowed: 'held back: the browser does not allow notifications',
  failed: 'held back: the system did not show it',
};

export const POLICY_TEXTS = {
  all: 'Everything',
  needsMe: 'Only when it needs me',
  nothing: 'Nothing',
} as const;

/** The time of day, and the date of another day. */
export function whenText(at: number, now: number): string {
  const [date, today] = [new Date(at), new Date(now)];
  const time = date.toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });
  const isToday = date.toDateString() === today.toDateString();
  return isToday ? time : `${date.toLocaleDateString([], { day: 'numeric', month: 'short' })} ${time}`;
}
