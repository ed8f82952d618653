/** Brings a line that was found in kept text into sight, in a terminal that may have printed more since. */
import type { Terminal } from '@xterm/xterm';
import { textBetween } from '../../protocol/bufferText.ts';
import type { LineHit } from './findLines.ts';

/** @returns false when the line is no longer in the terminal */
export function showHit(terminal: Terminal, { text, at, length, sameBelow }: LineHit): boolean {
  const row = rowOf(terminal, text, sameBelow);
  if (row < 0) return false;
  terminal.select(at % terminal.cols, row + Math.floor(at / terminal.cols), length);
  terminal.scrollToLine(Math.max(0, row - Math.floor(terminal.rows / 2)));
  return true;
}

/** Where the line begins, counting those that read the same from the end; where there are fewer, the oldest of them. */
function rowOf({ buffer: { active }, cols }: Terminal, text: string, sameBelow: number): number {
  let found = -1;
  let left = sameBelow;
  for (let end = active.length - 1; end >= 0; end--) {
    let start = end;
    while (start > 0 && active.getLine(start)!.isWrapped) start--;
    if (textBetween(active, { line: start, x: 0 }, { line: end, x: cols }).trimEnd() === text) {
      found = start;
      if (left-- === 0) break;
    }
    end = start;
  }
  return found;
}
