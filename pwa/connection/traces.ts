/** What this browser keeps of a person outside IndexedDB, and how to leave nothing of it. */
import { ASSIGNMENT_KEY } from './assignment.ts';
import { forgetEverything } from './offlineStore.ts';

/** Set from a sign-out until someone is known again: what is cached is not shown meanwhile. */
const SIGNED_OUT_KEY = 'holdfast.signedOut';
/** Everything under it, in both storages, is the person's own. */
const PERSON_PREFIX = 'holdfast.person.';

export const isMarkedSignedOut = () => localStorage.getItem(SIGNED_OUT_KEY) !== null;

export function markSignedOut(isSignedOut: boolean): void {
  if (isSignedOut) localStorage.setItem(SIGNED_OUT_KEY, 'yes');
  else localStorage.removeItem(SIGNED_OUT_KEY);
}

/** For a sign-out and for a change of person: nothing of the one may be shown to the next. */
export async function forgetPerson(): Promise<void> {
  const emptied = forgetEverything();
  localStorage.removeItem(ASSIGNMENT_KEY);
  for (const storage of [localStorage, sessionStorage]) {
    for (const key of Object.keys(storage)) if (key.startsWith(PERSON_PREFIX)) storage.removeItem(key);
  }
  const { forgetAttention } = await import('./attentionTraces.ts');
  await Promise.all([emptied, forgetAttention().catch(() => undefined)]);
}
