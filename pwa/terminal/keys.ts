/** The veto on a key before the terminal takes it, and which terminal keys and commands are meant for. */
import type { Terminal } from '@xterm/xterm';
import { isOfWindow } from '../ui/keyOwner.ts';
import { toast } from '../ui/toasts.ts';
import { CANNOT_COPY, copyText } from './clipboardConsent.ts';

/** What the window's commands can do with the terminal that has the focus. */
export interface CommandedTerminal {
  hasSelection(): boolean;
  copySelection(): Promise<void>;
}

let focused: { terminal: Terminal; element: HTMLElement } | null = null;

/** The terminal with the focus, if any. */
export function focusedTerminal(): CommandedTerminal | null {
  if (!focused?.element.contains(document.activeElement)) return null;
  const { terminal } = focused;
  return { hasSelection: () => terminal.hasSelection(), copySelection: () => copySelection(terminal) };
}

/**
 * Leaves the window's keys to the window: decided once for each key (ui/keyOwner.ts).
 * @param element holds the terminal
 * @param press what is done with the others; false when that was all
 * @returns how to stop: the element may outlive the terminal
 */
export function shareKeys(
  terminal: Terminal,
  element: HTMLElement,
  press: (event: KeyboardEvent) => boolean,
): () => void {
  terminal.attachCustomKeyEventHandler((event) => !isOfWindow(event) && press(event));
  const focusedNow = () => (focused = { terminal, element });
  element.addEventListener('focusin', focusedNow);
  return () => {
    element.removeEventListener('focusin', focusedNow);
    if (focused?.terminal === terminal) focused = null;
  };
}

async function copySelection(terminal: Terminal): Promise<void> {
  const text = terminal.getSelection();
  if (text === '') return;
  // What could not be copied stays selected: the browser's own menu may copy it still.
  if (await copyText(text)) terminal.clearSelection();
  else toast(CANNOT_COPY, 'bad');
}
