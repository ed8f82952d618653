/** The formats that go by lines: kitty, Ghostty, Xresources. Whatever else stands in such a file is passed over. Pure. */
import { ANSI_NAMES } from '../../terminal/colors.ts';
import type { ColorName } from '../../terminal/colors.ts';
import type { FileTheme, Spots } from '../fileTheme.ts';

/** Of a line, what it names and what it says; null when it says nothing. */
type LineReader = (line: string) => { key: string; text: string } | null;

/** No line about a colour is longer. */
const MAX_LINE_CHARS = 1_000;

const OTHERS: Record<string, ColorName> = {
  background: 'background',
  foreground: 'foreground',
  cursor: 'cursor',
  'cursor-color': 'cursor',
  cursorcolor: 'cursor',
  'cursor-text': 'cursorAccent',
  cursor_text_color: 'cursorAccent',
  cursorcolor2: 'cursorAccent',
  selection_background: 'selectionBackground',
  'selection-background': 'selectionBackground',
  highlightcolor: 'selectionBackground',
  selection_foreground: 'selectionForeground',
  'selection-foreground': 'selectionForeground',
  highlighttextcolor: 'selectionForeground',
};

export const readKitty = (text: string) => [readLines(text, kittyLine)];
export const readGhostty = (text: string) => [readLines(text, ghosttyLine)];
export const readXresources = (text: string) => [readLines(text, xresourcesLine(definesOf(text)))];

/** Of two lines for one colour the later counts. */
function readLines(text: string, read: LineReader): FileTheme {
  const spots: Spots = {};
  let name: string | undefined;
  text.split(/\r\n|\r|\n/).forEach((line, i) => {
    if (line.length > MAX_LINE_CHARS) return;
    // As the collections of such files write it at their head.
    name ??= /^\s*(?:##?|!)\s*name:\s*(.+)$/i.exec(line)?.[1];
    const found = read(line);
    const color = found && colorNamed(found.key);
    if (color) spots[color] = { text: found.text, field: found.key, line: i + 1 };
  });
  return { name, spots, expected: { background: 'background', foreground: 'foreground' } };
}

function colorNamed(key: string): ColorName | undefined {
  const number = /^color(\d{1,3})$/i.exec(key)?.[1];
  if (number !== undefined) return ANSI_NAMES[Number(number)];
  const name = key.toLowerCase();
  return Object.hasOwn(OTHERS, name) ? OTHERS[name] : undefined;
}

const kittyLine: LineReader = (line) => {
  const [, key, text] = /^\s*(\w+)[ \t]+(\S.*?)\s*$/.exec(line) ?? [];
  return key && text ? { key, text } : null;
};

const ghosttyLine: LineReader = (line) => {
  const [, key, value] = /^\s*([\w-]+)\s*=\s*(\S.*?)\s*$/.exec(line) ?? [];
  if (!key || !value) return null;
  const text = value.replace(/^"(.*)"$/, '$1');
  if (key !== 'palette') return { key, text };
  const [, number, color] = /^(\d{1,3})\s*=\s*(.*)$/.exec(text) ?? [];
  return number && color ? { key: `color${number}`, text: color } : null;
};

/** `URxvt*color1`, `*.color1`, `XTerm.vt100.color1`: whose it is does not matter here. */
function xresourcesLine(defines: ReadonlyMap<string, string>): LineReader {
  return (line) => {
    const [, key, text] = /^[^\s!#:]*?(\w+)\s*:\s*(\S.*?)\s*$/.exec(line) ?? [];
    return key && text ? { key, text: defines.get(text) ?? text } : null;
  };
}

/** `xrdb` runs such files through the C preprocessor, and many give their colours names that way. */
function definesOf(text: string): Map<string, string> {
  const lines = text.matchAll(/^[ \t]*#[ \t]*define[ \t]+(\w+)[ \t]+(\S+)/gm);
  return new Map([...lines].map(([, name, value]) => [name!, value!]));
}
