/** Where in a log a screen is begun anew, and which sizes its output was made for. */
import type { SizeMark } from '../ptyhost/hostProtocol.ts';

/** A clean place is looked for within this much; sequences are shorter, except for pictures and the like. */
const LOOK_AHEAD_BYTES = 4 * 1024;
const LF = 0x0a;
const ESC = 0x1b;

/**
 * How many of the first bytes of a log that was cut somewhere are passed over: up to the first line feed or escape, before
 * which there may be the rest of a sequence, or of a character.
 */
export function bytesToSkip(bytes: Uint8Array): number {
  const clean = bytes.subarray(0, LOOK_AHEAD_BYTES).findIndex((byte) => byte === LF || byte === ESC);
  if (clean >= 0) return clean;
  const character = bytes.findIndex((byte) => (byte & 0xc0) !== 0x80);
  return Math.max(0, character);
}

/** The size at `offset`, and the changes that come after it. Without a mark before it, the oldest known or `fallback`. */
export function sizesFrom(
  marks: readonly SizeMark[],
  offset: number,
  fallback: { cols: number; rows: number },
): { cols: number; rows: number; changes: SizeMark[] } {
  const { cols, rows } = marks.findLast((mark) => mark.offset <= offset) ?? marks[0] ?? fallback;
  return { cols, rows, changes: marks.filter((mark) => mark.offset > offset) };
}
