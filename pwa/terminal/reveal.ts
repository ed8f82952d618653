/** A place in a session's terminal that somebody wants to see: kept until that terminal has something drawn. */
import type { Terminal } from '@xterm/xterm';
import { shallowRef } from 'vue';

export type Reveal = (terminal: Terminal) => void;

/** One at a time: who asks for another place does not want the first. */
export const wantedPlace = shallowRef<{ sessionId: string; reveal: Reveal } | null>(null);

/** Carries it out, once, if it is in this terminal: when that is painted, because until then it cannot be scrolled (xterm.js 6.1). */
export function showWantedPlace(sessionId: string, terminal: Terminal): void {
  if (wantedPlace.value?.sessionId !== sessionId) return;
  const { reveal } = wantedPlace.value;
  wantedPlace.value = null;
  const painted = terminal.onRender(() => {
    painted.dispose();
    // After all who listen: the one who scrolls may be among them.
    queueMicrotask(() => reveal(terminal));
  });
  terminal.refresh(0, terminal.rows - 1);
}
