/** base16's and base24's schemes (https://github.com/tinted-theming), and what Alacritty had before TOML. */
import { parse, YAMLParseError } from 'yaml';
import type { AnsiName, ColorName } from '../../terminal/colors.ts';
import { invalid, type FileTheme } from '../fileTheme.ts';
import { nameOf } from '../themeName.ts';
import { ofAlacritty } from './alacritty.ts';
import { at, isTree, spotsAt, type Tree } from './tree.ts';

export function readYaml(text: string): FileTheme[] {
  const root = parsed(text);
  if (!isTree(root)) throw invalid('It is YAML, but has no names in it.');
  return [isTree(root.colors) ? ofAlacritty(root) : ofBase16(root)];
}

/** Everything as text: `base0D: 5e1023` is no number. */
function parsed(text: string): unknown {
  try {
    return parse(text, { schema: 'failsafe', logLevel: 'error', prettyErrors: true });
  } catch (error) {
    if (!(error instanceof YAMLParseError)) throw error;
    const line = error.linePos?.[0].line ?? 1;
    const [reason = ''] = error.message.split(/ at line |\n/);
    throw invalid(`Line ${line} is no YAML: ${nameOf(reason)}.`, { line: String(line) });
  }
}

/** Of each colour its number. */
const BASE16: Record<ColorName, string> = {
  background: '00',
  foreground: '05',
  cursor: '05',
  cursorAccent: '00',
  selectionBackground: '02',
  selectionForeground: '05',
  black: '00',
  red: '08',
  green: '0B',
  yellow: '0A',
  blue: '0D',
  magenta: '0E',
  cyan: '0C',
  white: '05',
  brightBlack: '03',
  brightRed: '08',
  brightGreen: '0B',
  brightYellow: '0A',
  brightBlue: '0D',
  brightMagenta: '0E',
  brightCyan: '0C',
  brightWhite: '07',
};
/** Where base24 has another. */
const BASE24: Partial<Record<AnsiName, string>> = {
  black: '01',
  white: '06',
  brightBlack: '02',
  brightRed: '12',
  brightYellow: '13',
  brightGreen: '14',
  brightCyan: '15',
  brightBlue: '16',
  brightMagenta: '17',
};

function ofBase16(root: Tree): FileTheme {
  const palette = isTree(root.palette) ? root.palette : root;
  const prefix = palette === root ? '' : 'palette.';
  const keyOf = (number: string) =>
    Object.keys(palette).find((key) => key.toLowerCase() === `base${number}`.toLowerCase());
  const numbers = keyOf('12') ? { ...BASE16, ...BASE24 } : BASE16;
  const missing = Object.values(numbers).find((number) => !keyOf(number));
  if (missing) throw invalid(`It has no ${prefix}base${missing}.`, { field: `${prefix}base${missing}` });
  const paths = Object.entries(numbers).map(([name, number]) => [name, [`${prefix}${keyOf(number)!}`]]);
  return {
    name: nameOf(at(root, 'name') ?? at(root, 'scheme')),
    expected: { background: `${prefix}base00`, foreground: `${prefix}base05` },
    spots: spotsAt(root, Object.fromEntries(paths) as Record<ColorName, string[]>),
  };
}
