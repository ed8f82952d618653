/** What preferences need of the browser: a place to keep them, the other windows, and the time. */
import { systemClock } from '../../client/clock.ts';
import type { Clock } from '../../client/clock.ts';
import type { PreferenceName } from '../../protocol/preferences.ts';
import { keepFact } from '../connection/offlineStore.ts';
import type { KeptPreference, KeptPreferences } from '../connection/offlineStore.ts';
import type { Changes } from './preferenceChanges.ts';

/** To the other windows of this browser. */
export type PreferenceNews = { email: string; name: PreferenceName } & (
  | { is: 'changed'; changes: Changes }
  | { is: 'saved'; document: Pick<KeptPreference, 'revision' | 'value'>; sent: Changes }
);

export interface PreferenceWorld {
  clock: Clock;
  keep: (preferences: KeptPreferences) => void;
  windows: { tell(news: PreferenceNews): void; onNews(listener: (news: PreferenceNews) => void): void };
  /** Calls `listener` when the person turns away from this page, which may not come back. */
  onHidden: (listener: () => void) => void;
}

export function browserWorld(): PreferenceWorld {
  const channel = new BroadcastChannel('holdfast.preferences');
  return {
    clock: systemClock,
    keep: (preferences) => keepFact('preferences', preferences),
    windows: {
      tell: (news) => channel.postMessage(news),
      onNews: (listener) => channel.addEventListener('message', ({ data }) => listener(data as PreferenceNews)),
    },
    onHidden: (listener) =>
      document.addEventListener('visibilitychange', () => {
        if (document.hidden) listener();
      }),
  };
}

/** What an earlier release, or a damaged profile, left may be anything. */
export function isKept(kept: unknown): kept is KeptPreferences {
  const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
  if (!isObject(kept) || !Array.isArray(kept.documents)) return false;
  return kept.documents.every(
    (document: unknown) =>
      isObject(document) &&
      Number.isInteger(document.revision) &&
      isObject(document.value) &&
      isObject(document.changes),
  );
}
