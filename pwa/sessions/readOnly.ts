/** Windows that only watch one session: opened from its menu, told by the part of the address that no server sees. */

const KEY = 'watch';

/** The session this window was opened to watch. */
export function watchedSession(): string | null {
  return new URLSearchParams(location.hash.slice(1)).get(KEY);
}

export function isReadOnly(sessionId: string): boolean {
  return watchedSession() === sessionId;
}

/** Without an opener the new window has a storage of its own, and so its own tabs. */
export function openReadOnly(sessionId: string): void {
  window.open(`/#${new URLSearchParams({ [KEY]: sessionId }).toString()}`, '_blank', 'noopener');
}
