/** Alacritty's tree of colours, in TOML today and in YAML before. Pure. */
import type { FileTheme } from '../fileTheme.ts';
import { ansiPaths, spotsAt, type Tree } from './tree.ts';

export function ofAlacritty(root: Tree): FileTheme {
  const pathOf = (name: string) =>
    name.startsWith('bright') ? `colors.bright.${name.slice(6).toLowerCase()}` : `colors.normal.${name}`;
  return {
    expected: { background: 'colors.primary.background', foreground: 'colors.primary.foreground' },
    spots: spotsAt(root, {
      background: ['colors.primary.background'],
      foreground: ['colors.primary.foreground'],
      cursor: ['colors.cursor.cursor'],
      cursorAccent: ['colors.cursor.text'],
      selectionBackground: ['colors.selection.background'],
      selectionForeground: ['colors.selection.text'],
      ...ansiPaths(pathOf),
    }),
  };
}
