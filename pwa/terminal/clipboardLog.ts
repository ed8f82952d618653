/** What programs did with the clipboard, or wanted to: of this window, and forgotten with it. The texts themselves are not kept. */
import { shallowReadonly, shallowRef } from 'vue';

export type ClipboardOutcome =
  | 'copied'
  /** Asked, and let. */
  | 'agreed'
  | 'notNow'
  | 'never'
  /** The browser did not let the page. */
  | 'notLet'
  | 'read'
  | 'tooLarge'
  | 'notText';

export interface ClipboardEntry {
  id: number;
  /** Milliseconds since 1970. */
  at: number;
  sessionId: string;
  outcome: ClipboardOutcome;
  /** Of what was to be copied. */
  chars: number;
}

const KEPT = 50;
const entries = shallowRef<readonly ClipboardEntry[]>([]);
let last = 0;

export function noteClipboard(sessionId: string, outcome: ClipboardOutcome, text = '', at = Date.now()): void {
  const entry = { id: ++last, at, sessionId, outcome, chars: [...text].length };
  entries.value = [entry, ...entries.value].slice(0, KEPT);
}

/** The latest first. */
export const useClipboardLog = () => shallowReadonly(entries);

export function outcomeText({ outcome, chars }: ClipboardEntry): string {
  const amount = chars === 1 ? '1 character' : `${chars} characters`;
  switch (outcome) {
    case 'copied':
      return `copied ${amount}`;
    case 'agreed':
      return `copied ${amount}, when you let it`;
    case 'notNow':
      return `wanted to copy ${amount}: not now`;
    case 'never':
      return `wanted to copy ${amount}: not in this session`;
    case 'notLet':
      return `wanted to copy ${amount}: the browser did not let it`;
    case 'read':
      return 'wanted to read the clipboard: refused, as always';
    case 'tooLarge':
      return 'wanted to copy more than 1 MB: refused';
    case 'notText':
      return 'wanted to copy what is no text: refused';
  }
}
