/** What a revived session begins with: the lines that were there before, and a line that divides the lives. */

/** How a stored line ends (see ScreenFeeder.transcript). */
const LINE_END = '\x1b[m\r\n';
/** So many lines in a row say that two texts meet: one line alone, or an empty one, stands in many places. */
const ANCHOR_LINES = 3;

/**
 * Puts what was stored later below what was stored earlier, where the two meet. Both are the newest lines of one scrollback at
 * their time, so the first lines of the later one stand somewhere in the earlier one, unless more came between than was kept.
 */
export function joinLines(earlier: string, later: string): string {
  const old = earlier.split(LINE_END);
  const fresh = later.split(LINE_END);
  const anchor = fresh.slice(0, ANCHOR_LINES);
  for (let at = old.length - anchor.length; at >= 0; at--) {
    if (anchor.every((line, i) => old[at + i] === line)) return [...old.slice(0, at), ...fresh].join(LINE_END);
  }
  return earlier + later;
}

export interface Division {
  /** Those from before: styled, each ended by `\x1b[m\r\n`; may be empty. */
  lines: string;
  how: 'revived' | 'woken';
  shardId: string;
  /** ms since the epoch */
  at: number;
  /** What the person is to know, a line each. */
  words: readonly string[];
}

export function preambleOf({ lines, how, shardId, at, words }: Division): string {
  const time = new Date(at).toISOString().slice(0, 16).replace('T', ' ');
  const told = words.map((text) => `\x1b[m\x1b[2m${text}${LINE_END}`).join('');
  return `\x1bc${lines}${told}\x1b[m\x1b[2m── ${how} on ${shardId} at ${time} UTC ──${LINE_END}`;
}
