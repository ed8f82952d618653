/** What a file of another program says of colours: as it is written there, before it is read, and as it is taken up. */
import { AppError } from '../../protocol/errors.ts';
import { ANSI_NAMES, isDarkColor, mixed, OTHER_NAMES } from '../terminal/colors.ts';
import type { AnsiName, ColorName, TerminalColors } from '../terminal/colors.ts';
import { terminalThemes } from '../terminal/themes.ts';
import { readColor } from './readColor.ts';
import { nameOf } from './themeName.ts';

/** A colour as the file has it. */
export interface Spot {
  text: unknown;
  /** As the format calls it: `colors.normal.red`. */
  field: string;
  /** From 1, where the format goes by lines. */
  line?: number;
}
export type Spots = Partial<Record<ColorName, Spot>>;

/** One of those that a file holds. */
export interface FileTheme {
  name?: string | undefined;
  spots: Spots;
  /** What may say the background and foreground in this format, for who misses them. */
  expected: { background: string; foreground: string };
}

export interface ReadTheme {
  name: string;
  colors: TerminalColors;
  /** The file does not say them; they were chosen to go with its background. */
  filled: AnsiName[];
}

/** Of the terminal's own colours, by which no other is meant. */
const NONE = /^(none|default|background|foreground|cell-?(fore|back)ground)$/i;

export function invalid(sentence: string, details: Record<string, string> = {}): AppError {
  return new AppError('colors.invalid', sentence, { details });
}

/** @throws AppError `colors.invalid` */
export function takeUp({ name, spots, expected }: FileTheme, usualName: string): ReadTheme {
  const background = colorAt(needed(spots, 'background', expected)).hex;
  const foreground = opaque(needed(spots, 'foreground', expected), background);
  const said = ANSI_NAMES.flatMap((one) => (spots[one] ? [[one, opaque(spots[one], background)] as const] : []));
  const others = OTHER_NAMES.flatMap((one) => {
    const spot = spots[one];
    return !spot || NONE.test(String(spot.text)) ? [] : [[one, opaque(spot, background)] as const];
  });
  const ansi = new Map<AnsiName, string>(said);
  const filled = ANSI_NAMES.filter((one) => !ansi.has(one));
  const chosen = filled.map((one) => [one, usual(one, ansi, background)] as const);
  const colors = { background, foreground, ...Object.fromEntries([...others, ...said, ...chosen]) } as TerminalColors;
  return { name: nameOf(name) || nameOf(usualName) || 'Imported', colors, filled };
}

function needed(spots: Spots, name: 'background' | 'foreground', expected: FileTheme['expected']): Spot {
  const spot = spots[name];
  if (spot) return spot;
  throw invalid(`It does not say the ${name}: ${expected[name]} is missing.`, { field: expected[name] });
}

function opaque(spot: Spot, background: string): string {
  const { hex, alpha } = colorAt(spot);
  return alpha < 1 ? mixed(background, hex, alpha) : hex;
}

function colorAt({ text, field, line }: Spot): { hex: string; alpha: number } {
  const color = readColor(text);
  if (color) return color;
  const where = line === undefined ? '' : `Line ${line}: `;
  const details = { field, ...(line === undefined ? {} : { line: String(line) }) };
  throw invalid(`${where}${field} is ${shown(text)}, which is no colour.`, details);
}

function usual(name: AnsiName, said: Map<AnsiName, string>, background: string): string {
  const plain = name.replace(/^bright(.)/, (_, first: string) => first.toLowerCase()) as AnsiName;
  const own = terminalThemes[isDarkColor(background) ? 'dark' : 'light'][name];
  // A bright black that is none would hide what programs write in it.
  return plain === 'black' ? own : (said.get(plain) ?? own);
}

function shown(value: unknown): string {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (typeof value !== 'string') return 'no text';
  const text = nameOf(value);
  return `“${text.length > 40 ? `${text.slice(0, 40)}…` : text}”`;
}
