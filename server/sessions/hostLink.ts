/** Keeps this backend connected to one pty host and tells how it is: answering, blocked, or gone with every session it had. */
import type { Clock } from '../base/clock.ts';
import { deferred } from '../base/deferred.ts';
import type { Log } from '../base/log.ts';
import type { HostedSession } from '../ptyhost/hostProtocol.ts';
import {
  HostRefused,
  unavailable,
  type CloseReason,
  type HostClient,
  type HostEvent,
  type HostMessage,
  type HostRequest,
} from './hostClient.ts';
import { BEAT_MS, beat, heard, isBlocked, newPulse, type HostState } from './hostPulse.ts';

const RETRY_MS = 1_000;

/** Told once a host listens, before it answers; `abort` gives it up. */
export type OnConnected = (abort: () => void) => void;

/** What a link needs of the world: hostLauncher.ts, or a test. */
export interface HostAccess {
  /** Undefined when no host listens. */
  find(onConnected: OnConnected): Promise<HostClient | undefined>;
  /** Absent for a host of the previous version: there will be no other. */
  start?: (onConnected: OnConnected) => Promise<HostClient>;
}

export interface HostLinkEvents {
  /** Connected, and again after an interruption. Sessions of an earlier connection that are not in the list are gone. */
  onHost(link: HostLink, hostGeneration: string, sessions: HostedSession[]): void;
  onEvent(event: HostEvent, body: Buffer): void;
  /** There is no host: its sessions are lost. */
  onGone(link: HostLink): void;
  onState(): void;
  /** Another backend of this shard took over: this one must end. */
  onFenced(): void;
}

export class HostLink {
  #client: HostClient | undefined;
  #abort: (() => void) | undefined;
  #pulse = newPulse();
  #state: HostState = 'gone';
  #isClosed = false;
  #cancelBeat: () => void = () => undefined;
  #cancelRetry: (() => void) | undefined;
  #opened = deferred<void>();

  constructor(
    private readonly access: HostAccess,
    private readonly events: HostLinkEvents,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  get state(): HostState {
    return this.#state;
  }

  /**
   * Resolves when it is known how the host is: connected, blocked, or, where none is to be started, gone. From then on it is
   * tried for ever. Rejects when there is none and none can be started, or when it would not have us.
   */
  open(): Promise<void> {
    this.#cancelBeat = this.clock.every(BEAT_MS, () => this.#beat());
    this.#connect().then(this.#opened.resolve, (error: unknown) => {
      this.#opened.reject(error);
      this.#failed(error);
    });
    this.#opened.promise.catch(() => this.close());
    return this.#opened.promise;
  }

  /** Rejects with `ptyhost.unavailable` also while the host is blocked: who asks must not hang. */
  request<T>(message: HostRequest): Promise<T> {
    return this.#state === 'ok' ? this.#client!.request<T>(message) : Promise.reject(unavailable());
  }

  requestBytes(message: HostRequest): Promise<Buffer> {
    return this.#state === 'ok' ? this.#client!.requestBytes(message) : Promise.reject(unavailable());
  }

  /** A host that is blocked reads it when it goes on. */
  tell(message: HostMessage, body?: Uint8Array): void {
    this.#client?.tell(message, body);
  }

  /** The host and its sessions go on. */
  close(): void {
    this.#isClosed = true;
    this.#cancelBeat();
    this.#cancelRetry?.();
    this.#abort?.();
    this.#client?.close();
  }

  async #connect(): Promise<void> {
    const onConnected = (abort: () => void) => {
      this.#abort = abort;
      this.#pulse = newPulse();
    };
    let client = await this.access.find(onConnected);
    if (!client) {
      this.events.onGone(this);
      if (!this.access.start || this.#isClosed) return;
      client = await this.access.start(onConnected);
    }
    this.#abort = undefined;
    if (this.#isClosed) return client.close();
    this.#client = client;
    client.onEvent = (event, body) => this.events.onEvent(event, body);
    client.onHeard = () => this.#heard();
    client.onClose = (reason) => this.#onClose(reason);
    this.#pulse = heard();
    this.#setState('ok');
    const { hostGeneration, sessions, pid, version } = client.welcome;
    this.log.info({ hostPid: pid, version, sessions: sessions.length }, 'connected to the pty host');
    this.events.onHost(this, hostGeneration, sessions);
  }

  #beat(): void {
    if (!this.#client && !this.#abort) return; // nobody to ask
    const { pulse, isToAsk } = beat(this.#pulse);
    this.#pulse = pulse;
    if (isToAsk) this.#client?.request({ t: 'ping' }).catch(() => undefined); // its end is told elsewhere
    if (!isBlocked(pulse) || this.#state === 'blocked') return;
    this.log.error('the pty host does not answer');
    this.#setState('blocked');
    this.#client?.giveUp();
    this.#opened.resolve();
  }

  #heard(): void {
    this.#pulse = heard();
    if (this.#state !== 'blocked') return;
    this.log.info('the pty host answers again');
    this.#setState('ok');
  }

  #onClose(reason: CloseReason): void {
    this.#client = undefined;
    if (this.#isClosed) return;
    if (reason === 'fenced') return this.#fenced();
    this.log.error({ reason }, 'the connection to the pty host ended');
    this.#setState('gone');
    this.#retry(0);
  }

  #failed(error: unknown): void {
    this.#abort = undefined;
    if (this.#isClosed) return;
    if (error instanceof HostRefused && error.reason === 'fenced') return this.#fenced();
    this.log.error({ err: error }, 'the pty host cannot be reached');
    this.#setState('gone');
    this.#retry(RETRY_MS);
  }

  #fenced(): void {
    this.close();
    this.#setState('gone');
    this.events.onFenced();
  }

  #retry(delayMs: number): void {
    this.#cancelRetry = this.clock.after(delayMs, () => {
      this.#connect().catch((error: unknown) => this.#failed(error));
    });
  }

  #setState(state: HostState): void {
    if (state === this.#state) return;
    this.#state = state;
    this.events.onState();
  }
}
