/** The settings as a document that is written by hand: what it shows, and what was changed in it. Pure. */
import type { PreferenceValue } from '../../protocol/preferences.ts';
import { difference, type Changes } from './preferenceChanges.ts';
import { SETTINGS, troubleInSettings, valueOf } from './settingsList.ts';

/** What is set, and what could be, as it comes. */
export function allSettings(document: PreferenceValue): PreferenceValue {
  const listed = SETTINGS.filter(({ isOfDevice }) => !isOfDevice);
  const known = listed.map((setting) => [setting.key, valueOf(setting, document)]);
  return { ...(Object.fromEntries(known) as PreferenceValue), ...document };
}

/**
 * What the person changed, and nothing else: what was set elsewhere since it was shown stays, what nobody set stays unset.
 *
 * @param shown as it stood there before it was written in
 * @returns why it cannot be, in a sentence, or the changes
 */
export function changesWritten(text: string, shown: string): string | Changes {
  try {
    const document = JSON.parse(text) as PreferenceValue;
    if (typeof document !== 'object' || document === null || Array.isArray(document))
      return 'It must be an object: { … }.';
    const troubles = troubleInSettings(document);
    return troubles.length > 0 ? troubles.join(' ') : difference(JSON.parse(shown) as PreferenceValue, document);
  } catch (error) {
    return (error as Error).message;
  }
}
