/** What is done with sessions of other shards: a command in the database, which their owner carries out. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { z } from 'zod';
import { AppError, isErrorCode } from '../../protocol/errors.ts';
import type { putAwaySession } from '../../protocol/sessions.ts';
import type { ShardStore } from '../shards/shardStore.ts';
import type { Caller } from './access.ts';
import { goesOn } from './refusals.ts';
import type { StoredSession } from './sessionStore.ts';
import type { StoredSessions } from './storedSessions.ts';

export type PutAwayInput = z.output<typeof putAwaySession.input>;

/** How long a close waits for the owner on another shard; the command stays and is carried out when that one is back. */
const CLOSE_TIMEOUT_MS = 10_000;
/** Longer than the owner takes when all goes well, and shorter than a gateway waits. */
const PUT_AWAY_TIMEOUT_MS = 55_000;
const POLL_MS = 100;

export interface OtherShardsOptions {
  shardId: string;
  shards: Pick<ShardStore, 'request' | 'result'>;
  sessions: StoredSessions;
}

export class OtherShards {
  constructor(private readonly options: OtherShardsOptions) {}

  /** @throws AppError `shard.unreachable`, and what the owner answered */
  async close({ shardId, id: sessionId }: StoredSession, { email: requestedBy }: Caller): Promise<void> {
    const commandId = await this.options.shards.request('close', { shardId, sessionId, requestedBy });
    if (await this.#isCarriedOut(commandId, CLOSE_TIMEOUT_MS)) return;
    throw new AppError('shard.unreachable', `${shardId} does not answer; it will close the session when it is back`);
  }

  /** @throws AppError `session.revived`, `session.not_running`, `shard.unreachable`, and what the owner answered */
  async putAway(caller: Caller, { sessionId, ...how }: PutAwayInput): Promise<void> {
    const stored = await this.options.sessions.settled(caller, sessionId);
    const { shardId, state } = stored;
    if (stored.incarnation !== how.incarnation) throw goesOn(shardId, stored.incarnation);
    if (state === 'hibernated') return;
    if (state === 'exited' || state === 'lost' || shardId === this.options.shardId)
      throw new AppError('session.not_running', 'nothing runs in this session that could be put away');
    const requested = { shardId, sessionId, requestedBy: caller.email, arguments: how };
    const commandId = await this.options.shards.request('hibernate', requested);
    if (await this.#isCarriedOut(commandId, PUT_AWAY_TIMEOUT_MS)) return;
    throw new AppError(
      'shard.unreachable',
      `${shardId} has not said that the session is put away; the list will say it`,
    );
  }

  /** False when there is no answer in time. Throws what the owner answered. */
  async #isCarriedOut(commandId: string, limitMs: number): Promise<boolean> {
    for (const deadline = Date.now() + limitMs; Date.now() < deadline; await sleep(POLL_MS)) {
      const result = await this.options.shards.result(commandId);
      if (!result) continue;
      if (!result.error) return true;
      const { code, message } = result.error;
      throw new AppError(isErrorCode(code) ? code : 'internal', message);
    }
    return false;
  }
}
