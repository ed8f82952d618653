/** Tells all shards which people show life here: who does is told by their window, and needs no call on another device. */
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { AttentionStore } from './attentionStore.ts';
import type { Looks } from './looks.ts';

/** A shard that dies without a word leaves its people alive for so long. */
export const PRESENCE_MS = 45_000;
const RENEW_MS = 15_000;

export class Presence {
  #cancel: () => void;

  constructor(
    private readonly looks: Looks,
    private readonly store: Pick<AttentionStore, 'setAlive' | 'isAlive'>,
    clock: Clock,
    private readonly log: Log,
  ) {
    this.#cancel = clock.every(RENEW_MS, () => this.#set(looks.alive, true));
  }

  close(): void {
    this.#cancel();
  }

  /** After a look of this person was another, or a window of theirs went. @param wasAlive before */
  changed(email: string, wasAlive: boolean): void {
    const isAlive = this.looks.isAlive(email);
    if (isAlive !== wasAlive) this.#set([email], isAlive);
  }

  /** On any shard. */
  async isAlive(email: string): Promise<boolean> {
    return this.looks.isAlive(email) || (await this.store.isAlive(email));
  }

  #set(emails: string[], isAlive: boolean): void {
    if (emails.length === 0) return;
    this.store
      .setAlive(emails, isAlive ? PRESENCE_MS : 0)
      .catch((error: unknown) => this.log.debug({ err: error }, 'who shows life could not be told'));
  }
}
