/** The documents of this window: each as the server gave it last, with what was changed since and the server does not have. */
import { shallowRef } from 'vue';
import type { ShallowRef } from 'vue';
import type { PreferenceDocument, PreferenceName, PreferenceValue } from '../../protocol/preferences.ts';
import type { KeptPreference, KeptPreferences } from '../connection/offlineStore.ts';
import { applied, isSame, without } from './preferenceChanges.ts';
import type { Changes } from './preferenceChanges.ts';

/** Not taken from the contract, which would bring zod into the first paint. */
const ALL: Record<PreferenceName, true> = { settings: true, keymap: true, layout: true };
export const PREFERENCE_NAMES = Object.keys(ALL) as PreferenceName[];

/** @param onTouched after anything in it became another */
export function createBook(onTouched: () => void) {
  const documents = new Map(PREFERENCE_NAMES.map((name) => [name, empty(name)]));
  const refs = PREFERENCE_NAMES.map((name) => [name, shallowRef<PreferenceValue>({})] as const);
  const values = Object.fromEntries(refs) as Record<PreferenceName, ShallowRef<PreferenceValue>>;

  const at = (name: PreferenceName) => documents.get(name)!;
  const asShown = (name: PreferenceName) => applied(at(name).value, at(name).changes);

  function set(name: PreferenceName, document: Omit<KeptPreference, 'name'>) {
    documents.set(name, { ...document, name });
    const value = asShown(name);
    // What looks the same stays the same object: nobody who watches it is woken.
    if (!isSame(values[name].value, value)) values[name].value = value;
  }

  /** From the last time this browser was here. Before the server has answered, and what was changed meanwhile stays. */
  function open(kept: KeptPreferences) {
    for (const name of PREFERENCE_NAMES) {
      const known = kept.documents.find((document) => document.name === name);
      if (known) set(name, { ...known, changes: { ...known.changes, ...at(name).changes } });
    }
  }

  function change(name: PreferenceName, changes: Changes) {
    set(name, { ...at(name), changes: { ...at(name).changes, ...changes } });
    onTouched();
  }

  /** All that the server has. A document that is not among them was lost with its database: ours is put back. */
  function adopt(heard: PreferenceDocument[]) {
    for (const name of PREFERENCE_NAMES) {
      const { changes } = at(name);
      const found = heard.find((document) => document.name === name);
      if (found) set(name, { revision: found.revision, value: found.value, changes });
      else set(name, { revision: 0, value: {}, changes: { ...at(name).value, ...changes } });
    }
    onTouched();
  }

  /** The server has `sent` now, in `document`; what was changed meanwhile is still to be sent. */
  function settle(
    name: PreferenceName,
    { revision, value }: Pick<KeptPreference, 'revision' | 'value'>,
    sent: Changes,
  ) {
    const changes = without(at(name).changes, sent);
    // Another window may tell of it later than the server did.
    const newest = revision >= at(name).revision ? { revision, value } : at(name);
    set(name, { revision: newest.revision, value: newest.value, changes });
    onTouched();
  }

  return { values, at, asShown, open, change, adopt, settle, all: () => [...documents.values()] };
}

export type PreferenceBook = ReturnType<typeof createBook>;

function empty(name: PreferenceName): KeptPreference {
  return { name, revision: 0, value: {}, changes: {} };
}
