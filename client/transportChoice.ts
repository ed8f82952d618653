/**
 * Whether to connect by websocket or by polling. A websocket that failed once says little: what recycles sockets also refuses
 * the next one now and then. Only where it fails again and again while everything else is answered is it taken for refused,
 * and even then it is asked for again from time to time.
 */
import type { Clock } from './clock.ts';

export type Transport = 'websocket' | 'polling';

/** So many websockets in a row must have failed, each while the shard answered over HTTP. */
export const REFUSALS_BEFORE_POLLING = 3;
/** While polling works, a websocket is tried beside it this often. */
export const WEBSOCKET_RETRY_MS = 10_000;

export class TransportChoice {
  #refusals = 0;
  #isPolling = false;
  #cancelRetry: () => void = () => undefined;

  /** @param tryWebsocket resolves with whether one can be had; called beside a connection by polling */
  constructor(
    private readonly tryWebsocket: () => Promise<boolean>,
    private readonly onWebsocket: () => void,
    private readonly clock: Clock,
  ) {}

  /** For the next attempt. */
  get transport(): Transport {
    return this.#isPolling ? 'polling' : 'websocket';
  }

  opened(): void {
    this.#refusals = 0;
    this.#cancelRetry();
    if (this.#isPolling) this.#cancelRetry = this.clock.after(WEBSOCKET_RETRY_MS, () => void this.#retry());
  }

  /** The connection ended. */
  down(): void {
    this.#cancelRetry();
  }

  /** @param isAnswered the shard answered over HTTP in the same moment, so that the websocket alone is at fault */
  failed(isAnswered: boolean): void {
    // By polling neither: then the transport was not what was wrong.
    if (this.#isPolling || !isAnswered) {
      this.#isPolling = false;
      this.#refusals = 0;
      return;
    }
    this.#refusals++;
    if (this.#refusals >= REFUSALS_BEFORE_POLLING) this.#isPolling = true;
  }

  async #retry(): Promise<void> {
    let isStale = false;
    this.#cancelRetry = () => (isStale = true);
    const isGiven = await this.tryWebsocket();
    if (isStale) return;
    if (!isGiven) return this.opened();
    this.#isPolling = false;
    this.onWebsocket();
  }
}
