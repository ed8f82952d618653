/** How a session is told in a few words, the same in tab, list and notice. */
import type { Session } from '../../protocol/sessions.ts';

const SIGNALS: Record<number, string> = {
  1: 'SIGHUP',
  2: 'SIGINT',
  3: 'SIGQUIT',
  4: 'SIGILL',
  6: 'SIGABRT',
  7: 'SIGBUS',
  8: 'SIGFPE',
  9: 'SIGKILL',
  11: 'SIGSEGV',
  13: 'SIGPIPE',
  14: 'SIGALRM',
  15: 'SIGTERM',
};

/** `exited 0`, `ended by SIGKILL`, `put away`, `lost`; empty while it runs. */
export function endText({ state, exitCode, exitSignal }: Pick<Session, 'state' | 'exitCode' | 'exitSignal'>): string {
  if (state === 'lost') return 'lost';
  if (state === 'hibernated') return 'put away';
  if (state !== 'exited') return '';
  if (exitSignal !== null && exitSignal > 0) return `ended by ${SIGNALS[exitSignal] ?? `signal ${exitSignal}`}`;
  return exitCode === null ? 'exited' : `exited ${exitCode}`;
}

/** What the sign beside it means, for those who do not see it. */
export function stateText(session: Pick<Session, 'state' | 'exitCode' | 'exitSignal'>): string {
  return endText(session) || session.state;
}

/** Nobody runs it, and it can be taken up again: its last screen is shown. */
export function isAtRest({ state }: Pick<Session, 'state'>): boolean {
  return state === 'lost' || state === 'hibernated';
}

/** Closing such a session ends a program. */
export function isAlive({ state }: Pick<Session, 'state'>): boolean {
  return state === 'starting' || state === 'running';
}
