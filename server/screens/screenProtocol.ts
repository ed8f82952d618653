/** What a backend and its screens process say to each other over the process's stdin and stdout, as frames of base/frames.ts. */

/** Lines kept above the screen; what a client without state is given to scroll. */
export const SCREEN_SCROLLBACK_LINES = 1_000;

export type ToScreens =
  /** A screen that begins at `offset`; answers to queries before `answerFrom` were given in an earlier life. */
  | { t: 'open'; sessionId: string; offset: number; answerFrom: number; cols: number; rows: number }
  /** Body: the bytes at `offset`. */
  | { t: 'feed'; sessionId: string; offset: number }
  | { t: 'resize'; sessionId: string; cols: number; rows: number }
  | { t: 'drop'; sessionId: string }
  | { t: 'snapshot'; id: number; sessionId: string };

export type FromScreens =
  /** Everything below `offset` was taken; feed more. */
  | { t: 'fed'; sessionId: string; offset: number }
  /** Body: what the terminal answers to a query that ended at `offset`; to be written to the pty. */
  | { t: 'answer'; sessionId: string; offset: number }
  /** Body: what draws the screen, which stands for everything before `offset`. */
  | { t: 'snapshot'; id: number; offset: number; cols: number; rows: number }
  | { t: 'no_snapshot'; id: number };
