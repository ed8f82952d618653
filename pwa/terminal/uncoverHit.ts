/** Brings the hit that is selected out from under the find bar. */
import type { Terminal } from '@xterm/xterm';

export type Box = Pick<DOMRect, 'left' | 'top' | 'right' | 'bottom'>;

/** The buffer's first lines stay where they are: there is nothing above them to scroll to. */
export function uncoverHit(terminal: Terminal, bar: Box | null): void {
  const at = terminal.getSelectionPosition();
  const screen = terminal.screenElement?.getBoundingClientRect();
  if (!at || !screen?.height || !bar) return;
  const { cols, rows, buffer } = terminal;
  const lineHeight = screen.height / rows;
  const row = at.start.y - buffer.active.viewportY;
  const isOneLine = at.start.y === at.end.y;
  const across = (x: number) => screen.left + (x * screen.width) / cols;
  const hit = {
    left: across(isOneLine ? at.start.x : 0),
    right: across(isOneLine ? at.end.x : cols),
    top: screen.top + row * lineHeight,
    bottom: screen.top + (row + 1 + at.end.y - at.start.y) * lineHeight,
  };
  const lines = Math.min(linesCovered(hit, bar, lineHeight), rows - 1 - row);
  if (lines > 0) terminal.scrollLines(-lines);
}

/** How many lines a hit has to go down, to be seen under the bar. */
export function linesCovered(hit: Box, bar: Box, lineHeight: number): number {
  const isBeside = hit.right <= bar.left || hit.left >= bar.right;
  const isBeyond = hit.bottom <= bar.top || hit.top >= bar.bottom;
  return isBeside || isBeyond ? 0 : Math.ceil((bar.bottom - hit.top) / lineHeight);
}
