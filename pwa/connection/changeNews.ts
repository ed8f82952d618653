/** Tells the parts of the app that a list may have changed, those that were loaded later too. */
import type { ChangedSubject } from '../../protocol/terminal.ts';

export function createChangeNews() {
  const listeners = new Set<(subject: ChangedSubject) => void>();
  const told = new Set<ChangedSubject>();

  return {
    tell: (subject: ChangedSubject) => {
      told.add(subject);
      for (const listener of listeners) listener(subject);
    },
    /** Calls `listener` when a list may have changed, and at once for what was told before it came; returns how to stop. */
    listen: (listener: (subject: ChangedSubject) => void) => {
      listeners.add(listener);
      for (const subject of told) listener(subject);
      return () => listeners.delete(listener);
    },
  };
}
