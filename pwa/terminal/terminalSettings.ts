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
}

export const MAX_SCROLLBACK = 50_000;
export const STANDARD_TERMINAL: TerminalSettings = {
  scrollback: 5_000,
  cursorStyle: 'block',
  cursorBlink: true,
  ligatures: false,
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
export function optionsOf({ scrollback, cursorStyle, cursorBlink }: TerminalSettings): ITerminalOptions {
  return { scrollback, cursorStyle, cursorBlink: cursorBlink && !lessMotion?.matches };
}

function kept(): TerminalSettings {
  try {
    return { ...STANDARD_TERMINAL, ...(JSON.parse(localStore.get(KEY) ?? '{}') as Partial<TerminalSettings>) };
  } catch {
    return STANDARD_TERMINAL;
  }
}
