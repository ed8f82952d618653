/** What a backend and its screens process say to each other over the process's stdin and stdout, as frames of base/frames.ts. */

import type { HeardSignal } from '../../protocol/attention.ts';
import type { Appearance } from '../../protocol/terminal.ts';

/** Lines kept above the screen; what a client without state is given to scroll. */
export const SCREEN_SCROLLBACK_LINES = 1_000;

/** What a picture shows: the screen alone, the lines above it as well, or only text of the normal screen with its attributes. */
export type Picture = 'screen' | 'whole' | 'transcript';

export type ToScreens =
  /**
   * A screen that begins at `offset`; answers to queries before `answerFrom` were given in an earlier life, and signals
   * before `signalFrom` told, or they are old.
   */
  | {
      t: 'open';
      sessionId: string;
      offset: number;
      answerFrom: number;
      signalFrom: number;
      cols: number;
      rows: number;
    }
  /** Body: the bytes at `offset`. */
  | { t: 'feed'; sessionId: string; offset: number }
  /** The size that output from `offset` on was made for. */
  | { t: 'resize'; sessionId: string; offset: number; cols: number; rows: number }
  /** What to tell programs that ask for colours and sizes in pixels. */
  | { t: 'appearance'; sessionId: string; appearance: Appearance }
  | { t: 'drop'; sessionId: string }
  /** Drawn all at the same offset, each of at most `maxBytes`. */
  | { t: 'draw'; id: number; sessionId: string; pictures: { of: Picture; maxBytes: number }[] };

export type FromScreens =
  /** Everything below `offset` was taken; feed more. */
  | { t: 'fed'; sessionId: string; offset: number }
  /** Body: what the terminal answers to a query that ended at `offset`; to be written to the pty. */
  | { t: 'answer'; sessionId: string; offset: number }
  /** What a piece of output that ended at `offset` tells the person, and the names of what it takes back. */
  | { t: 'signal'; sessionId: string; offset: number; signal: HeardSignal | null; closed: string[] }
  /** Body: the pictures one after the other, of `sizes` bytes. They stand for everything before `offset`. */
  | { t: 'drawn'; id: number; offset: number; cols: number; rows: number; sizes: number[] }
  | { t: 'not_drawn'; id: number };
