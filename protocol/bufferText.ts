/** Text of a terminal's buffer between two places, as a person would copy it: wrapped rows are one line. */
export interface Place {
  line: number;
  x: number;
}

/** A buffer of xterm.js, with a display or without one. */
export interface TextBuffer {
  getLine(y: number):
    | {
        readonly isWrapped: boolean;
        translateToString(trimRight?: boolean, startColumn?: number, endColumn?: number): string;
      }
    | undefined;
}

/** @param end not included */
export function textBetween(buffer: TextBuffer, start: Place, end: Place): string {
  let text = '';
  for (let y = start.line; y <= end.line; y++) {
    const line = buffer.getLine(y);
    if (!line) break;
    if (y > start.line && !line.isWrapped) text += '\n';
    const from = y === start.line ? start.x : 0;
    const isLast = y === end.line;
    const goesOn = !isLast && buffer.getLine(y + 1)?.isWrapped === true;
    text += isLast ? line.translateToString(false, from, end.x) : line.translateToString(!goesOn, from);
  }
  return text;
}
