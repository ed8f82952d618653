/** Whether our header arrives at a shard, or only a parameter of the address: asked of each one, and remembered. */
import { HopArrivals } from '../../protocol/health.ts';
import type { Log } from '../base/log.ts';
import { ASSERTION_HEADER } from '../http/caller.ts';
import { ASSERTION_PARAMETER } from '../http/carriers.ts';
import type { Question, Reply } from './hopCall.ts';

export type Carrier = 'header' | 'query';

const ASK_TIMEOUT_MS = 5_000;
/** Never a live assertion: this question is public, and answered by whoever stands there. */
const PROBE = 'probe';

/** Carries everything that might arrive. */
export const probe: Question = {
  path: `/api/hop?${ASSERTION_PARAMETER}=${PROBE}`,
  headers: { [ASSERTION_HEADER]: PROBE, 'x-forwarded-email': 'probe@holdfast.invalid' },
  timeoutMs: ASK_TIMEOUT_MS,
};

export class HopCarriers {
  #known = new Map<string, Carrier>();
  #learning = new Map<string, Promise<void>>();

  /** @param ask never rejects */
  constructor(
    private readonly ask: (shardId: string, question: Question) => Promise<Reply>,
    private readonly log: Log,
  ) {}

  /** What to use for this shard. Waits for an answer that is on its way; until there is one it is the header. */
  async of(shardId: string): Promise<Carrier> {
    if (!this.#known.has(shardId)) await this.#learning.get(shardId);
    return this.#known.get(shardId) ?? 'header';
  }

  /** Asks the shard; for all who want to know at the same time, once. */
  learn(shardId: string): Promise<void> {
    const learning = this.#learning.get(shardId) ?? this.#learn(shardId).finally(() => this.#learning.delete(shardId));
    this.#learning.set(shardId, learning);
    return learning;
  }

  /** What was known stays when nothing can be learnt. */
  async #learn(shardId: string): Promise<void> {
    const arrivals = arrivalsIn(await this.ask(shardId, probe));
    if (!arrivals) return;
    if (!arrivals.header && !arrivals.query)
      return this.log.error({ shard: shardId }, 'neither our header nor our parameter reaches the shard');
    const carrier = arrivals.header ? 'header' : 'query';
    if (this.#known.get(shardId) !== carrier) this.log.info({ shard: shardId, carrier }, 'assertions travel so');
    this.#known.set(shardId, carrier);
  }
}

/** undefined when it is no answer to that question, as of a shard that is older than it. */
export function arrivalsIn(reply: Reply): HopArrivals | undefined {
  if (reply.is !== 'answer' || reply.status !== 200) return undefined;
  try {
    return HopArrivals.parse(JSON.parse(reply.body));
  } catch {
    return undefined;
  }
}
