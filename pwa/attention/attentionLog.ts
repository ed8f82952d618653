/** What sessions told, what became of it and why, in this browser: for its windows, and for the service worker without one. */
import type { DBSchema } from 'idb';
import { signalId, type PushNote, type SignalKind } from '../../protocol/attention.ts';
import { browserDatabase } from '../connection/browserDatabase.ts';
import { ATTENTION_DATABASE } from '../connection/attentionTraces.ts';

export type Outcome =
  /** By a window, or by a call while there was none. */
  | 'shown'
  | 'called'
  /** The person was at work in a window, where the session is marked. */
  | 'here'
  | 'policy'
  /** It came while this browser was cut off. */
  | 'late'
  /** The program wanted it only while its terminal is out of view, or without the focus. */
  | 'inView'
  | 'notAllowed'
  | 'failed';

export interface LogEntry {
  /** Of the signal. */
  id: string;
  /** ms since the epoch, when it was decided. */
  at: number;
  sessionId: string;
  sessionName: string;
  projectName: string | null;
  kind: SignalKind;
  text: string;
  outcome: Outcome;
}

interface Schema extends DBSchema {
  log: { key: string; value: LogEntry; indexes: { at: number } };
}

export const MAX_ENTRIES = 200;
const TOLD = new Set<Outcome>(['shown', 'called']);
export const isTold = ({ outcome }: LogEntry): boolean => TOLD.has(outcome);

/** Storage may be refused (private windows, a full disk): then nothing is kept, and nothing fails. */
const quietly = browserDatabase<Schema>({
  name: ATTENTION_DATABASE,
  version: 1,
  stores: ['log'],
  create: (db) => void db.createObjectStore('log', { keyPath: 'id' }).createIndex('at', 'at'),
});

/** One entry for each signal: of several windows that held it back one is enough, and being told counts more. */
export async function record({ signal, ...names }: PushNote, outcome: Outcome, now = Date.now()): Promise<void> {
  const { sessionId, kind, text } = signal;
  const entry: LogEntry = { id: signalId(signal), at: now, sessionId, ...names, kind, text, outcome };
  await quietly(async (db) => {
    const tx = db.transaction('log', 'readwrite');
    const before = await tx.store.get(entry.id);
    if (!before || (isTold(entry) && !isTold(before))) await tx.store.put(entry);
    let excess = (await tx.store.count()) - MAX_ENTRIES;
    for (let at = await tx.store.index('at').openCursor(); at && excess > 0; excess--, at = await at.continue())
      await at.delete();
    await tx.done;
  });
}

export async function wasTold({ signal }: PushNote): Promise<boolean> {
  const entry = await quietly((db) => db.get('log', signalId(signal)));
  return entry !== undefined && isTold(entry);
}

/** The newest first. */
export async function readLog(): Promise<LogEntry[]> {
  return ((await quietly((db) => db.getAllFromIndex('log', 'at'))) ?? []).reverse();
}
