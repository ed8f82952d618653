/** The configured shards as the frontend sees them: their addresses, and whether they answer. */
import type { ShardAddress } from '../../protocol/identity.ts';
import type { Clock } from '../base/clock.ts';
import type { Question, Reply } from './hopCall.ts';
import { firstSighting, nextSighting, type Answer, type Sighting } from './shardState.ts';

const CHECK_PERIOD_MS = 2_000;
const CHECK_TIMEOUT_MS = 1_500;

export interface DirectoryOptions {
  ids: readonly string[];
  /** Never rejects. */
  ask: (shardId: string, question: Question) => Promise<Reply>;
  /** A shard answers that did not before; another program may stand there now. */
  onUp: (shardId: string) => void;
  clock: Clock;
}

export class ShardDirectory {
  #sightings = new Map<string, Sighting>();
  #cancel: (() => void) | undefined;

  constructor(private readonly options: DirectoryOptions) {
    for (const id of options.ids) this.#sightings.set(id, firstSighting(options.clock.now()));
  }

  get ids(): string[] {
    return [...this.options.ids];
  }

  /** In gateway mode the browser sees one origin; a shard is a path on it. */
  get addresses(): ShardAddress[] {
    return this.ids.map((id) => ({ id, url: this.publicUrl(id) }));
  }

  publicUrl(id: string): string {
    return `/api/shards/${id}`;
  }

  has(id: string): boolean {
    return this.options.ids.includes(id);
  }

  isUp(id: string): boolean {
    return this.#sightings.get(id)?.isUp ?? false;
  }

  /** undefined for a shard that is not configured */
  sighting(id: string): Sighting | undefined {
    return this.#sightings.get(id);
  }

  /** Resolves after the first round of checks. */
  async start(): Promise<void> {
    await this.#checkAll();
    this.#cancel = this.options.clock.every(CHECK_PERIOD_MS, () => void this.#checkAll());
  }

  stop(): void {
    this.#cancel?.();
  }

  async #checkAll(): Promise<void> {
    await Promise.all(this.ids.map((id) => this.#check(id)));
  }

  async #check(id: string): Promise<void> {
    const { ask, clock, onUp } = this.options;
    const answer = answerOf(await ask(id, { path: '/api/ready', timeoutMs: CHECK_TIMEOUT_MS }));
    const last = this.#sightings.get(id)!;
    const next = nextSighting(last, answer, clock.now());
    this.#sightings.set(id, next);
    if (next.isUp && !last.isUp) onUp(id);
  }
}

function answerOf(reply: Reply): Answer {
  if (reply.is === 'late') return 'late';
  return reply.is === 'answer' && reply.status === 200 ? 'yes' : 'no';
}
