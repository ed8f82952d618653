/** The only veto on a key before the terminal takes it: chords of the app go to the app, the rest to the program. */
import type { Terminal } from '@xterm/xterm';
import { commandFor } from './keymap.ts';

/** @returns false when the terminal must leave the key alone */
export function handleKey(terminal: Terminal, event: KeyboardEvent): boolean {
  const command = commandFor(event, terminal.hasSelection());
  if (command === null) return true;
  if (event.type === 'keydown' && command === 'copy') {
    event.preventDefault();
    void copySelection(terminal);
  }
  // Pasting is the browser's: its paste event reaches xterm, which brackets the text. All else is for the window's listener.
  return false;
}

async function copySelection(terminal: Terminal): Promise<void> {
  const text = terminal.getSelection();
  if (text === '') return;
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    document.execCommand('copy'); // plain http: xterm fills the copy event from the selection
  }
  terminal.clearSelection();
}
