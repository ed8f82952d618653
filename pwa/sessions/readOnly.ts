/** Windows that were opened for one session, told by the part of the address that no server sees: to watch it, or to have it apart. */
import { windowStore } from '../ui/browserStorage.ts';

const KEY = 'watch';
const APART_KEY = 'session';
/** Per window, over its reloads. */
const APART = 'holdfast.person.apart';

/** The session this window was opened to watch. */
export function watchedSession(): string | null {
  return new URLSearchParams(location.hash.slice(1)).get(KEY);
}

export function isReadOnly(sessionId: string): boolean {
  return watchedSession() === sessionId;
}

/** The session this window was opened to have for itself, once; whatever is opened there later is no layout for other windows. */
export function takeApart(): { sessionId: string | null; isApart: boolean } {
  const sessionId = new URLSearchParams(location.hash.slice(1)).get(APART_KEY);
  if (sessionId) {
    windowStore.set(APART, '1');
    history.replaceState(null, '', location.pathname + location.search);
  }
  return { sessionId, isApart: windowStore.get(APART) !== null };
}

/** A window without tabs of others, of about the size that its session has here. */
export function openApart(sessionId: string, { width, height }: { width: number; height: number }): void {
  const features = `noopener,popup,width=${Math.round(width)},height=${Math.round(height)}`;
  window.open(`/#${new URLSearchParams({ [APART_KEY]: sessionId }).toString()}`, '_blank', features);
}

/** Without an opener the new window has a storage of its own, and so its own tabs. */
export function openReadOnly(sessionId: string): void {
  window.open(`/#${new URLSearchParams({ [KEY]: sessionId }).toString()}`, '_blank', 'noopener');
}
