/** A theme as a scheme of Windows Terminal: plain JSON that this app and others read. Pure. */
import { NEEDED_NAMES, OTHER_NAMES } from '../terminal/colors.ts';
import type { ColorName } from '../terminal/colors.ts';
import type { KeptTheme } from './keptThemes.ts';

export function exportTheme({ name, colors }: Omit<KeptTheme, 'id'>): string {
  const members = [...NEEDED_NAMES, ...OTHER_NAMES].flatMap((one) => (colors[one] ? [[keyOf(one), colors[one]]] : []));
  return `${JSON.stringify({ name, ...Object.fromEntries(members) }, null, 2)}\n`;
}

/** Of a file that every system takes. */
export function exportName(name: string): string {
  return `${name.replace(/[^\p{L}\p{N} _-]+/gu, '-').trim() || 'theme'}.json`;
}

function keyOf(name: ColorName): string {
  if (name === 'cursor') return 'cursorColor';
  return name.replace('magenta', 'purple').replace('Magenta', 'Purple');
}
