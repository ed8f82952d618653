/** How every terminal of this browser is, where the person may choose; kept so that the first one is right at once. */
import { readonly, shallowRef } from 'vue';
import type { ITerminalOptions } from '@xterm/xterm';
import { localStore } from '../ui/browserStorage.ts';

export interface TerminalSettings {
  /** Lines above the screen. */
  scrollback: number;
  cursorStyle: 'block' | 'bar' | 'underline';
  cursorBlink: boolean;
  /** Signs such as => drawn as one. */
  ligatures: boolean;
  /** Names of fonts that are installed on the device, wanted before ours: see FONT_NAMES. */
  font: string;
}

export const MAX_SCROLLBACK = 50_000;
/** Nothing that would end a name within a style sheet, which xterm.js writes it into. */
export const FONT_NAMES = /^[\p{L}\p{N} ,._-]{0,200}$/u;
const OWN_FONTS = "'Holdfast Mono', 'Holdfast Symbols', ui-monospace, monospace";
const GENERIC = new Set(['monospace', 'ui-monospace', 'serif', 'sans-serif', 'system-ui', 'cursive', 'fantasy']);
export const STANDARD_TERMINAL: TerminalSettings = {
  scrollback: 5_000,
  cursorStyle: 'block',
  cursorBlink: true,
  ligatures: false,
  font: '',
};
const KEY = 'holdfast.terminal';
const settings = shallowRef<TerminalSettings>(kept());
/** Absent where no browser is. */
const lessMotion = globalThis.matchMedia?.('(prefers-reduced-motion: reduce)');
// Terminals that are there obey at once.
lessMotion?.addEventListener('change', () => (settings.value = { ...settings.value }));

export function useTerminalSettings() {
  return { settings: readonly(settings), setTerminalSettings };
}

export function setTerminalSettings(changes: Partial<TerminalSettings>): void {
  settings.value = { ...settings.value, ...changes };
  localStore.set(KEY, JSON.stringify(settings.value));
}

/** A cursor that must not move does not blink either. */
export function optionsOf({ scrollback, cursorStyle, cursorBlink, font }: TerminalSettings): ITerminalOptions {
  const isBlinking = cursorBlink && !lessMotion?.matches;
  return { scrollback, cursorStyle, cursorBlink: isBlinking, fontFamily: fontFamilyOf(font) };
}

/** @param wanted names with commas between them; ours stand in for signs that theirs have not, and for what is not installed */
export function fontFamilyOf(wanted: string): string {
  const names = FONT_NAMES.test(wanted) ? wanted.split(',').map((name) => name.trim()) : [];
  const quoted = names.filter(Boolean).map((name) => (GENERIC.has(name) ? name : `'${name}'`));
  return [...quoted, OWN_FONTS].join(', ');
}

function kept(): TerminalSettings {
  try {
    return { ...STANDARD_TERMINAL, ...(JSON.parse(localStore.get(KEY) ?? '{}') as Partial<TerminalSettings>) };
  } catch {
    return STANDARD_TERMINAL;
  }
}
