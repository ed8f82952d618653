/** The themes that a person has brought along, in their document `settings`: each a member of its own, so that two devices may add at once. Pure. */
import type { PreferenceValue } from '../../protocol/preferences.ts';
import { isTerminalColors, type TerminalColors } from '../terminal/colors.ts';
import type { OwnColors } from '../terminal/useTerminalLook.ts';
import { nameOf } from './themeName.ts';

export interface KeptTheme {
  id: string;
  name: string;
  colors: TerminalColors;
}

export const THEME_PREFIX = 'terminal.theme.';
/** The setting for a light window, and for a dark one: a theme's id, or this. */
export const COLOR_KEYS = { light: 'terminal.colors.light', dark: 'terminal.colors.dark' } as const;
export type Mode = keyof typeof COLOR_KEYS;
export const AS_WINDOW = 'window';
/** They share the document's 64 KiB with all that is set otherwise: these are less than a half of it. */
export const MAX_THEMES = 40;

export function isThemeMember(value: unknown): value is Omit<KeptTheme, 'id'> {
  const { name, colors } = (value ?? {}) as Record<string, unknown>;
  return typeof name === 'string' && nameOf(name) === name && name !== '' && isTerminalColors(colors);
}

/** By name. What is no theme is left out: it may be another release's. */
export function themesIn(document: PreferenceValue): KeptTheme[] {
  const kept = Object.entries(document).flatMap(([key, value]) =>
    key.startsWith(THEME_PREFIX) && isThemeMember(value) ? [{ ...value, id: key.slice(THEME_PREFIX.length) }] : [],
  );
  return kept.sort((a, b) => a.name.localeCompare(b.name));
}

export function themeWith(document: PreferenceValue, id: unknown): KeptTheme | null {
  if (typeof id !== 'string') return null;
  const value = Object.hasOwn(document, THEME_PREFIX + id) ? document[THEME_PREFIX + id] : undefined;
  return isThemeMember(value) ? { ...value, id } : null;
}

/** What the terminals of this person are to have. */
export function colorsIn(document: PreferenceValue): OwnColors {
  const colorsOf = (mode: Mode) => themeWith(document, document[COLOR_KEYS[mode]])?.colors ?? null;
  return { light: colorsOf('light'), dark: colorsOf('dark') };
}

/** Whether anything in it was ever said of colours; if not, a window that is new to it keeps what it has. */
export function saysColors(document: PreferenceValue): boolean {
  return Object.values(COLOR_KEYS).some((key) => key in document);
}

/** Changes of the document. Where the theme was chosen, the window's colours are again. */
export function deletion(document: PreferenceValue, id: string): PreferenceValue {
  const chosen = Object.values(COLOR_KEYS).filter((key) => document[key] === id);
  return { [THEME_PREFIX + id]: undefined, ...Object.fromEntries(chosen.map((key) => [key, AS_WINDOW])) };
}
