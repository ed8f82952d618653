/** The terminals of this window, for what acts on one without having its focus: a bar of keys, a finger. */
import type { Terminal } from '@xterm/xterm';

export interface TerminalInView {
  terminal: Terminal;
  /** Holds the terminal and nothing else. */
  host: HTMLElement;
}

const all = new Set<{ sessionId: string } & TerminalInView>();
let change = (typed: string): string => typed;

/** @returns takes it out again */
export function noteTerminal(sessionId: string, terminal: Terminal, host: HTMLElement): () => void {
  const one = { sessionId, terminal, host };
  all.add(one);
  return () => void all.delete(one);
}

/**
 * Of the session that the window shows as active, which is not always the one that had the focus last: after a reload none had,
 * and one that is opened has it only when it is drawn. Null while it is not in view: nothing is typed where nobody sees it.
 */
export function terminalOf(sessionId: string | null): TerminalInView | null {
  const one = [...all].find((other) => other.sessionId === sessionId);
  return one?.host.checkVisibility() ? one : null;
}

/** The terminal that this node is a part of. */
export function terminalAround(node: Node): TerminalInView | null {
  return [...all].find(({ host }) => host.contains(node)) ?? null;
}

/** What held modifiers of a key bar make of a typed text, before it is sent. */
export function changeTyping(how: (typed: string) => string): void {
  change = how;
}

export const changedTyping = (typed: string): string => change(typed);
