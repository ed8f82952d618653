/** Decides whether a person's devices are called for a signal: not while a window shows life, and for what they want. */
import { isHeavier, isWanted, policyOf, type SessionSignal, type SignalKind } from '../../protocol/attention.ts';
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { AttentionStore } from './attentionStore.ts';
import type { Presence } from './presence.ts';
import type { SignalSource } from './sessionSignals.ts';

/** For one session a device is called no more often than this, unless it is for something graver. */
export const CALL_GAP_MS = 15_000;

export interface CallParts {
  store: Pick<AttentionStore, 'call'>;
  presence: Pick<Presence, 'isAlive'>;
  /** The person's document `settings`. */
  settingsOf: (email: string) => Promise<Readonly<Record<string, unknown>>>;
  /** Null: of no project. */
  projectNameOf: (session: SignalSource) => Promise<string | null>;
  clock: Clock;
  log: Log;
}

export class Calls {
  #last = new Map<string, { at: number; kind: SignalKind }>();

  constructor(private readonly parts: CallParts) {}

  /** Never rejects: without a database nobody is called, and the windows are told all the same. */
  async consider(session: SignalSource, signal: SessionSignal): Promise<void> {
    const { store, presence, projectNameOf, log } = this.parts;
    if (this.#isTooSoon(session.id, signal.kind)) return;
    try {
      if (await presence.isAlive(session.ownerEmail)) return;
      const settings = await this.parts.settingsOf(session.ownerEmail);
      if (!isWanted(signal.kind, policyOf(settings, session.id))) return;
      const note = { signal, sessionName: session.name, projectName: await projectNameOf(session) };
      this.#last.set(session.id, { at: this.parts.clock.now(), kind: signal.kind });
      await store.call(session.ownerEmail, note);
    } catch (error) {
      log.debug({ err: error, session: session.id }, 'nobody could be called for a signal');
    }
  }

  forget(sessionId: string): void {
    this.#last.delete(sessionId);
  }

  #isTooSoon(sessionId: string, kind: SignalKind): boolean {
    const last = this.#last.get(sessionId);
    return last !== undefined && this.parts.clock.now() - last.at < CALL_GAP_MS && !isHeavier(kind, last.kind);
  }
}
