/** A session that was opened elsewhere may call before this window has heard of it: by no name, and as one that is no more. */
import type { Signals } from '../../client/types.ts';

/**
 * Passes on what sessions tell, in its order, but nothing of a session that is not in the list before the list was heard again.
 * @param hear resolves when it was, and whether that succeeded or not
 */
export function ofKnownSessions(
  signals: Signals,
  isKnown: (sessionId: string) => boolean,
  hear: () => Promise<void>,
): Signals {
  /** What is passed on last, while something waits. */
  let last: Promise<void> | null = null;

  async function inTurn(before: Promise<void> | null, sessionId: string, pass: () => void) {
    await before;
    if (!isKnown(sessionId)) await hear();
    pass();
  }

  function take(sessionId: string, pass: () => void) {
    if (!last && isKnown(sessionId)) return pass();
    const own = inTurn(last, sessionId, pass).finally(() => {
      if (last === own) last = null;
    });
    last = own;
  }

  return {
    look: (look) => signals.look(look),
    listen: (listener) =>
      signals.listen({
        signal: (signal, isLate) => take(signal.sessionId, () => listener.signal(signal, isLate)),
        seen: (seen) => take(seen.sessionId, () => listener.seen(seen)),
      }),
  };
}
