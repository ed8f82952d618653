/** Which terminal a person looks at, for what acts on it without having the focus: a bar of keys, a finger. */
import type { Terminal } from '@xterm/xterm';

export interface TerminalInView {
  terminal: Terminal;
  /** Holds the terminal and nothing else. */
  host: HTMLElement;
}

const all = new Set<TerminalInView>();
let used: TerminalInView | null = null;
let change = (typed: string): string => typed;

/** @returns takes it out again */
export function noteTerminal(terminal: Terminal, host: HTMLElement): () => void {
  const one = { terminal, host };
  const focused = () => (used = one);
  all.add(one);
  host.addEventListener('focusin', focused);
  return () => {
    all.delete(one);
    if (used === one) used = null;
    host.removeEventListener('focusin', focused);
  };
}

/** Of several, the one that was used last. */
export function terminalInView(): TerminalInView | null {
  const inView = [...all].filter(({ host }) => host.checkVisibility());
  return inView.find((one) => one === used) ?? inView[0] ?? null;
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
