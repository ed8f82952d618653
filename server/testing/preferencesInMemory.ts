/** For tests: a person's preferences on a server in memory, and browsers with windows that share them. */
import { AppError } from '../../protocol/errors.ts';
import * as contract from '../../protocol/preferences.ts';
import type { PreferenceDocument, PreferenceValue } from '../../protocol/preferences.ts';
import type { Connection } from '../../pwa/connection/connection.ts';
import type { Facts } from '../../pwa/connection/offlineStore.ts';
import { SAVE_AFTER_MS } from '../../pwa/settings/preferenceSync.ts';
import type { PreferenceNews } from '../../pwa/settings/preferenceWorld.ts';
import { createPreferences } from '../../pwa/settings/usePreferences.ts';
import { ManualClock } from './manualClock.ts';

export const ADA = 'ada@example.com';
type Input = { name: string; revision: number; value: PreferenceValue };

/** What the backends and their database do. */
export function createServer() {
  const documents = new Map<string, PreferenceDocument>();
  const server = {
    documents,
    email: ADA,
    puts: 0,
    lists: 0,
    /** Thrown at whoever asks, until it is taken away. */
    trouble: null as AppError | null,
    /** Runs when a document has arrived and before it is judged. */
    beforePut: () => {},
    valueOf: (name: string) => documents.get(name)?.value,
    set(name: string, value: PreferenceValue): PreferenceDocument {
      const revision = (documents.get(name)?.revision ?? 0) + 1;
      const document = { name, revision, value: structuredClone(value), updatedAt: '2026-01-01T00:00:00.000Z' };
      documents.set(name, document);
      return document;
    },
    call: async (endpoint: unknown, input: Input) => {
      await Promise.resolve();
      if (server.trouble) throw server.trouble;
      if (endpoint === contract.listPreferences) {
        server.lists++;
        return { email: server.email, documents: [...documents.values()] };
      }
      server.puts++;
      server.beforePut();
      if (JSON.stringify(input.value).length > 1_000) throw new AppError('input.too_large', 'above the limit');
      const revision = documents.get(input.name)?.revision ?? 0;
      if (revision !== input.revision) throw new AppError('preferences.changed', 'changed meanwhile');
      return server.set(input.name, input.value);
    },
  };
  return server;
}
export type Server = ReturnType<typeof createServer>;

/** A browser: what it keeps, and windows that hear each other. */
export function createBrowser(
  server: Server,
  facts: Partial<Facts> = { me: { email: ADA, name: 'Ada', roles: ['user'] } },
) {
  const listeners = new Map<object, (news: PreferenceNews) => void>();
  const told: PreferenceNews['is'][] = [];

  async function open() {
    const clock = new ManualClock();
    const window = {};
    let changed = (_subject: 'preferences') => {};
    let hide = () => {};
    let refreshes = 0;
    const connection = {
      facts: Promise.resolve({ ...facts }),
      client: Promise.resolve({ call: server.call }),
      library: Promise.resolve(contract),
      onChanged: (listener: typeof changed) => (changed = listener),
      refresh: () => Promise.resolve(void refreshes++),
    } as unknown as Connection;
    const preferences = createPreferences(connection, {
      clock,
      keep: (kept) => (facts.preferences = structuredClone(kept)),
      windows: {
        tell(news) {
          told.push(news.is);
          for (const [other, listener] of listeners) if (other !== window) listener(structuredClone(news));
        },
        onNews: (listener) => listeners.set(window, listener),
      },
      onHidden: (listener) => (hide = listener),
    });
    await connection.facts;
    const states = () => Object.values(preferences.states.value);
    return {
      ...preferences,
      clock,
      hide: () => hide(),
      refreshes: () => refreshes,
      settings: () => preferences.values.settings.value,
      /** As when the connection is there, or is told of a change. */
      connected: () => changed('preferences'),
      close: () => listeners.delete(window),
      save: () => clock.advance(SAVE_AFTER_MS),
      isSaved: () => preferences.isFresh.value && states().every((state) => state === 'saved'),
    };
  }
  return { facts, told, open };
}
