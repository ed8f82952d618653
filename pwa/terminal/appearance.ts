/** How a terminal looks in this window, for programs that ask: told to the server, which answers them. */
import type { Terminal } from '@xterm/xterm';
import type { Appearance } from '../../protocol/terminal.ts';
import type { TerminalLook } from './terminalLook.ts';

/** Of the app's font at its size, for a terminal that is not in view and cannot be measured. */
const USUAL_CELL = { width: 8, height: 17 };

export function appearanceOf(terminal: Terminal, { colors, isDark }: TerminalLook): Appearance {
  const { foreground, background, cursor } = colors;
  const cell = cellOf(terminal) ?? USUAL_CELL;
  return {
    foreground,
    background,
    cursor,
    cellWidth: cell.width,
    cellHeight: cell.height,
    isDark,
  };
}

/** In CSS pixels. */
function cellOf({ element, cols, rows }: Terminal): { width: number; height: number } | null {
  const screen = element?.querySelector('.xterm-screen')?.getBoundingClientRect();
  const cell = screen && { width: screen.width / cols, height: screen.height / rows };
  return cell && cell.width >= 1 && cell.height >= 1 ? cell : null;
}
