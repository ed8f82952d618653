/** Which screens are rebuilt, and in which order: a few at a time, so that rebuilding never holds up a live session. */

/** At the same time. Each keeps at most one high watermark of bytes on the way to the screens process. */
const MAX_RUNNING = 2;

export interface Rebuild {
  sessionId: string;
  /** Somebody waits for this screen. */
  isWanted: boolean;
  /** Where the output ended when the rebuild was asked for; more of it since means that the session is live. */
  endWhenAsked: number;
}

/** The next one to begin: first who is waited for, then live sessions, then in the order they were asked for. */
export function nextRebuild<Entry extends Rebuild>(
  waiting: readonly Entry[],
  running: number,
  endOf: (sessionId: string) => number,
): Entry | undefined {
  if (running >= MAX_RUNNING) return undefined;
  const isLive = (entry: Entry) => endOf(entry.sessionId) > entry.endWhenAsked;
  return waiting.find(({ isWanted }) => isWanted) ?? waiting.find(isLive) ?? waiting[0];
}
