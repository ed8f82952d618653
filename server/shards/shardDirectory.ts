/** The configured shards as the frontend sees them: their addresses, and whether they answer. */
import { request } from 'node:http';
import { request as requestTls } from 'node:https';
import { AppError } from '../../protocol/errors.ts';
import type { ShardAddress } from '../../protocol/identity.ts';
import type { Clock } from '../base/clock.ts';
import { firstSighting, nextSighting, type Answer, type Sighting } from './shardState.ts';

const CHECK_PERIOD_MS = 2_000;
const CHECK_TIMEOUT_MS = 1_500;

export interface ShardTarget {
  id: string;
  /** Where the frontend reaches it, e.g. `http://127.0.0.1:8001`. */
  url: string;
}

export class ShardDirectory {
  #sightings = new Map<string, Sighting>();
  #cancel: (() => void) | undefined;

  constructor(
    private readonly targets: readonly ShardTarget[],
    private readonly clock: Clock,
  ) {
    for (const { id } of targets) this.#sightings.set(id, firstSighting(clock.now()));
  }

  get ids(): string[] {
    return this.targets.map(({ id }) => id);
  }

  /** In gateway mode the browser sees one origin; a shard is a path on it. */
  get addresses(): ShardAddress[] {
    return this.ids.map((id) => ({ id, url: this.publicUrl(id) }));
  }

  publicUrl(id: string): string {
    return `/api/shards/${id}`;
  }

  has(id: string): boolean {
    return this.targets.some((target) => target.id === id);
  }

  isUp(id: string): boolean {
    return this.#sightings.get(id)?.isUp ?? false;
  }

  /** undefined for a shard that is not configured */
  sighting(id: string): Sighting | undefined {
    return this.#sightings.get(id);
  }

  /** @throws AppError `shard.not_found` */
  target(id: string): ShardTarget {
    const target = this.targets.find((one) => one.id === id);
    if (!target) throw new AppError('shard.not_found', 'there is no such shard');
    return target;
  }

  /** Resolves after the first round of checks. */
  async start(): Promise<void> {
    await this.#checkAll();
    this.#cancel = this.clock.every(CHECK_PERIOD_MS, () => void this.#checkAll());
  }

  stop(): void {
    this.#cancel?.();
  }

  async #checkAll(): Promise<void> {
    await Promise.all(
      this.targets.map(async ({ id, url }) => {
        const answer = await ask(`${url}/api/ready`);
        this.#sightings.set(id, nextSighting(this.#sightings.get(id)!, answer, this.clock.now()));
      }),
    );
  }
}

function ask(url: string): Promise<Answer> {
  return new Promise((resolve) => {
    const send = url.startsWith('https:') ? requestTls : request;
    const check = send(url, { timeout: CHECK_TIMEOUT_MS }, (response) => {
      response.resume();
      resolve(response.statusCode === 200 ? 'yes' : 'no');
    });
    check.on('timeout', () => {
      resolve('late');
      check.destroy();
    });
    check.on('error', () => resolve('no'));
    check.end();
  });
}
