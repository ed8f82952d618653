/** Gives the terminals of this window the colours that the document `settings` chooses. */
import { watch } from 'vue';
import type { Preferences } from '../settings/usePreferences.ts';
import { useOwnColors } from '../terminal/useTerminalLook.ts';
import { colorsIn, saysColors } from './keptThemes.ts';

export function obeyColors({ values, isFresh }: Pick<Preferences, 'values' | 'isFresh'>): void {
  const { setOwnColors } = useOwnColors();
  watch(
    [values.settings, isFresh],
    ([document]) => {
      // Until the server has answered, what was never set stays as this browser has it.
      if (isFresh.value || saysColors(document)) setOwnColors(colorsIn(document));
    },
    { immediate: true },
  );
}
