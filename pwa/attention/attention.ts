/** What a signal of a program asks of the person, and for how long it stands. Pure. */
import type { TerminalSignal } from '../terminal/signals.ts';

export interface Attention {
  kind: 'bell' | 'notice' | 'done' | 'failed';
  /** One line, for the tab's tooltip and the system's notification. */
  text: string;
}

/** A command that takes less is still being waited for by whoever typed it. */
export const LONG_COMMAND_MS = 30_000;

/** Null when the signal asks for nothing. */
export function attentionFor(signal: TerminalSignal): Attention | null {
  switch (signal.kind) {
    case 'bell':
      return { kind: 'bell', text: 'The bell rang' };
    case 'notification':
      return { kind: 'notice', text: [signal.title, signal.body].filter(Boolean).join(': ') };
    case 'commandEnded':
      return endOf(signal);
  }
}

function endOf({ command, exitCode, durationMs }: Extract<TerminalSignal, { kind: 'commandEnded' }>): Attention | null {
  if (durationMs === null || durationMs < LONG_COMMAND_MS) return null;
  const name = command ?? 'A command';
  const isFailure = exitCode !== null && exitCode !== 0;
  return isFailure
    ? { kind: 'failed', text: `${name} failed (${exitCode})` }
    : { kind: 'done', text: `${name} is done` };
}

const WEIGHT: Record<Attention['kind'], number> = { bell: 0, done: 1, notice: 2, failed: 2 };

/** What stands when another comes before anybody looked: a bell beside a notice says nothing more. */
export function heavier(before: Attention | undefined, next: Attention): Attention {
  return before && WEIGHT[before.kind] > WEIGHT[next.kind] ? before : next;
}
