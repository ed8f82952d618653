/** What a terminal asks its person before it is done: to follow a link, to copy for a program, to paste several lines. */
import { ref, shallowRef } from 'vue';
import { toast } from '../ui/toasts.ts';
import { copyText, mayUseClipboard, setMayUseClipboard } from './clipboardConsent.ts';
import { noteClipboard, type ClipboardOutcome } from './clipboardLog.ts';
import type { ClipboardRequest } from './clipboardWrites.ts';
import type { Link } from './links.ts';
import { asOneLine, withoutControls } from './pasteGuard.ts';
import type { RiskyPaste } from './pasteGuard.ts';

export interface Asking {
  sessionId: string;
  isVisible: boolean;
}

export function usePaneQuestions(props: Asking, paste: (text: string) => void) {
  const link = shallowRef<Link | null>(null);
  const hovered = shallowRef<Link | null>(null);
  const riskyPaste = shallowRef<RiskyPaste | null>(null);
  /** The page may not read the clipboard: the person pastes into a field. */
  const isPastingByHand = ref(false);
  /** What a program wants to copy and the browser does not let it. */
  const copying = ref<string | null>(null);

  const events = {
    link: (asked: Link) => (link.value = asked),
    linkHovered: (under: Link | null) => (hovered.value = under),
    riskyPaste: (asked: RiskyPaste) => (riskyPaste.value = asked),
    pasteByHand: () => (isPastingByHand.value = true),
    clipboard: (request: ClipboardRequest) => void clipboard(request),
  };

  async function clipboard(request: ClipboardRequest) {
    const note = (outcome: ClipboardOutcome, text?: string) => noteClipboard(props.sessionId, outcome, text);
    if (request.kind === 'refused') {
      note(request.why);
      if (request.why === 'tooLarge' && mayUseClipboard(props.sessionId))
        toast('A program wanted to copy more than 1 MB. It was refused.', 'bad');
      return;
    }
    if (!mayUseClipboard(props.sessionId)) return note('never', request.text);
    // A program that nobody looks at changes no clipboard behind their back.
    const isSeen = props.isVisible && document.hasFocus();
    const isCopied = isSeen && (await navigator.clipboard?.writeText(request.text).then(isDone, isNotDone));
    if (!isCopied) return void (copying.value = request.text);
    note('copied', request.text);
    toast(copiedText(request.text));
  }

  async function answerCopy(answer: 'copy' | 'never' | 'no') {
    const text = copying.value;
    copying.value = null;
    if (answer === 'never') setMayUseClipboard(props.sessionId, false);
    if (text === null) return;
    if (answer !== 'copy') return noteClipboard(props.sessionId, answer === 'never' ? 'never' : 'notNow', text);
    const isCopied = await copyText(text);
    noteClipboard(props.sessionId, isCopied ? 'agreed' : 'notLet', text);
    toast(isCopied ? copiedText(text) : 'The browser does not let this page copy.', isCopied ? 'info' : 'bad');
  }

  function answerPaste(answer: 'paste' | 'oneLine' | 'no') {
    const text = riskyPaste.value?.text ?? '';
    riskyPaste.value = null;
    if (answer !== 'no') paste(answer === 'oneLine' ? asOneLine(text) : withoutControls(text));
  }

  return { link, hovered, riskyPaste, isPastingByHand, copying, events, answerCopy, answerPaste };
}

const isDone = () => true;
const isNotDone = () => false;

export function copiedText(text: string): string {
  const chars = [...text].length;
  return `A program copied ${chars === 1 ? '1 character' : `${chars} characters`} to the clipboard.`;
}
