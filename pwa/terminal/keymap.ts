/** Who gets a key: the one table of the app's chords. Whatever is not in it belongs to the terminal. */

export type Command =
  | 'copy'
  | 'paste'
  | 'newSession'
  | 'nextTab'
  | 'previousTab'
  | 'nextRegion'
  | 'previousRegion'
  | `tab${1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9}`;

export interface Chord {
  key: string;
  ctrlKey: boolean;
  shiftKey: boolean;
  altKey: boolean;
  metaKey: boolean;
}

interface Binding {
  chord: string;
  command: Command;
  /** Only while text is selected in the terminal; otherwise the key is the terminal's. */
  withSelection?: true;
}

export const bindings: readonly Binding[] = [
  { chord: 'F6', command: 'nextRegion' },
  { chord: 'Shift+F6', command: 'previousRegion' },
  { chord: 'Ctrl+Shift+M', command: 'nextRegion' },
  { chord: 'Ctrl+Shift+T', command: 'newSession' },
  { chord: 'Ctrl+Shift+Enter', command: 'newSession' },
  { chord: 'Ctrl+Shift+C', command: 'copy' },
  { chord: 'Ctrl+C', command: 'copy', withSelection: true },
  { chord: 'Meta+C', command: 'copy', withSelection: true },
  { chord: 'Ctrl+Shift+V', command: 'paste' },
  { chord: 'Shift+Insert', command: 'paste' },
  { chord: 'Meta+V', command: 'paste' },
  { chord: 'Ctrl+PageDown', command: 'nextTab' },
  { chord: 'Ctrl+PageUp', command: 'previousTab' },
  { chord: 'Alt+PageDown', command: 'nextTab' },
  { chord: 'Alt+PageUp', command: 'previousTab' },
  ...([1, 2, 3, 4, 5, 6, 7, 8, 9] as const).map((n) => ({ chord: `Alt+${n}`, command: `tab${n}` as const })),
];

/** `Ctrl+Shift+T`: modifiers in a fixed order, letters in capitals. */
export function chordName({ key, ctrlKey, shiftKey, altKey, metaKey }: Chord): string {
  const modifiers = [ctrlKey && 'Ctrl', altKey && 'Alt', shiftKey && 'Shift', metaKey && 'Meta'].filter(Boolean);
  return [...modifiers, key.length === 1 ? key.toUpperCase() : key].join('+');
}

export function commandFor(chord: Chord, hasSelection: boolean): Command | null {
  const name = chordName(chord);
  const binding = bindings.find((candidate) => candidate.chord === name);
  if (!binding || (binding.withSelection && !hasSelection)) return null;
  return binding.command;
}

/** The chords as the help shows them. */
export const help: readonly { chords: string[]; text: string; note?: string }[] = [
  { chords: ['F6', 'Ctrl+Shift+M'], text: 'Leave the terminal, go to the next part of the window' },
  { chords: ['Shift+F6'], text: 'Go to the part before' },
  {
    chords: ['Ctrl+Shift+Enter', 'Ctrl+Shift+T'],
    text: 'New session in the current project',
    note: 'Ctrl+Shift+T only in the installed app: a browser tab keeps it',
  },
  { chords: ['Alt+1 … Alt+9'], text: 'Go to a tab' },
  {
    chords: ['Alt+PageDown', 'Alt+PageUp'],
    text: 'Next and previous tab',
    note: 'with Ctrl in the installed app',
  },
  { chords: ['Ctrl+Shift+C'], text: 'Copy', note: 'Ctrl+C too, while text is selected' },
  { chords: ['Ctrl+Shift+V', 'Shift+Insert'], text: 'Paste' },
];
