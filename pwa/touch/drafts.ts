/** What stands in a session's compose line, kept until it is sent: it survives a reload, and leaves with its person. */
import { localStore, type BrowserStorage } from '../ui/browserStorage.ts';

const PREFIX = 'holdfast.person.draft.';

export type DraftStorage = Pick<BrowserStorage, 'get' | 'set' | 'remove' | 'keys'>;

export function readDraft(sessionId: string, storage: DraftStorage = localStore): string {
  return storage.get(PREFIX + sessionId) ?? '';
}

/** @returns false when the browser has no room for it */
export function keepDraft(sessionId: string, text: string, storage: DraftStorage = localStore): boolean {
  if (text !== '') return storage.set(PREFIX + sessionId, text);
  storage.remove(PREFIX + sessionId);
  return true;
}

/** Those of sessions that are no more. */
export function dropDrafts(isThere: (sessionId: string) => boolean, storage: DraftStorage = localStore): void {
  for (const key of storage.keys()) {
    if (key.startsWith(PREFIX) && !isThere(key.slice(PREFIX.length))) storage.remove(key);
  }
}
