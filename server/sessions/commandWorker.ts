/** Carries out what other shards ask of this one: rows in the database, rung for by NOTIFY and found by a poll behind it. */
import { toWire } from '../../protocol/errors.ts';
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { ShardStore } from '../shards/shardStore.ts';
import { mayUse } from './access.ts';
import type { SessionRegistry } from './sessionRegistry.ts';
import type { SessionService } from './sessionService.ts';

const POLL_MS = 2_000;

export class CommandWorker {
  #isWorking = false;
  #cancel: () => void;

  constructor(
    private readonly shardId: string,
    private readonly shards: ShardStore,
    private readonly registry: SessionRegistry,
    private readonly service: SessionService,
    clock: Clock,
    private readonly log: Log,
  ) {
    this.#cancel = clock.every(POLL_MS, () => void this.wake());
  }

  async wake(): Promise<void> {
    if (this.#isWorking) return;
    this.#isWorking = true;
    try {
      // Side by side: each waits for a program to end.
      await Promise.all((await this.shards.pending(this.shardId)).map((command) => this.#carryOut(command)));
    } catch (error) {
      this.log.debug({ err: error }, 'commands could not be read');
    } finally {
      this.#isWorking = false;
    }
  }

  close(): void {
    this.#cancel();
  }

  async #carryOut({
    id,
    sessionId,
    requestedBy,
  }: {
    id: string;
    sessionId: string;
    requestedBy: string;
  }): Promise<void> {
    try {
      const session = this.registry.get(sessionId);
      // What is not here has ended meanwhile, which is what was asked for.
      if (mayUse({ email: requestedBy, roles: [] }, session)) await this.service.closeHere(session);
      await this.shards.finish(id, null);
    } catch (error) {
      this.log.error({ err: error, session: sessionId }, 'a command failed');
      const { code, message } = toWire(error);
      await this.shards.finish(id, { code, message });
    }
  }
}
