/** What this browser keeps of a person outside IndexedDB, and how to leave nothing of it. */
import { ASSIGNMENT_KEY } from './assignment.ts';
import { forgetEverything } from './offlineStore.ts';
import { localStore, windowStore } from '../ui/browserStorage.ts';

/** Set from a sign-out until someone is known again: what is cached is not shown meanwhile. */
const SIGNED_OUT_KEY = 'holdfast.signedOut';
/** Everything under it, in both storages, is the person's own. */
const PERSON_PREFIX = 'holdfast.person.';

export const isMarkedSignedOut = () => localStore.get(SIGNED_OUT_KEY) !== null;

export function markSignedOut(isSignedOut: boolean): void {
  if (isSignedOut) localStore.set(SIGNED_OUT_KEY, 'yes');
  else localStore.remove(SIGNED_OUT_KEY);
}

/** For a sign-out and for a change of person: nothing of the one may be shown to the next. */
export async function forgetPerson(): Promise<void> {
  const emptied = forgetEverything();
  localStore.remove(ASSIGNMENT_KEY);
  for (const store of [localStore, windowStore]) {
    for (const key of store.keys()) if (key.startsWith(PERSON_PREFIX)) store.remove(key);
  }
  const { forgetAttention } = await import('./attentionTraces.ts');
  await Promise.all([emptied, forgetAttention().catch(() => undefined)]);
}
