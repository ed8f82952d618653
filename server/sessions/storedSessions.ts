/** The rows of a person's sessions, for those who may see them. */
import { setTimeout as sleep } from 'node:timers/promises';
import { mayUse, type Caller } from './access.ts';
import { notFound } from './refusals.ts';
import type { SessionStore, StoredSession } from './sessionStore.ts';

/** A program has some seconds to end. */
const ENDING_WAIT_MS = 10_000;
const POLL_MS = 100;

export class StoredSessions {
  constructor(private readonly store: Pick<SessionStore, 'find'>) {}

  /** @throws AppError `session.not_found`, also for one of somebody else */
  async get(caller: Caller, id: string): Promise<StoredSession> {
    const stored = await this.store.find(id);
    if (!mayUse(caller, stored)) throw notFound();
    return stored;
  }

  /** The same, but while its owner is still ending its program, that is waited for. */
  async settled(caller: Caller, id: string): Promise<StoredSession> {
    for (const deadline = Date.now() + ENDING_WAIT_MS; ; await sleep(POLL_MS)) {
      const stored = await this.get(caller, id);
      if (stored.state !== 'hibernated' || isAtRest(stored) || Date.now() > deadline) return stored;
    }
  }
}

/** Nothing of it is anywhere but in the database and the stores: lost, or put away to the end. */
export function isAtRest({ state, endedAt }: StoredSession): boolean {
  return state === 'lost' || (state === 'hibernated' && endedAt !== null);
}
