/** Finds where commands begin in a terminal's output, by the marks of shells (OSC 133, OSC 633). Needs no terminal. */
import { parseOsc133, parseOsc633, type ShellMark } from './shellMarks.ts';

export interface FoundCommand {
  /** In the text given last: right behind the mark, where the command's own output begins. */
  index: number;
  /** Empty when it is not known. */
  text: string;
}

/** An unfinished sequence is waited for up to this many characters; marks are shorter. */
const MAX_HELD_CHARS = 8_192;
const MAX_COMMAND_CHARS = 200;
const MARK = /^\x1b\](133|633);([^\x07\x1b]*)(?:\x07|\x1b\\)/;
const ENDING = /[\x07\x1b]/;
const SEQUENCE = /\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[ -/]*[0-Z\\^-~])/g;
const ERASE_TO_END = new Set(['\x1b[K', '\x1b[0K']);

export class CommandScanner {
  /** The beginning of a mark that the text given last ended with. */
  #held = '';
  /** What is printed between the prompt and the output: the command as it is typed; null elsewhere. */
  #typed: string | null = null;
  #said: string | null = null;

  scan(given: string): FoundCommand[] {
    const text = this.#held + given;
    const before = this.#held.length;
    this.#held = '';
    const found: FoundCommand[] = [];
    let from = 0;
    for (let at = text.indexOf('\x1b'); at >= 0; at = text.indexOf('\x1b', at + 1)) {
      const rest = text.slice(at, at + MAX_HELD_CHARS);
      const match = MARK.exec(rest);
      if (match) {
        this.#type(text.slice(from, at));
        from = at + match[0].length;
        const command = this.#take(match[1] === '133' ? parseOsc133(match[2]!) : parseOsc633(match[2]!));
        if (command !== null) found.push({ index: Math.max(0, from - before), text: command });
        at = from - 1;
      } else if (at + rest.length === text.length && mayBecomeMark(rest)) {
        this.#held = rest;
        break;
      }
    }
    this.#type(text.slice(from, text.length - this.#held.length));
    return found;
  }

  /** @returns the command that begins here, or null */
  #take(mark: ShellMark | null): string | null {
    if (mark?.kind === 'text') this.#said = mark.text;
    if (mark?.kind === 'prompt') this.#said = this.#typed = null;
    if (mark?.kind === 'command') this.#typed = '';
    if (mark?.kind !== 'output') return null;
    const text = mark.text ?? this.#said ?? (this.#typed === null ? '' : lineOf(this.#typed));
    this.#said = this.#typed = null;
    return text.slice(0, MAX_COMMAND_CHARS);
  }

  #type(text: string): void {
    if (this.#typed !== null && this.#typed.length < MAX_HELD_CHARS) this.#typed += text;
  }
}

/** It is the beginning of a mark, with nothing yet against it. */
function mayBecomeMark(rest: string): boolean {
  const isBegun = ['\x1b]133;', '\x1b]633;'].some((mark) => mark.startsWith(rest) || rest.startsWith(mark));
  return isBegun && rest.slice(1, -1).search(ENDING) < 0;
}

/** What a line editor left on its first line, of everything it printed: typed over, taken back and erased. */
export function lineOf(printed: string): string {
  const line: string[] = [];
  let x = 0;
  const plain = printed.replace(SEQUENCE, (sequence) => (ERASE_TO_END.has(sequence) ? '\x1b' : ''));
  for (const char of plain.trimStart()) {
    if (char === '\n') break;
    if (char === '\b') x = Math.max(0, x - 1);
    else if (char === '\r') x = 0;
    else if (char === '\x1b') line.length = x;
    else if (char >= ' ') line[x++] = char;
  }
  return line.join('').trim();
}
