/** What a person has set comes after the first paint, and is obeyed from then on, whichever device it was set on. */
import { watch } from 'vue';
import type { App } from 'vue';
import type { Connection } from '../connection/connection.ts';
import { keepLayout, type LayoutParts } from '../panes/keepLayout.ts';
import { obeyColors } from '../themes/obeyColors.ts';
import { setOwnBindings } from '../ui/keyOwner.ts';
import { obeySettings } from './obeySettings.ts';
import { ownBindings } from '../keys/ownBindings.ts';
import { createPreferences, preferencesKey } from './usePreferences.ts';
import type { Preferences } from './usePreferences.ts';

let tell: (preferences: Preferences) => void;
/** For what may be there before them: until they have come, `usePreferences` finds none. */
export const startedPreferences = new Promise<Preferences>((resolve) => (tell = resolve));

export function startPreferences(app: App, connection: Connection, window: Omit<LayoutParts, 'preferences'>): void {
  const preferences = createPreferences(connection);
  app.provide(preferencesKey, preferences);
  obeySettings(preferences);
  obeyColors(preferences);
  keepLayout({ preferences, ...window });
  tell(preferences);
  watch(preferences.values.keymap, (value) => setOwnBindings(ownBindings(value)), { immediate: true });
}
