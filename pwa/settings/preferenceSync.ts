/** Brings the documents of this window and the server's together: what is new there comes here, what was changed here goes there. */
import { shallowRef } from 'vue';
import type { Clock } from '../../client/clock.ts';
import type { PreferenceDocument, PreferenceName, PreferenceValue } from '../../protocol/preferences.ts';
import { coalesce } from '../connection/coalesce.ts';
import { codeOf, isAuthError, sentenceOf } from '../ui/errorText.ts';
import { isNothing, isSame } from './preferenceChanges.ts';
import type { Changes } from './preferenceChanges.ts';
import { PREFERENCE_NAMES } from './preferenceBook.ts';
import type { PreferenceBook } from './preferenceBook.ts';

/** After the last of several changes, such as those of a pane that is being dragged. */
export const SAVE_AFTER_MS = 500;
/** Another window of this browser saves what was changed in it; this one does if it did not, because it was closed. */
export const SAVE_FOR_OTHERS_AFTER_MS = 10_000;
export const FIRST_RETRY_MS = 5_000;
const LAST_RETRY_MS = 60_000;
/** Who is overtaken so often in a row waits for a while. */
const MAX_OVERTAKEN = 5;

export interface PreferenceApi {
  list(): Promise<{ email: string; documents: PreferenceDocument[] }>;
  put(name: PreferenceName, revision: number, value: PreferenceValue): Promise<PreferenceDocument>;
}

export interface SyncTargets {
  api: PreferenceApi;
  book: PreferenceBook;
  clock: Clock;
  /** False when these documents are another person's: nothing of ours may go there. */
  isOurs: (email: string) => boolean;
  /** The server has these changes now. */
  onSaved: (name: PreferenceName, document: PreferenceDocument, sent: Changes) => void;
}

export function createSync({ api, book, clock, isOurs, onSaved }: SyncTargets) {
  /** The server may have something new. */
  let isStale = true;
  let retryMs = FIRST_RETRY_MS;
  let cancel: (() => void) | null = null;
  /** What was changed cannot reach the server just now; it is tried again. */
  const isWaiting = shallowRef(false);
  /** Why the server does not take a document, in a sentence; its changes stay in this browser. */
  const refusals = shallowRef<Partial<Record<PreferenceName, string>>>({});
  /** The server has answered since this window was opened. */
  const isFresh = shallowRef(false);

  const run = coalesce(async () => {
    cancel?.();
    cancel = null;
    try {
      if (isStale && !(await fetch())) return;
      for (const name of PREFERENCE_NAMES) await save(name);
      isWaiting.value = false;
      retryMs = FIRST_RETRY_MS;
    } catch (error) {
      failed(error);
    }
  });

  async function fetch(): Promise<boolean> {
    isStale = false;
    try {
      const { email, documents } = await api.list();
      if (!isOurs(email)) {
        isStale = true;
        return false;
      }
      book.adopt(documents);
      isFresh.value = true;
      return true;
    } catch (error) {
      isStale = true;
      throw error;
    }
  }

  async function save(name: PreferenceName): Promise<void> {
    try {
      for (let turn = 0; !(await put(name)); turn++) {
        if (turn === MAX_OVERTAKEN) throw new Error(`${name} was changed from elsewhere again and again`);
        if (!(await fetch())) return;
      }
      refuse(name, undefined);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      refuse(name, sentenceOf(error));
    }
  }

  /** False when somebody else was faster. */
  async function put(name: PreferenceName): Promise<boolean> {
    const { revision, value, changes } = book.at(name);
    if (isNothing(changes)) return true;
    const next = book.asShown(name);
    if (isSame(next, value)) {
      book.settle(name, { revision, value }, changes);
      return true;
    }
    try {
      const document = await api.put(name, revision, next);
      book.settle(name, document, changes);
      onSaved(name, document, changes);
      return true;
    } catch (error) {
      if (codeOf(error) === 'preferences.changed') return false;
      throw error;
    }
  }

  function refuse(name: PreferenceName, sentence: string | undefined) {
    if (refusals.value[name] === sentence) return;
    const { [name]: _, ...others } = refusals.value;
    refusals.value = sentence === undefined ? others : { ...others, [name]: sentence };
  }

  function failed(error: unknown) {
    isWaiting.value = true;
    // A sign-in, or a server that has preferences, brings a connection, and with it the next look.
    if (isAuthError(error) || codeOf(error) === 'route.not_found') return;
    after(retryMs);
    retryMs = Math.min(2 * retryMs, LAST_RETRY_MS);
  }

  function after(ms: number) {
    cancel?.();
    cancel = clock.after(ms, () => void run());
  }

  return {
    isWaiting,
    refusals,
    isFresh,
    /** Something was changed here. */
    soon: () => after(SAVE_AFTER_MS),
    /** Something was changed in another window of this browser. */
    ifNobodyElse() {
      if (cancel === null) after(SAVE_FOR_OTHERS_AFTER_MS);
    },
    /** The server has something new, or is back. */
    look() {
      isStale = true;
      return run();
    },
    /** Does not wait for further changes. */
    flush: () => (cancel === null ? Promise.resolve() : run()),
  };
}

const isRefusal = (error: unknown) => ['input.too_large', 'input.invalid'].includes(codeOf(error) ?? '');
