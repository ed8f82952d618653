/** Schemes of Windows Terminal, alone or in its settings, colour themes of VS Code and what its settings change of them; all with comments. */
import { parse, printParseErrorCode, type ParseError } from 'jsonc-parser';
import { invalid, type FileTheme } from '../fileTheme.ts';
import { nameOf } from '../themeName.ts';
import { ansiPaths, at, isTree, spotsAt, type Tree } from './tree.ts';

export function readJson(text: string): FileTheme[] {
  const errors: ParseError[] = [];
  const root: unknown = parse(text, errors, { allowTrailingComma: true });
  const [first] = errors;
  if (first) throw syntaxError(text, first);
  const schemes = isTree(root) && Array.isArray(root.schemes) ? root.schemes : Array.isArray(root) ? root : null;
  if (schemes) return schemes.filter(isTree).map(ofWindowsTerminal);
  if (!isTree(root)) throw invalid('It is JSON, but no object: { … }.');
  const own = root['workbench.colorCustomizations'];
  if (isTree(own)) return [ofVsCode({ colors: own })];
  return [isTree(root.colors) ? ofVsCode(root) : ofWindowsTerminal(root)];
}

function syntaxError(text: string, { error, offset }: ParseError) {
  const line = text.slice(0, offset).split('\n').length;
  const words = printParseErrorCode(error)
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase();
  return invalid(`Line ${line} is no JSON: ${words}.`, { line: String(line) });
}

function ofWindowsTerminal(scheme: Tree): FileTheme {
  return {
    name: nameOf(scheme.name),
    expected: { background: 'background', foreground: 'foreground' },
    spots: spotsAt(scheme, {
      background: ['background'],
      foreground: ['foreground'],
      cursor: ['cursorColor'],
      cursorAccent: ['cursorAccent'],
      selectionBackground: ['selectionBackground'],
      selectionForeground: ['selectionForeground'],
      ...ansiPaths((name) => name.replace('magenta', 'purple').replace('Magenta', 'Purple')),
    }),
  };
}

function ofVsCode(theme: Tree): FileTheme {
  const colors = theme.colors as Tree;
  const first = (...keys: string[]) => keys.find((key) => typeof colors[key] === 'string');
  const keys = {
    background: first('terminal.background', 'editor.background'),
    foreground: first('terminal.foreground', 'editor.foreground', 'foreground'),
    cursor: first('terminalCursor.foreground', 'editorCursor.foreground'),
    cursorAccent: first('terminalCursor.background'),
    selectionBackground: first('terminal.selectionBackground', 'editor.selectionBackground'),
    selectionForeground: first('terminal.selectionForeground'),
  };
  if (!keys.background && typeof theme.include === 'string')
    throw invalid(`Its colours are in another file, “${nameOf(theme.include)}”: import that one.`, {
      field: 'include',
    });
  const ansi = ansiPaths((name) => `terminal.ansi${name[0]!.toUpperCase()}${name.slice(1)}`);
  const spots = Object.entries({
    ...keys,
    ...Object.fromEntries(Object.entries(ansi).map(([name, [key]]) => [name, key])),
  })
    // Their names have dots in them and are no paths.
    .flatMap(([name, key]) =>
      key !== undefined && Object.hasOwn(colors, key) ? [[name, { text: colors[key], field: key }]] : [],
    );
  return {
    name: nameOf(at(theme, 'name')),
    expected: { background: 'editor.background', foreground: 'editor.foreground' },
    spots: Object.fromEntries(spots) as FileTheme['spots'],
  };
}
