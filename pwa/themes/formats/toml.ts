/** Alacritty's and WezTerm's TOML. */
import { parse, TomlError } from 'smol-toml';
import { invalid, type FileTheme, type Spot } from '../fileTheme.ts';
import { nameOf } from '../themeName.ts';
import { ofAlacritty } from './alacritty.ts';
import { at, brightOf, isTree, PLAIN_NAMES, spotsAt, type Tree } from './tree.ts';

export function readToml(text: string): FileTheme[] {
  const root = parsed(text);
  const colors = at(root, 'colors');
  if (!isTree(colors)) throw invalid('It has no table [colors].', { field: 'colors' });
  return [Array.isArray(colors.ansi) || !isTree(colors.primary) ? ofWezTerm(root) : ofAlacritty(root)];
}

function parsed(text: string): Tree {
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const [reason = ''] = error.message.replace('Invalid TOML document: ', '').split('\n');
    throw invalid(`Line ${error.line} is no TOML: ${nameOf(reason)}.`, { line: String(error.line) });
  }
}

function ofWezTerm(root: Tree): FileTheme {
  const spots = spotsAt(root, {
    background: ['colors.background'],
    foreground: ['colors.foreground'],
    cursor: ['colors.cursor_bg', 'colors.cursor_border'],
    cursorAccent: ['colors.cursor_fg'],
    selectionBackground: ['colors.selection_bg'],
    selectionForeground: ['colors.selection_fg'],
  });
  const listed = (list: 'ansi' | 'brights') => {
    const colors = at(root, `colors.${list}`);
    if (!Array.isArray(colors)) return [];
    return PLAIN_NAMES.flatMap((name, i) => {
      const spot: Spot = { text: colors[i] as unknown, field: `colors.${list}[${i}]` };
      return i < colors.length ? [[list === 'ansi' ? name : brightOf(name), spot]] : [];
    });
  };
  return {
    name: nameOf(at(root, 'metadata.name')),
    expected: { background: 'colors.background', foreground: 'colors.foreground' },
    spots: { ...spots, ...(Object.fromEntries([...listed('ansi'), ...listed('brights')]) as FileTheme['spots']) },
  };
}
