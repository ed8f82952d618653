/** Carries out what other shards ask of this one: rows in the database, rung for by NOTIFY and found by a poll behind it. */
import { z } from 'zod';
import { AppError, toWire } from '../../protocol/errors.ts';
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { ShardCommand, ShardStore } from '../shards/shardStore.ts';
import { mayUse } from './access.ts';
import type { SessionRegistry } from './sessionRegistry.ts';
import type { SessionService } from './sessionService.ts';

const POLL_MS = 2_000;
/** Whoever asked for a session to be put away waits no longer than a minute; much later nobody expects it. A close is for good. */
const HIBERNATE_WITHIN_MS = 30_000;

/** As another release may have written them. */
const HibernateArguments = z.object({
  incarnation: z.number().int(),
  evenIfNotStored: z.boolean(),
  onlyIfIdle: z.boolean(),
});

export class CommandWorker {
  #isReading = false;
  /** What is being carried out: one that takes long does not keep the next ones waiting. */
  #working = new Set<string>();
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
    if (this.#isReading) return;
    this.#isReading = true;
    try {
      for (const command of await this.shards.pending(this.shardId)) void this.#carryOut(command);
    } catch (error) {
      this.log.debug({ err: error }, 'commands could not be read');
    } finally {
      this.#isReading = false;
    }
  }

  close(): void {
    this.#cancel();
  }

  async #carryOut(command: ShardCommand): Promise<void> {
    const { id, sessionId, kind } = command;
    if (this.#working.has(id)) return;
    this.#working.add(id);
    try {
      await this.shards.finish(id, await this.#outcome(command));
    } catch (error) {
      this.log.debug({ err: error, session: sessionId, kind }, 'the outcome of a command could not be written');
    } finally {
      this.#working.delete(id);
    }
  }

  async #outcome(command: ShardCommand) {
    try {
      await (command.kind === 'close' ? this.#close(command) : this.#putAway(command));
      return null;
    } catch (error) {
      if (!(error instanceof AppError)) this.log.error({ err: error, session: command.sessionId }, 'a command failed');
      const { code, message } = toWire(error);
      return { code, message };
    }
  }

  async #close({ sessionId, requestedBy }: ShardCommand): Promise<void> {
    const session = this.registry.get(sessionId);
    // What is not here has ended meanwhile, which is what was asked for.
    if (mayUse({ email: requestedBy, roles: [] }, session)) await this.service.closeHere(session);
    else await this.service.whenAtRest(sessionId);
  }

  async #putAway({ sessionId, requestedBy, ageMs, ...command }: ShardCommand): Promise<void> {
    if (ageMs > HIBERNATE_WITHIN_MS)
      throw new AppError('shard.unreachable', `${this.shardId} did not answer; nothing was put away`);
    const session = this.registry.get(sessionId);
    if (!mayUse({ email: requestedBy, roles: [] }, session))
      throw new AppError('session.not_running', 'nothing runs in this session that could be put away');
    await this.service.putAwayHere(session, HibernateArguments.parse(command.arguments));
  }
}
