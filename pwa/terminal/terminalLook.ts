/**
 * The colours that a terminal is drawn with: the window's, or those that its person brought along. What they do not say,
 * or would hide, follows from how light their background is. What a program chooses too faint is lifted (`contrast`).
 */
import type { Theme } from '../ui/theme.ts';
import { apart, contrastBetween, isDarkColor, mixed, type TerminalColors } from './colors.ts';
import { terminalThemes, type TerminalTheme } from './themes.ts';

export interface TerminalLook {
  colors: TerminalTheme;
  isDark: boolean;
  /** The least contrast of text. */
  contrast: number;
  /** They are not the window's own: what lies on them needs other colours than beside them. */
  isOwn: boolean;
}

/** A surface that is to be told from the one that it lies on; a thin line; and text. */
const SURFACE = 1.35;
const LINE = 3;
const TEXT = 4.5;

export function lookOf(theme: Theme, own: TerminalColors | null): TerminalLook {
  const contrast = contrastOf(theme);
  if (!own) return { colors: terminalThemes[theme], isDark: theme.endsWith('dark'), contrast, isOwn: false };
  return { colors: completed(own, contrast), isDark: isDarkColor(own.background), contrast, isOwn: true };
}

/** The least contrast of text, as WCAG has it for its levels AA and AAA. */
export function contrastOf(theme: Theme): number {
  return theme.startsWith('contrast-') ? 7 : 4.5;
}

function completed(own: TerminalColors, contrast: number): TerminalTheme {
  const { background, foreground, selectionForeground, ...others } = own;
  const slider = isDarkColor(background) ? '#ffffff' : '#000000';
  const selected = own.selectionBackground ?? mixed(background, foreground, 0.25);
  const selectionBackground = apart(selected, background, SURFACE);
  // It is drawn as it is, never lifted.
  const isReadable = selectionForeground && contrastBetween(selectionForeground, selectionBackground) >= contrast;
  return {
    ...others,
    background,
    foreground,
    cursor: apart(own.cursor ?? foreground, background, SURFACE),
    cursorAccent: own.cursorAccent ?? background,
    selectionBackground,
    selectionInactiveBackground: apart(mixed(selectionBackground, background, 0.4), background, SURFACE),
    ...(isReadable ? { selectionForeground } : {}),
    scrollbarSliderBackground: `${slider}55`,
    scrollbarSliderHoverBackground: `${slider}77`,
    scrollbarSliderActiveBackground: `${slider}99`,
  };
}

/** Of what is found; the add-on wants `#rrggbb`. Text on them is lifted as everywhere. */
const foundOn = {
  dark: {
    matchBackground: '#4d3f1f',
    matchOverviewRuler: '#f0b13f',
    activeMatchBackground: '#8a5a00',
    activeMatchBorder: '#ffcf70',
    activeMatchColorOverviewRuler: '#ffcf70',
  },
  light: {
    matchBackground: '#f3e6d0',
    matchOverviewRuler: '#a86400',
    activeMatchBackground: '#f0c06a',
    activeMatchBorder: '#854f00',
    activeMatchColorOverviewRuler: '#854f00',
  },
} as const;

export function findColorsOf({ colors: { background }, isDark, isOwn }: TerminalLook) {
  const found = foundOn[isDark ? 'dark' : 'light'];
  if (!isOwn) return found;
  return {
    matchBackground: apart(found.matchBackground, background, SURFACE),
    matchOverviewRuler: apart(found.matchOverviewRuler, background, LINE),
    activeMatchBackground: apart(found.activeMatchBackground, background, 2 * SURFACE),
    activeMatchBorder: apart(found.activeMatchBorder, background, LINE),
    activeMatchColorOverviewRuler: apart(found.activeMatchColorOverviewRuler, background, LINE),
  };
}

/** For what the window draws over a terminal: the names of tokens.css, as they are to be there. Empty where they hold. */
export function tokensOver({ colors: { background, foreground, red, green }, isOwn }: TerminalLook) {
  if (!isOwn) return {};
  return {
    '--terminal': background,
    '--text-3': apart(mixed(foreground, background, 0.35), background, TEXT),
    '--bad': apart(red, background, TEXT),
    '--accent': apart(green, background, LINE),
    '--line': apart(mixed(background, foreground, 0.12), background, SURFACE),
  };
}
