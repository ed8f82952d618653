/** The socket to one shard: connects, comes back by itself for ever, and tells truthfully how it is. */
import { io, type Socket } from 'socket.io-client';
import { AppError, fromWire } from '../protocol/errors.ts';
import { getMe } from '../protocol/identity.ts';
import { renewConnection } from '../protocol/sessions.ts';
import type { ClientEvents, ServerEvents } from '../protocol/terminal.ts';
import { Decoder, Encoder } from '../protocol/wire.ts';
import type { Call } from './api.ts';
import { retryDelayMs } from './backoff.ts';
import type { ConnectionStatus, Headers } from './types.ts';

export type ShardSocket = Socket<ServerEvents, ClientEvents>;

const CONNECT_TIMEOUT_MS = 8_000;
const PROBE_PERIOD_MS = 5_000;
/** A renewal that fails for want of a connection is tried again this often; the server grants 60 s in all. */
const RENEW_RETRY_MS = 3_000;

export interface ShardConnectionOptions {
  shard: { id: string; url: string };
  origin: string;
  headers: () => Promise<Headers>;
  /** Calls on the frontend, and on the shard through it. */
  call: Call;
  callShard: Call;
  onStatus: (status: ConnectionStatus) => void;
  onOnline: () => void;
  onOffline: () => void;
}

export class ShardConnection {
  readonly socket: ShardSocket;
  #status: ConnectionStatus;
  #attempt = 0;
  #retryTimer: ReturnType<typeof setTimeout> | undefined;
  #probeTimer: ReturnType<typeof setInterval> | undefined;
  #renewTimer: ReturnType<typeof setTimeout> | undefined;
  #isClosed = false;

  constructor(private readonly options: ShardConnectionOptions) {
    const { shard, origin } = options;
    this.#status = {
      shardId: shard.id,
      state: 'connecting',
      transport: null,
      rttMs: null,
      lastMessageAt: null,
      nextTryAt: null,
      offlineSince: Date.now(),
      error: null,
    };
    this.socket = io(origin, {
      path: `${shard.url}/socket.io`,
      parser: { Encoder, Decoder },
      transports: ['websocket', 'polling'],
      tryAllTransports: true, // polling only where a websocket is refused
      upgrade: false,
      reconnection: false, // ours: the first retry at once, and a countdown that can be shown
      autoConnect: false,
      forceNew: true,
      timeout: CONNECT_TIMEOUT_MS,
    });
    this.#listen();
    void this.#connect();
  }

  get status(): ConnectionStatus {
    return this.#status;
  }

  get isOnline(): boolean {
    return this.#status.state === 'online';
  }

  tryNow(): void {
    if (this.isOnline || this.#isClosed || this.#retryTimer === undefined) return;
    clearTimeout(this.#retryTimer);
    void this.#connect();
  }

  close(): void {
    this.#isClosed = true;
    this.#stopTimers();
    this.socket.disconnect();
  }

  async #connect(): Promise<void> {
    this.#retryTimer = undefined;
    this.#update({ nextTryAt: null, ...(this.#status.state === 'offline' ? { state: 'connecting' } : {}) });
    try {
      this.socket.io.opts.extraHeaders = await this.options.headers();
    } catch (error) {
      return this.#onFailure(new AppError('AUTH_MISSING', 'the headers could not be made', { cause: error }));
    }
    if (!this.#isClosed) this.socket.connect();
  }

  #listen(): void {
    const { socket } = this;
    socket.on('connect', () => this.#onConnect());
    socket.on('connect_error', () => void this.#explain());
    socket.on('disconnect', () => {
      this.#stopTimers();
      if (this.isOnline) this.options.onOffline();
      this.#onFailure(null);
    });
    socket.on('renew', () => void this.#renew());
    socket.on('refused', ({ handle, error }) => {
      if (handle === undefined) this.#update({ error: fromWire(error) });
    });
  }

  #onConnect(): void {
    this.#attempt = 0;
    const { engine } = this.socket.io;
    engine.on('packet', () => (this.#status.lastMessageAt = Date.now()));
    const transport = engine.transport.name === 'polling' ? 'polling' : 'websocket';
    this.#update({
      state: 'online',
      transport,
      offlineSince: null,
      nextTryAt: null,
      error: null,
      lastMessageAt: Date.now(),
    });
    this.#probe();
    this.#probeTimer = setInterval(() => this.#probe(), PROBE_PERIOD_MS);
    this.options.onOnline();
  }

  /** A failed websocket does not say why; the API does. */
  async #explain(): Promise<void> {
    try {
      await this.options.call(getMe, {});
      this.#onFailure(new AppError('shard.unreachable', `${this.options.shard.id} cannot be reached`));
    } catch (error) {
      this.#onFailure(error instanceof AppError ? error : new AppError('internal', String(error)));
    }
  }

  #onFailure(error: AppError | null): void {
    if (this.#isClosed) return;
    const isSignedOut = error !== null && error.code.startsWith('AUTH_');
    const delayMs = retryDelayMs(this.#attempt++);
    this.#update({
      state: isSignedOut ? 'signed_out' : 'offline',
      transport: null,
      rttMs: null,
      offlineSince: this.#status.offlineSince ?? Date.now(),
      nextTryAt: Date.now() + delayMs,
      error,
    });
    clearTimeout(this.#retryTimer);
    this.#retryTimer = setTimeout(() => void this.#connect(), delayMs);
  }

  #probe(): void {
    const sentAt = performance.now();
    this.socket.timeout(PROBE_PERIOD_MS).emit('probe', (error: Error | null) => {
      if (!error && this.isOnline) this.#update({ rttMs: performance.now() - sentAt });
    });
  }

  async #renew(): Promise<void> {
    const connectionId = this.socket.id;
    if (!connectionId) return;
    try {
      await this.options.callShard(renewConnection, { connectionId });
    } catch (error) {
      if (this.socket.id !== connectionId || this.#isClosed) return;
      const code = error instanceof AppError ? error.code : 'internal';
      if (code.startsWith('AUTH_')) return this.#endConnection(error as AppError);
      clearTimeout(this.#renewTimer);
      this.#renewTimer = setTimeout(() => void this.#renew(), RENEW_RETRY_MS);
    }
  }

  /** Signed out: the server would cut us off within a minute; the person is told now. */
  #endConnection(error: AppError): void {
    this.socket.disconnect();
    this.#onFailure(error);
  }

  #stopTimers(): void {
    clearTimeout(this.#retryTimer);
    clearTimeout(this.#renewTimer);
    clearInterval(this.#probeTimer);
  }

  #update(change: Partial<ConnectionStatus>): void {
    this.#status = { ...this.#status, ...change };
    this.options.onStatus(this.#status);
  }
}
