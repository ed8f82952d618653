/** Searches what this browser has kept of every session, one session after the other, so that nobody's typing waits. */
import { onBeforeUnmount, ref, shallowRef } from 'vue';
import type { Session } from '../../protocol/sessions.ts';
import { readScreen } from '../connection/offlineStore.ts';
import { findLines, type LineHit } from './findLines.ts';

export interface FoundSession {
  session: Session;
  hits: LineHit[];
}

export function useKeptSearch(sessions: () => readonly Session[]) {
  const found = shallowRef<FoundSession[]>([]);
  /** How many were searched of how many; null when it is over. */
  const progress = shallowRef<{ done: number; all: number } | null>(null);
  /** Sessions of which nothing is kept here. */
  const unkept = ref(0);
  const texts = new Map<string, Promise<string[] | null>>();
  let latest = 0;

  /** Read and drawn once for as long as the search is open. */
  function linesOf(id: string): Promise<string[] | null> {
    const known = texts.get(id);
    if (known) return known;
    const reading = Promise.all([readScreen(id), import('./keptText.ts')]).then(([screen, { keptLines }]) =>
      screen ? keptLines(screen) : null,
    );
    texts.set(id, reading);
    return reading;
  }

  async function search(needle: string) {
    const asked = ++latest;
    const all = [...sessions()].reverse();
    [found.value, unkept.value] = [[], 0];
    progress.value = needle === '' ? null : { done: 0, all: all.length };
    if (needle === '') return;
    for (const [done, session] of all.entries()) {
      const lines = await linesOf(session.id).catch(() => null);
      // Also with everything drawn already, a key that was pressed meanwhile comes first.
      await new Promise((resolve) => setTimeout(resolve));
      if (asked !== latest) return;
      const hits = lines ? findLines(session.id, lines, needle) : [];
      if (lines === null) unkept.value++;
      if (hits.length > 0) found.value = [...found.value, { session, hits }];
      progress.value = { done: done + 1, all: all.length };
    }
    progress.value = null;
  }

  onBeforeUnmount(() => latest++);
  return { found, progress, unkept, search };
}
