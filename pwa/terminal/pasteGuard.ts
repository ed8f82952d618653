/** Looks at a paste before the terminal gets it: without brackets around it every line would be carried out as it comes. */
import { visibleText } from './waitingText.ts';

export interface RiskyPaste {
  text: string;
  /** Lines with something on them. */
  lines: number;
  /** It holds control characters, which a program may take for keys. */
  hasControls: boolean;
}

/** Tab and line ends are what texts are made of. */
const CONTROLS = /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x80-\x9f]/;
const ALL_CONTROLS = /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x80-\x9f]/g;

/** Null when it may simply be pasted. */
export function riskOf(text: string, isBracketed: boolean): RiskyPaste | null {
  const lines = text.split(/\r\n|\r|\n/).filter((line) => line.trim() !== '').length;
  const hasControls = CONTROLS.test(text);
  // The end of the brackets in the midst of the text is an ESC, so it is asked for here.
  const isRisky = hasControls || (!isBracketed && lines > 1);
  return isRisky ? { text, lines, hasControls } : null;
}

export function withoutControls(text: string): string {
  return text.replace(ALL_CONTROLS, '');
}

export function asOneLine(text: string): string {
  return withoutControls(text)
    .split(/\r\n|\r|\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .join(' ');
}

export function riskText({ lines, hasControls }: RiskyPaste): string {
  if (hasControls)
    return 'The text holds control characters, which the program would take for keys. They are left out.';
  return `The program takes each of the ${lines} lines for typed, and a shell carries each out at once.`;
}

const PREVIEW_CHARS = 2_000;

/** Line by line, and keys by their signs. */
export function pastePreview(text: string): string {
  const preview = text
    .slice(0, PREVIEW_CHARS)
    .split(/\r\n|\r|\n/)
    .map((line) => visibleText(line.replaceAll('\t', '  ')));
  return preview.join('\n') + (text.length > PREVIEW_CHARS ? '…' : '');
}

/** Asks before xterm sees the paste. Returns how to stop. */
export function guardPaste(
  host: HTMLElement,
  isBracketed: () => boolean,
  ask: (paste: RiskyPaste) => void,
): () => void {
  const pasted = (event: ClipboardEvent) => {
    const text = event.clipboardData?.getData('text/plain') ?? '';
    const risk = riskOf(text, isBracketed());
    if (!risk) return;
    event.preventDefault();
    event.stopPropagation();
    ask(risk);
  };
  host.addEventListener('paste', pasted, { capture: true });
  return () => host.removeEventListener('paste', pasted, { capture: true });
}
