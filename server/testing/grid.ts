/** What a terminal shows, cell by cell, so that two of them can be compared. */
import xterm from '@xterm/headless';

export type HeadlessTerminal = InstanceType<typeof xterm.Terminal>;

export function newTerminal(cols = 80, rows = 24): HeadlessTerminal {
  return new xterm.Terminal({ cols, rows, allowProposedApi: true });
}

/** Resolves when the bytes have been parsed. */
export function feed(terminal: HeadlessTerminal, bytes: Uint8Array | string): Promise<void> {
  return new Promise((resolve) => terminal.write(bytes, resolve));
}

/** The visible rows as text, without the spaces at their ends. */
export function rowsOf(terminal: HeadlessTerminal): string[] {
  const { active } = terminal.buffer;
  return Array.from({ length: terminal.rows }, (_, y) => active.getLine(active.baseY + y)!.translateToString(true));
}

/** Text, and for each run of cells that look alike where it begins and how it looks; the cursor last. */
export function gridOf(terminal: HeadlessTerminal): string[] {
  const { active } = terminal.buffer;
  const lines = Array.from({ length: terminal.rows }, (_, y) => {
    const line = active.getLine(active.baseY + y)!;
    let looks = '';
    let last = '';
    for (let x = 0; x < terminal.cols; x++) {
      const cell = line.getCell(x)!;
      const look = [
        cell.getFgColorMode(),
        cell.getFgColor(),
        cell.getBgColorMode(),
        cell.getBgColor(),
        cell.isBold(),
        cell.isDim(),
        cell.isItalic(),
        cell.isUnderline(),
        cell.isInverse(),
        cell.isInvisible(),
        cell.isStrikethrough(),
      ].join(',');
      if (look !== last) looks += ` ${x}:${look}`;
      last = look;
    }
    return `${line.translateToString(true)} |${looks}`;
  });
  return [...lines, `${active.type} cursor ${active.cursorX},${active.cursorY}`];
}
