/** The socket to one shard: connects, comes back by itself for ever, and tells truthfully how it is. */
import { io, type Socket } from 'socket.io-client';
import { AppError, fromWire } from '../protocol/errors.ts';
import { getHealth } from '../protocol/health.ts';
import { getMe } from '../protocol/identity.ts';
import { CONNECT_TIMEOUT_MS } from '../protocol/limits.ts';
import { renewConnection } from '../protocol/sessions.ts';
import type { ClientEvents, ServerEvents } from '../protocol/terminal.ts';
import { Decoder, Encoder } from '../protocol/wire.ts';
import type { Call } from './api.ts';
import type { Clock } from './clock.ts';
import { Link } from './link.ts';
import { TransportChoice } from './transportChoice.ts';
import type { ConnectionStatus, Headers } from './types.ts';

export type ShardSocket = Socket<ServerEvents, ClientEvents>;

/** A renewal that fails for want of a connection is tried again this often; the server grants 60 s in all. */
const RENEW_RETRY_MS = 3_000;

export interface ShardConnectionOptions {
  shard: { id: string; url: string };
  origin: string;
  headers: () => Promise<Headers>;
  /** Calls on the frontend, and on the shard through it. */
  call: Call;
  callShard: Call;
  clock: Clock;
  onStatus: (status: ConnectionStatus) => void;
  onOnline: () => void;
  onOffline: () => void;
}

export class ShardConnection {
  readonly socket: ShardSocket;
  #status: ConnectionStatus;
  #link: Link;
  #choice: TransportChoice;
  /** Counts the attempts: what is found out about an earlier one is no news. */
  #attempt = 0;
  #cancelRenewal: () => void = () => undefined;
  #isClosed = false;

