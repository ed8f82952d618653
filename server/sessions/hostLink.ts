/** Keeps this backend connected to its pty host and says when the host, and with it every session, is gone. */
import { AppError } from '../../protocol/errors.ts';
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { HostedSession } from '../ptyhost/hostProtocol.ts';
import type { CloseReason, HostClient, HostEvent, HostMessage, HostRequest } from './hostClient.ts';

const RETRY_MS = 1_000;

export interface HostLinkEvents {
  /** Connected. Sessions of an earlier connection that are not in the list are gone. */
  onHost(hostGeneration: string, sessions: HostedSession[]): void;
  onEvent(event: HostEvent, body: Buffer): void;
  /** Another backend of this shard took over: this one must end. */
  onFenced(): void;
}

export class HostLink {
  #client: HostClient | undefined;
  #isClosed = false;
  #cancelRetry: (() => void) | undefined;

  constructor(
    private readonly connect: () => Promise<HostClient>,
    private readonly events: HostLinkEvents,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  get isUp(): boolean {
    return this.#client !== undefined;
  }

  /** Rejects when the first connection fails; later ones are tried for ever. */
  async open(): Promise<void> {
    const client = await this.connect();
    this.#client = client;
    client.onEvent = (event, body) => this.events.onEvent(event, body);
    client.onClose = (reason) => this.#onClose(reason);
    this.events.onHost(client.welcome.hostGeneration, client.welcome.sessions);
  }

  request<T>(message: HostRequest): Promise<T> {
    return this.#client?.request<T>(message) ?? Promise.reject(unavailable());
  }

  requestBytes(message: HostRequest): Promise<Buffer> {
    return this.#client?.requestBytes(message) ?? Promise.reject(unavailable());
  }

  tell(message: HostMessage, body?: Uint8Array): void {
    this.#client?.tell(message, body);
  }

  /** The host and its sessions go on. */
  close(): void {
    this.#isClosed = true;
    this.#cancelRetry?.();
    this.#client?.close();
  }

  #onClose(reason: CloseReason): void {
    this.#client = undefined;
    if (this.#isClosed) return;
    if (reason === 'fenced') return this.events.onFenced();
    this.log.error({ reason }, 'the connection to the pty host ended');
    this.#retry(0);
  }

  #retry(delayMs: number): void {
    this.#cancelRetry = this.clock.after(delayMs, () => {
      this.open().catch((error: unknown) => {
        this.log.error({ err: error }, 'the pty host cannot be reached');
        if (!this.#isClosed) this.#retry(RETRY_MS);
      });
    });
  }
}

function unavailable(): AppError {
  return new AppError('ptyhost.unavailable', 'the process that owns the terminals does not answer');
}
