/** Colours that a person brought along for their terminals, and how strong they stand against each other. Pure. */

export const ANSI_NAMES = [
  'black',
  'red',
  'green',
  'yellow',
  'blue',
  'magenta',
  'cyan',
  'white',
  'brightBlack',
  'brightRed',
  'brightGreen',
  'brightYellow',
  'brightBlue',
  'brightMagenta',
  'brightCyan',
  'brightWhite',
] as const;
export type AnsiName = (typeof ANSI_NAMES)[number];

export const NEEDED_NAMES = ['background', 'foreground', ...ANSI_NAMES] as const;
export const OTHER_NAMES = ['cursor', 'cursorAccent', 'selectionBackground', 'selectionForeground'] as const;
export type ColorName = (typeof NEEDED_NAMES)[number] | (typeof OTHER_NAMES)[number];

/** Each as `#rrggbb`, in small letters. */
export type TerminalColors = Record<(typeof NEEDED_NAMES)[number], string> &
  Partial<Record<(typeof OTHER_NAMES)[number], string>>;

const isColor = (value: unknown) => typeof value === 'string' && /^#[0-9a-f]{6}$/.test(value);

/** What is kept may be of another release, or written by hand. */
export function isTerminalColors(value: unknown): value is TerminalColors {
  if (typeof value !== 'object' || value === null) return false;
  const colors = value as Record<string, unknown>;
  return (
    NEEDED_NAMES.every((name) => isColor(colors[name])) &&
    OTHER_NAMES.every((name) => colors[name] === undefined || isColor(colors[name]))
  );
}

/** Relative luminance, as WCAG has it: 0 for black, 1 for white. */
export function luminance(color: string): number {
  const [red, green, blue] = channels(color).map((value) => {
    const share = value / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!;
}

/** From 1 to 21, as WCAG has it. */
export function contrastBetween(one: string, other: string): number {
  const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light! + 0.05) / (dark! + 0.05);
}

/** White stands out from it more than black does. */
export function isDarkColor(color: string): boolean {
  return contrastBetween(color, '#ffffff') >= contrastBetween(color, '#000000');
}

/** @param share of `over`, from 0 to 1 */
export function mixed(color: string, over: string, share: number): string {
  const [from, to] = [channels(color), channels(over)];
  const bytes = from.map((value, i) => Math.round(value + (to[i]! - value) * share));
  return `#${bytes.map((byte) => byte.toString(16).padStart(2, '0')).join('')}`;
}

/** The colour, or the nearest on its way to white or black that stands out from the ground so much. */
export function apart(color: string, ground: string, contrast: number): string {
  const end = isDarkColor(ground) ? '#ffffff' : '#000000';
  for (let step = 0; step < 20; step++) {
    const moved = mixed(color, end, step / 20);
    if (contrastBetween(moved, ground) >= contrast) return moved;
  }
  return end;
}

function channels(color: string): number[] {
  return [1, 3, 5].map((at) => parseInt(color.slice(at, at + 2), 16));
}
