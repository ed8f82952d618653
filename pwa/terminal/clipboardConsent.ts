/** Whether the programs of a session may use the clipboard: they may, until the person says never. Forgotten with the window. */
import { shallowReadonly, shallowRef } from 'vue';

const refused = shallowRef<ReadonlySet<string>>(new Set());

export const useRefused = () => shallowReadonly(refused);

export function mayUseClipboard(sessionId: string): boolean {
  return !refused.value.has(sessionId);
}

export function setMayUseClipboard(sessionId: string, may: boolean): void {
  const others = [...refused.value].filter((id) => id !== sessionId);
  refused.value = new Set(may ? others : [...others, sessionId]);
}

export const CANNOT_COPY = 'The browser does not let this page copy. “Terminal as text” shows it for selecting.';

/** Also where the page has no clipboard of its own, over plain http; then only within a click or a key. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyByEvent(text);
  }
}

function copyByEvent(text: string): boolean {
  let isTaken = false;
  const copied = (event: ClipboardEvent) => {
    event.clipboardData?.setData('text/plain', text);
    event.preventDefault();
    event.stopImmediatePropagation(); // or xterm would put its selection there
    isTaken = true;
  };
  document.addEventListener('copy', copied, { capture: true });
  const isDone = document.execCommand('copy');
  document.removeEventListener('copy', copied, { capture: true });
  return isDone && isTaken;
}
