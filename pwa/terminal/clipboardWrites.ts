/** OSC 52: a program may put text on the clipboard, after the person agreed where the browser asks for that; it never reads it. */
import type { IDisposable, IParser } from '@xterm/xterm';
import { decodeBase64 } from './base64.ts';
import type { Freshness } from './freshness.ts';

export const MAX_CLIPBOARD_BYTES = 1024 * 1024;

export type ClipboardRequest =
  { kind: 'write'; text: string } | { kind: 'refused'; why: 'read' | 'tooLarge' | 'notText' };

/** Null: nothing to do. An empty text would clear the clipboard, and helps nobody. */
export function parseOsc52(data: string): ClipboardRequest | null {
  const at = data.indexOf(';');
  const payload = data.slice(at + 1);
  if (at < 0 || payload === '') return null;
  if (payload === '?') return { kind: 'refused', why: 'read' };
  if (payload.length > (MAX_CLIPBOARD_BYTES / 3) * 4 + 4) return { kind: 'refused', why: 'tooLarge' };
  const text = decodeBase64(payload);
  return text === null ? { kind: 'refused', why: 'notText' } : { kind: 'write', text };
}

export class ClipboardWrites {
  #hook: IDisposable;

  /** What was printed before this window came is not copied again. Reads are swallowed, and answered by nobody. */
  constructor(parser: IParser, gate: { readonly now: Freshness }, asked: (request: ClipboardRequest) => void) {
    this.#hook = parser.registerOscHandler(52, (data) => {
      const request = parseOsc52(data);
      if (request && gate.now !== 'old') asked(request);
      return true;
    });
  }

  dispose(): void {
    this.#hook.dispose();
  }
}
