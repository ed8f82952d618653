/** What the person has set, on whatever device: readable at once and without a server, saved when there is one. */
import { computed, inject, shallowRef } from 'vue';
import type { InjectionKey, ShallowRef } from 'vue';
import type { PreferenceName, PreferenceValue } from '../../protocol/preferences.ts';
import type { Connection } from '../connection/connection.ts';
import type { KeptPreference } from '../connection/offlineStore.ts';
import { createBook, PREFERENCE_NAMES } from './preferenceBook.ts';
import { isNothing, isSame } from './preferenceChanges.ts';
import type { Changes } from './preferenceChanges.ts';
import { createSync } from './preferenceSync.ts';
import type { PreferenceApi } from './preferenceSync.ts';
import { browserWorld, isKept } from './preferenceWorld.ts';
import type { PreferenceNews, PreferenceWorld } from './preferenceWorld.ts';

export type PreferenceState =
  | 'saved'
  /** On its way. */
  | 'saving'
  /** Kept in this browser until the server can be reached. */
  | 'waiting'
  /** The server does not take it: see `refusals`. */
  | 'refused';

export function createPreferences(
  connection: Pick<Connection, 'facts' | 'client' | 'library' | 'onChanged' | 'refresh'>,
  world: PreferenceWorld = browserWorld(),
) {
  let owner: string | null = null;
  const unsaved = shallowRef<PreferenceName[]>([]);
  const book = createBook(touched);
  const sync = createSync({ api: apiOf(connection), book, clock: world.clock, isOurs, onSaved });

  void connection.facts.then(({ me, preferences: kept }) => {
    if (!me || owner !== null) return;
    owner = me.email;
    if (isKept(kept) && kept.email === owner) book.open(kept);
    touched();
  });
  connection.onChanged((subject) => {
    if (subject === 'preferences') void sync.look();
  });
  world.windows.onNews(heard);
  world.onHidden(() => void sync.flush());

  function touched() {
    unsaved.value = PREFERENCE_NAMES.filter((name) => !isNothing(book.at(name).changes));
    if (owner !== null) world.keep({ email: owner, documents: book.all() });
  }

  function isOurs(email: string): boolean {
    owner ??= email;
    if (owner === email) return true;
    void connection.refresh(); // which begins anew for the other person
    return false;
  }

  function onSaved(
    name: PreferenceName,
    { revision, value }: Pick<KeptPreference, 'revision' | 'value'>,
    sent: Changes,
  ) {
    if (owner !== null) world.windows.tell({ is: 'saved', email: owner, name, document: { revision, value }, sent });
  }

  function heard(news: PreferenceNews) {
    // A window of a newer release may tell of a document that this one does not know.
    if (news.email !== owner || !PREFERENCE_NAMES.includes(news.name)) return;
    if (news.is === 'saved') return book.settle(news.name, news.document, news.sent);
    book.change(news.name, news.changes);
    sync.ifNobodyElse();
  }

  /** Sets these keys and leaves all others; undefined removes one. Shown at once, here and in the other windows. */
  function change(name: PreferenceName, wanted: Changes) {
    const before = book.values[name].value;
    const asJson = Object.entries(wanted).map(([key, member]) => [key, copyOf(member)] as const);
    const changes = Object.fromEntries(asJson.filter(([key, member]) => !isSame(before[key], member)));
    if (isNothing(changes)) return;
    book.change(name, changes);
    if (owner !== null) world.windows.tell({ is: 'changed', email: owner, name, changes });
    sync.soon();
  }

  const states = computed(() => {
    const stateOf = (name: PreferenceName): PreferenceState => {
      if (sync.refusals.value[name] !== undefined) return 'refused';
      if (!unsaved.value.includes(name)) return 'saved';
      return sync.isWaiting.value ? 'waiting' : 'saving';
    };
    return Object.fromEntries(PREFERENCE_NAMES.map((name) => [name, stateOf(name)])) as Record<
      PreferenceName,
      PreferenceState
    >;
  });

  return {
    /** Another object whenever something in it is another; never to be changed in place. */
    values: book.values as Readonly<Record<PreferenceName, Readonly<ShallowRef<PreferenceValue>>>>,
    states,
    /** Sentences for what is `refused`. */
    refusals: sync.refusals,
    isFresh: sync.isFresh,
    change,
  };
}

export type Preferences = ReturnType<typeof createPreferences>;
export const preferencesKey: InjectionKey<Preferences> = Symbol('preferences');

export function usePreferences(): Preferences {
  const preferences = inject(preferencesKey);
  if (!preferences) throw new Error('no preferences were provided');
  return preferences;
}

function apiOf({ client, library }: Pick<Connection, 'client' | 'library'>): PreferenceApi {
  const both = () => Promise.all([library, client]);
  return {
    async list() {
      const [{ listPreferences }, hf] = await both();
      return hf.call(listPreferences, {});
    },
    async put(name, revision, value) {
      const [{ putPreference }, hf] = await both();
      return hf.call(putPreference, { name, revision, value });
    },
  };
}

/** Detached from what the caller may go on changing, and from proxies of Vue, which IndexedDB refuses. */
function copyOf(member: unknown): unknown {
  const json = JSON.stringify(member) as string | undefined;
  return json === undefined ? undefined : JSON.parse(json);
}
