/** Whether what was set has reached the server, in a sentence. */
import { computed } from 'vue';
import type { PreferenceName } from '../../protocol/preferences.ts';
import { usePreferences } from './usePreferences.ts';

const TEXTS = {
  saved: 'Saved for all your devices.',
  saving: 'Saving…',
  waiting: 'Kept here until the server answers.',
};

export function useSavedText(name: PreferenceName) {
  const { states, refusals } = usePreferences();
  return computed(() => {
    const state = states.value[name];
    return state === 'refused' ? `Not saved: ${refusals.value[name] ?? ''}` : TEXTS[state];
  });
}
