/** Makes the window be as the document `settings` says, and writes down there what is chosen elsewhere in the window. */
import { watch } from 'vue';
import type { Ref } from 'vue';
import { setTerminalSettings, useTerminalSettings, type TerminalSettings } from '../terminal/terminalSettings.ts';
import { useScreenReader } from '../terminal/useScreenReader.ts';
import { useTheme, type Family, type ThemeChoice } from '../ui/theme.ts';
import { SETTINGS, valueOf, type SettingValue } from './settingsList.ts';
import type { Preferences } from './usePreferences.ts';

interface Place {
  now: () => SettingValue;
  set: (value: SettingValue) => void;
}

export function obeySettings({ values, change, isFresh }: Pick<Preferences, 'values' | 'change' | 'isFresh'>): void {
  const places = placesOfWindow();
  const listed = SETTINGS.filter(({ key }) => places[key]);
  watch(
    values.settings,
    (document, before) => {
      for (const setting of listed) {
        const { now, set } = places[setting.key]!;
        // What was never set on any device stays as this browser has it; what is no longer set is as it comes.
        const isSet = setting.key in document || (before && setting.key in before);
        if (isSet && now() !== valueOf(setting, document)) set(valueOf(setting, document));
      }
    },
    { immediate: true },
  );
  for (const { key, standard } of listed) {
    watch(places[key]!.now, (value) => {
      if (value !== standard || key in values.settings.value) change('settings', { [key]: value });
    });
  }
  // What this browser had before there were settings for all devices is what the person wants.
  watch(
    isFresh as Readonly<Ref<boolean>>,
    (isThere) => {
      if (!isThere) return;
      for (const { key, standard } of listed) {
        const value = places[key]!.now();
        if (!(key in values.settings.value) && value !== standard) change('settings', { [key]: value });
      }
    },
    { immediate: true },
  );
}

function placesOfWindow(): Record<string, Place> {
  const { choice, choose, family, chooseFamily } = useTheme();
  const { screenReader, setScreenReader } = useScreenReader();
  const { settings } = useTerminalSettings();
  const ofTerminal = (name: keyof TerminalSettings): Place => ({
    now: () => settings.value[name],
    set: (value) => setTerminalSettings({ [name]: value }),
  });
  return {
    theme: { now: () => choice.value, set: (value) => choose(value as ThemeChoice) },
    family: { now: () => family.value, set: (value) => chooseFamily(value as Family) },
    'terminal.screenReader': { now: () => screenReader.value, set: (value) => setScreenReader(value as boolean) },
    'terminal.scrollback': ofTerminal('scrollback'),
    'terminal.cursorStyle': ofTerminal('cursorStyle'),
    'terminal.cursorBlink': ofTerminal('cursorBlink'),
    'terminal.ligatures': ofTerminal('ligatures'),
    'terminal.font': ofTerminal('font'),
  };
}