  constructor(private readonly options: ShardConnectionOptions) {
    const { shard, origin, clock } = options;
    this.#status = {
      shardId: shard.id,
      state: 'connecting',
      transport: null,
      rttMs: null,
      lastMessageAt: null,
      nextTryAt: null,
      offlineSince: clock.now(),
      isDraining: false,
      error: null,
      host: 'ok',
    };
    this.socket = io(origin, {
      path: `${shard.url}/socket.io`,
      parser: { Encoder, Decoder },
      transports: ['websocket'], // chosen anew for each attempt
      upgrade: false,
      reconnection: false, // ours: the first retry at once, and a countdown that can be shown
      autoConnect: false,
      forceNew: true,
      timeout: CONNECT_TIMEOUT_MS,
    });
    this.#link = new Link(
      { open: () => void this.#open(), drop: () => this.#drop(), probe: (probe) => this.#probe(probe) },
      {
        onConnecting: () => this.#onConnecting(),
        onOpened: () => this.#onOpened(),
        onDown: (error, nextTryAt) => this.#onDown(error, nextTryAt),
      },
      clock,
    );
    this.#choice = new TransportChoice(
      () => this.#canHaveWebsocket(),
      () => this.#reconnect(),
      clock,
    );
    this.#listen();
    this.#link.start();
  }

  get status(): ConnectionStatus {
    return this.#status;
  }

  get isOnline(): boolean {
    return this.#status.state === 'online';
  }

  tryNow(): void {
    this.#link.tryNow();
  }

  wake(): void {
    this.#link.wake();
  }

  close(): void {
    this.#isClosed = true;
    this.#cancelRenewal();
    this.#choice.down();
    this.#link.close();
  }

  #listen(): void {
    const { socket } = this;
    socket.on('connect', () => this.#link.opened());
    socket.on('connect_error', () => void this.#explain());
    socket.on('disconnect', () => this.#link.failed());
    socket.on('host', ({ state }) => this.#update({ host: state }));
    socket.on('renew', () => void this.#renew());
    socket.on('shard', ({ draining }) => this.#update({ isDraining: draining }));
    socket.on('refused', ({ handle, error }) => {
      if (handle === undefined) this.#update({ error: fromWire(error) });
    });
  }

  async #open(): Promise<void> {
    const attempt = ++this.#attempt;
    try {
      const extraHeaders = await this.options.headers();
      if (this.#isClosed || attempt !== this.#attempt) return;
      this.socket.io.opts.extraHeaders = extraHeaders;
      this.socket.io.opts.transports = [this.#choice.transport];
      this.socket.connect();
    } catch (error) {
      if (attempt === this.#attempt)
        this.#link.failed(new AppError('AUTH_MISSING', 'the headers could not be made', { cause: error }));
    }
  }

  /** Of the attempt or the connection that was, nothing is heard any more. */
  #drop(): void {
    this.#attempt++;
    this.socket.disconnect();
  }

  /** A failed websocket does not say why; the API does. The link waits no longer for it than for the attempt itself. */
  async #explain(): Promise<void> {
    const attempt = this.#attempt;
    const { call, callShard } = this.options;
    let reason: AppError;
    const shardAnswers = callShard(getHealth, {}, AbortSignal.timeout(CONNECT_TIMEOUT_MS)).then(
      () => true,
      () => false,
    );
    try {
      await call(getMe, {}, AbortSignal.timeout(CONNECT_TIMEOUT_MS));
      reason = new AppError('shard.unreachable', `${this.options.shard.id} cannot be reached`);
    } catch (error) {
      reason = error instanceof AppError ? error : new AppError('internal', String(error));
    }
    const isWebsocketAtFault = reason.code === 'shard.unreachable' && (await shardAnswers);
    if (attempt !== this.#attempt) return;
    this.#choice.failed(isWebsocketAtFault);
    this.#link.failed(reason);
  }

  /** Beside the connection that works by polling; that one is not touched. */
  async #canHaveWebsocket(): Promise<boolean> {
    const { shard, origin, headers } = this.options;
    const extraHeaders = await headers().catch(() => undefined);
    if (!extraHeaders || this.#isClosed) return false;
    const beside = io(origin, {
      path: `${shard.url}/socket.io`,
      parser: { Encoder, Decoder },
      transports: ['websocket'],
      upgrade: false,
      reconnection: false,
      forceNew: true,
      timeout: CONNECT_TIMEOUT_MS,
      extraHeaders,
    });
    try {
      return await new Promise<boolean>((resolve) => {
        beside.once('connect', () => resolve(true));
        beside.once('connect_error', () => resolve(false));
      });
    } finally {
      beside.disconnect();
    }
  }

  /** Nothing is lost with it: output goes on at the byte that was reached. */
  #reconnect(): void {
    this.#link.failed();
    this.#drop();
  }

  #probe(probe: number): void {
    const sentAt = performance.now();
    this.socket.emit('probe', () => {
      this.#link.answered(probe);
      if (this.isOnline) this.#update({ rttMs: performance.now() - sentAt });
    });
  }

  #onConnecting(): void {
    this.#update({ nextTryAt: null, ...(this.#status.state === 'offline' ? { state: 'connecting' } : {}) });
  }

  #onOpened(): void {
    const { engine } = this.socket.io;
    engine.on('packet', () => {
      this.#link.heard();
      this.#status.lastMessageAt = this.#link.heardAt;
    });
    const transport = engine.transport.name === 'polling' ? 'polling' : 'websocket';
    const lastMessageAt = this.#link.heardAt;
    this.#choice.opened();
    this.#update({
      state: 'online',
      transport,
      offlineSince: null,
      nextTryAt: null,
      isDraining: false, // told anew on each connection
      error: null,
      host: 'ok',
      lastMessageAt,
    });
    this.options.onOnline();
  }

  #onDown(error: unknown, nextTryAt: number): void {
    const reason = error instanceof AppError ? error : null;
    const wasOnline = this.isOnline;
    this.#cancelRenewal();
    this.#choice.down();
    this.#update({
      state: reason?.code.startsWith('AUTH_') ? 'signed_out' : 'offline',
      transport: null,
      rttMs: null,
      offlineSince: this.#status.offlineSince ?? this.options.clock.now(),
      nextTryAt,
      error: reason,
    });
    if (wasOnline) this.options.onOffline();
  }

  async #renew(): Promise<void> {
    const connectionId = this.socket.id;
    if (!connectionId) return;
    try {
      await this.options.callShard(renewConnection, { connectionId }, AbortSignal.timeout(CONNECT_TIMEOUT_MS));
    } catch (error) {
      if (this.socket.id !== connectionId || this.#isClosed) return;
      const code = error instanceof AppError ? error.code : 'internal';
      if (code.startsWith('AUTH_')) return this.#endConnection(error as AppError);
      this.#cancelRenewal();
      this.#cancelRenewal = this.options.clock.after(RENEW_RETRY_MS, () => void this.#renew());
    }
  }

  /** Signed out: the server would cut us off within a minute; the person is told now. */
  #endConnection(error: AppError): void {
    this.#link.failed(error);
    this.#drop();
  }

  #update(change: Partial<ConnectionStatus>): void {
    this.#status = { ...this.#status, ...change };
    this.options.onStatus(this.#status);
  }
}
