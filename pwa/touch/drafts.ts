/** What stands in a session's compose line, kept until it is sent: it survives a reload, and leaves with its person. */
const PREFIX = 'holdfast.person.draft.';

export type DraftStorage = Pick<Storage, 'getItem' | 'setItem' | 'removeItem' | 'key' | 'length'>;

export function readDraft(sessionId: string, storage: DraftStorage = localStorage): string {
  return storage.getItem(PREFIX + sessionId) ?? '';
}

/** @returns false when the browser has no room for it */
export function keepDraft(sessionId: string, text: string, storage: DraftStorage = localStorage): boolean {
  try {
    if (text === '') storage.removeItem(PREFIX + sessionId);
    else storage.setItem(PREFIX + sessionId, text);
    return true;
  } catch {
    return false;
  }
}

/** Those of sessions that are no more. */
export function dropDrafts(isThere: (sessionId: string) => boolean, storage: DraftStorage = localStorage): void {
  const keys = Array.from({ length: storage.length }, (_, at) => storage.key(at) ?? '');
  for (const key of keys) if (key.startsWith(PREFIX) && !isThere(key.slice(PREFIX.length))) storage.removeItem(key);
}
