/** How terminals of this window are drawn, as the person wants it now; each is told when that changes. */
import { watch } from 'vue';
import type { Drawing } from './look.ts';
import { useFontSize } from './useFontSize.ts';
import { useScreenReader } from './useScreenReader.ts';
import { useTerminalLook } from './useTerminalLook.ts';
import { useTerminalSettings } from './terminalSettings.ts';

/** A terminal that is there, with what it can follow. */
export interface Drawn {
  setLook(look: Drawing['look']): void;
  setScreenReader?(isOn: boolean): void;
  setSettings?(settings: Drawing['settings']): void;
  setFontSize?(px: number): void;
}

/** @param made the terminal that is told; null while there is none */
export function useDrawing(made: () => Drawn | null) {
  const { look } = useTerminalLook();
  const { screenReader } = useScreenReader();
  const { settings } = useTerminalSettings();
  const { fontSize } = useFontSize();
  const wanted = (): Drawing => ({
    look: look.value,
    screenReader: screenReader.value,
    settings: settings.value,
    fontSize: fontSize.value,
  });

  /** @param drawn what the terminal has; for one that was just made what it was made of, because that takes a while */
  function tell(drawn: Drawing) {
    const [terminal, now] = [made(), wanted()];
    if (now.look !== drawn.look) terminal?.setLook(now.look);
    if (now.screenReader !== drawn.screenReader) terminal?.setScreenReader?.(now.screenReader);
    if (now.settings !== drawn.settings) terminal?.setSettings?.(now.settings);
    if (now.fontSize !== drawn.fontSize) terminal?.setFontSize?.(now.fontSize);
  }

  watch(wanted, (_, drawn) => tell(drawn));
  return { wanted, tell };
}
