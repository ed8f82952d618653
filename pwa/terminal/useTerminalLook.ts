/** The look of this window's terminals; a person's own colours are kept, so that the first one is right at once. */
import { computed, shallowReadonly, shallowRef } from 'vue';
import { localStore } from '../ui/browserStorage.ts';
import { useTheme } from '../ui/theme.ts';
import { isTerminalColors, type TerminalColors } from './colors.ts';
import { lookOf } from './terminalLook.ts';

/** By how light the window is; null: as the window. */
export interface OwnColors {
  light: TerminalColors | null;
  dark: TerminalColors | null;
}

const KEY = 'holdfast.terminalColors';
const { theme } = useTheme();
const own = shallowRef<OwnColors>(kept());
const look = computed(() => lookOf(theme.value, own.value[theme.value.endsWith('light') ? 'light' : 'dark']));

export function useTerminalLook() {
  return { look };
}

export function useOwnColors() {
  return { own: shallowReadonly(own), setOwnColors };
}

function setOwnColors(next: OwnColors): void {
  const json = JSON.stringify(next);
  if (json === JSON.stringify(own.value)) return;
  own.value = next;
  if (next.light || next.dark) localStore.set(KEY, json);
  else localStore.remove(KEY);
}

function kept(): OwnColors {
  const ofKept = (value: unknown) => (isTerminalColors(value) ? value : null);
  try {
    const { light, dark } = JSON.parse(localStore.get(KEY) ?? '{}') as Partial<OwnColors>;
    return { light: ofKept(light), dark: ofKept(dark) };
  } catch {
    return { light: null, dark: null };
  }
}
