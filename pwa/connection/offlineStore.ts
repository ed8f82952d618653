/** What the app needs to open without a server: who the person is, their lists, and the last screen of each session (IndexedDB). */
import type { DBSchema } from 'idb';
import type { AppConfig, Me, StoredAssignment } from '../../protocol/identity.ts';
import type { PreferenceValue } from '../../protocol/preferences.ts';
import type { Project } from '../../protocol/projects.ts';
import type { Session } from '../../protocol/sessions.ts';
import { browserDatabase } from './browserDatabase.ts';

export interface Facts {
  me: Me;
  config: AppConfig;
  assignment: StoredAssignment;
  projects: Project[];
  sessions: Session[];
  preferences: KeptPreferences;
}

/** A document as the server gave it last, and what was changed since: a key's new value, or undefined where it was removed. */
export interface KeptPreference {
  name: string;
  /** 0 when the server has none yet. */
  revision: number;
  value: PreferenceValue;
  changes: Record<string, unknown>;
}

/** With whose they are, because they hold what is still to be sent. */
export interface KeptPreferences {
  email: string;
  documents: KeptPreference[];
}

/** A drawn screen, and where in the session's output it was taken. */
export interface CachedScreen {
  sessionId: string;
  incarnation: number;
  /** Every byte below it is in `content`; always a safe point. */
  offset: number;
  cols: number;
  rows: number;
  /** Escape sequences that draw the screen and the last of its scrollback, with what the shell has marked in it. */
  content: string;
  /** As Date.now(). */
  savedAt: number;
}

interface Schema extends DBSchema {
  facts: { key: string; value: Facts[keyof Facts] };
  screens: { key: string; value: CachedScreen };
}

/** Set while nobody is signed in: a screen that is still being drawn must not be kept after a sign-out. */
let isForgotten = false;
/** Storage may be refused (private windows, a full disk): then nothing is kept, and nothing fails. */
const quietly = browserDatabase<Schema>({
  name: 'holdfast',
  version: 1,
  stores: ['facts', 'screens'],
  create(db) {
    db.createObjectStore('facts');
    db.createObjectStore('screens', { keyPath: 'sessionId' });
  },
});

export async function readFacts(): Promise<Partial<Facts>> {
  const facts = await quietly(async (db) => {
    const tx = db.transaction('facts');
    const [keys, values] = await Promise.all([tx.store.getAllKeys(), tx.store.getAll()]);
    return Object.fromEntries(keys.map((key, i) => [key, values[i]]));
  });
  return sound(facts ?? {});
}

/** Without what an earlier release, or a damaged profile, left in a shape that the app cannot start from. */
function sound(facts: Partial<Facts>): Partial<Facts> {
  const { me, config, projects, sessions, ...rest } = facts;
  if (typeof me?.email !== 'string') return {};
  const isConfig = Array.isArray(config?.shards);
  return {
    ...rest,
    me,
    ...(isConfig ? { config } : {}),
    ...(Array.isArray(projects) ? { projects } : {}),
    ...(Array.isArray(sessions) ? { sessions } : {}),
  };
}

export function keepFact<Key extends keyof Facts>(key: Key, value: Facts[Key]): void {
  if (key === 'me') isForgotten = false;
  if (isForgotten) return;
  void keep('facts', value, key);
}

export function readScreen(sessionId: string): Promise<CachedScreen | undefined> {
  return quietly((db) => db.get('screens', sessionId));
}

export async function keepScreen(screen: CachedScreen): Promise<void> {
  if (isForgotten) return;
  await keep('screens', screen);
}

/** Also from a page that goes in this moment: it would take along what waits for its word that all was written. */
function keep<Name extends 'facts' | 'screens'>(name: Name, value: Schema[Name]['value'], key?: keyof Facts) {
  return quietly(async (db) => {
    const tx = db.transaction<Name, 'readwrite'>(name, 'readwrite');
    const written = tx.store.put(value, key);
    tx.commit();
    await Promise.all([written, tx.done]);
  });
}

/** Forgets the screens of sessions that are no more. */
export function pruneScreens(liveIds: ReadonlySet<string>): void {
  void quietly(async (db) => {
    const gone = (await db.getAllKeys('screens')).filter((id) => !liveIds.has(id));
    await Promise.all(gone.map((id) => db.delete('screens', id)));
  });
}

/** Leaves nothing of the person who was here. */
export async function forgetEverything(): Promise<void> {
  isForgotten = true;
  await quietly(async (db) => {
    const tx = db.transaction(['facts', 'screens'], 'readwrite');
    await Promise.all([tx.objectStore('facts').clear(), tx.objectStore('screens').clear(), tx.done]);
  });
}
