/**
 * What lies in the directory of a session's log (docs/decisions/0002): the pty host writes it, and a backend reads it for
 * recordings (0027). A host may be of an earlier release than its backend: what is here may be added to, never changed.
 */

/** Raw output, named by the offset of its first byte. */
export const SEGMENT_NAME = /^\d{16}\.out$/;
/** One Mark a line, oldest first; a line that does not end with a brace was not written to its end. */
export const MARKS_FILE = 'marks.jsonl';
/** Times are recorded at most this often while output flows: enough for playback. */
export const TIME_MARK_MS = 250;

/** From `offset` on the output is from `at` or later, and made for this size where one is given. */
export interface Mark {
  offset: number;
  /** ms since the epoch */
  at: number;
  cols?: number;
  rows?: number;
}

export function segmentName(start: number): string {
  return `${String(start).padStart(16, '0')}.out`;
}

export function startOf(name: string): number {
  return Number(name.slice(0, 16));
}
