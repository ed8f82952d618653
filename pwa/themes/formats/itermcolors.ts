/** iTerm2's colours: a property list in XML, each colour by the shares of its components. */
import { ANSI_NAMES } from '../../terminal/colors.ts';
import type { ColorName } from '../../terminal/colors.ts';
import { invalid, type FileTheme, type Spots } from '../fileTheme.ts';
import { colorOf } from '../readColor.ts';

const KEYS: Partial<Record<ColorName, string>> = {
  background: 'Background Color',
  foreground: 'Foreground Color',
  cursor: 'Cursor Color',
  cursorAccent: 'Cursor Text Color',
  selectionBackground: 'Selection Color',
  selectionForeground: 'Selected Text Color',
  ...Object.fromEntries(ANSI_NAMES.map((name, i) => [name, `Ansi ${i} Color`])),
};

export function readItermcolors(text: string): FileTheme[] {
  // Nothing of ours needs them, and they can be made to grow without end.
  if (/<!ENTITY/i.test(text)) throw invalid('It declares entities, which are not read.');
  const root = new DOMParser().parseFromString(text, 'text/xml');
  const error = root.querySelector('parsererror');
  if (error) throw syntaxError(error.textContent);
  const dict = root.querySelector('plist > dict');
  if (!dict) throw invalid('It is XML, but no property list with a dictionary.', { field: 'plist' });
  const colors = membersOf(dict);
  const spots: Spots = {};
  for (const [name, key] of Object.entries(KEYS) as [ColorName, string][]) {
    const color = colors.get(key);
    if (color) spots[name] = { text: textOf(color, key), field: key };
  }
  return [{ spots, expected: { background: 'Background Color', foreground: 'Foreground Color' } }];
}

function syntaxError(text: string) {
  const line = /line (\d+)/i.exec(text)?.[1];
  return invalid(line ? `Line ${line} is no XML.` : 'It is no XML.', line ? { line } : {});
}

/** A dictionary has its keys and values in turn. */
function membersOf(dict: Element): Map<string, Element> {
  const members = new Map<string, Element>();
  const children = [...dict.children];
  children.forEach((child, i) => {
    const value = children[i + 1];
    if (child.tagName === 'key' && value) members.set(child.textContent.trim(), value);
  });
  return members;
}

function textOf(color: Element, key: string): string {
  const members = membersOf(color);
  const text = (name: string) => members.get(name)?.textContent.trim() ?? '';
  const share = (component: string) => {
    const value = text(`${component} Component`);
    const share = value === '' ? NaN : Number(value);
    if (share >= 0 && share <= 1) return share;
    const field = `${key}, ${component} Component`;
    throw invalid(`${field} is ${value === '' ? 'missing' : `“${value.slice(0, 40)}”`}: it must be from 0 to 1.`, {
      field,
    });
  };
  const mode = text('Color Space') === 'P3' ? 'p3' : 'rgb';
  const alpha = members.has('Alpha Component') ? share('Alpha') : 1;
  return colorOf(mode, [share('Red'), share('Green'), share('Blue')], alpha) ?? '';
}
