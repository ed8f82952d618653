/**
 * A database of this browser, which may be refused, full, damaged, of another release, or never answer. Whatever is asked of it
 * is answered in time, with undefined where there is nothing to be had, and never throws.
 */
import { deleteDB, openDB } from 'idb';
import type { DBSchema, IDBPDatabase, StoreNames } from 'idb';
import { isFull } from '../ui/browserStorage.ts';
import { noteLack } from '../ui/lacks.ts';

/** The first paint waits for what was kept, and a terminal for its last screen: no longer than this. */
export const ANSWER_WITHIN_MS = 2_000;

export interface DatabasePlan<Schema extends DBSchema> {
  name: string;
  version: number;
  stores: readonly StoreNames<Schema>[];
  create: (db: IDBPDatabase<Schema>) => void;
}

export type AskDatabase<Schema extends DBSchema> = <Result>(
  work: (db: IDBPDatabase<Schema>) => Promise<Result>,
) => Promise<Result | undefined>;

export function browserDatabase<Schema extends DBSchema>(plan: DatabasePlan<Schema>): AskDatabase<Schema> {
  let opening: Promise<IDBPDatabase<Schema> | null> | undefined;
  /** It was waited for once: nobody waits again, or leaves work for it, until it has opened after all. */
  let isSilent = false;
  const forget = () => (opening = undefined);

  async function open(): Promise<IDBPDatabase<Schema> | null> {
    const db = await openSound(plan, forget).catch((error: unknown) => {
      noteLack(isFull(error) ? 'room' : 'storage');
      return null;
    });
    if (isSilent && db) noteLack('storage', false);
    isSilent = false;
    return db;
  }

  const late = () => {
    isSilent = true;
    noteLack('storage');
  };

  return async (work) => {
    if (isSilent) return undefined;
    try {
      const db = await within((opening ??= open()), late);
      return db ? await within(work(db)) : undefined;
    } catch (error) {
      // Anything else is over with its moment: the page goes, or another window has closed the database.
      if (isFull(error)) noteLack('room');
      return undefined;
    }
  };
}

/** With all its stores: what is there otherwise is replaced, because the servers have all of it. */
async function openSound<Schema extends DBSchema>(
  plan: DatabasePlan<Schema>,
  forget: () => void,
): Promise<IDBPDatabase<Schema>> {
  const found = await openAny(plan, forget).catch((error: unknown) => {
    if (!isDamage(error)) throw error;
  });
  if (found && plan.stores.every((store) => found.objectStoreNames.contains(store))) return found;
  found?.close();
  await deleteDB(plan.name);
  const made = await openAny(plan, forget);
  noteLack('damaged');
  return made;
}

/** Another release may have left a later version: it serves as long as it has our stores. */
async function openAny<Schema extends DBSchema>(
  { name, version, create }: DatabasePlan<Schema>,
  forget: () => void,
): Promise<IDBPDatabase<Schema>> {
  const callbacks = {
    upgrade: (db: IDBPDatabase<Schema>, from: number) => {
      if (from === 0) create(db);
    },
    // Another window, perhaps of a later release, wants to change it, or a sign-out to remove it.
    blocking: (_from: number, _to: number | null, event: IDBVersionChangeEvent) => {
      (event.target as IDBDatabase).close();
      forget();
    },
    terminated: forget,
  };
  try {
    return await openDB<Schema>(name, version, callbacks);
  } catch (error) {
    if (nameOf(error) !== 'VersionError') throw error;
    return openDB<Schema>(name, undefined, callbacks);
  }
}

const isDamage = (error: unknown) =>
  ['UnknownError', 'DataError', 'NotFoundError', 'AbortError'].includes(nameOf(error));
const nameOf = (error: unknown) => (error instanceof Error ? error.name : '');

async function within<Result>(work: Promise<Result>, onLate?: () => void): Promise<Result | undefined> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => {
      onLate?.();
      resolve(undefined);
    }, ANSWER_WITHIN_MS);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
