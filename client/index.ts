/** The client library: one for the app, the command line, tests and load, in a browser and in plain Node. */
import { AppError } from '../protocol/errors.ts';
import type { Appearance } from '../protocol/terminal.ts';
import {
  closeSession,
  getSession,
  listSessions,
  openSession,
  putAwaySession,
  renameSession,
} from '../protocol/sessions.ts';
import type { Session } from '../protocol/sessions.ts';
import { fillPath } from '../protocol/endpoint.ts';
import { RECORDING_PATH } from '../protocol/recordings.ts';
import { createCall, download } from './api.ts';
import { ClientAttachment } from './attachment.ts';
import { systemClock } from './clock.ts';
import { ShardConnection } from './shardConnection.ts';
import { SignalWatch } from './signals.ts';
import type {
  Attachment,
  AttachOptions,
  ConnectionStatus,
  Headers,
  Holdfast,
  HoldfastOptions,
  PutAwayOptions,
  SessionFiles,
} from './types.ts';

export * from './types.ts';
export { AppError } from '../protocol/errors.ts';

/** Connects to nothing yet, except to `options.shard`; the rest is connected to when it is needed. */
export async function openHoldfast(options: HoldfastOptions): Promise<Holdfast> {
  return Promise.resolve(new HoldfastClient(options));
}

class HoldfastClient implements Holdfast {
  readonly call;
  readonly sessions;
  #origin: string;
  #connections = new Map<string, ShardConnection>();
  #attachments = new Set<ClientAttachment>();
  /** Of the shards that were named to us; others are where the gateway has them. */
  #urls = new Map<string, string>();
  #nextHandle = 1;
  #appearance: Appearance | undefined;
  readonly signals = new SignalWatch(() =>
    [...this.#connections.values()].filter(({ isOnline }) => isOnline).map(({ socket }) => socket),
  );

  constructor(private readonly options: HoldfastOptions) {
    this.#origin = options.url.replace(/\/+$/, '');
    this.call = createCall(this.#origin, this.#headers);
    this.sessions = {
      open: (input: Parameters<Holdfast['sessions']['open']>[0]) => this.call(openSession, input),
      list: async () => (await this.call(listSessions, {})).sessions,
      get: (sessionId: string) => this.call(getSession, { sessionId }),
      rename: (sessionId: string, name: string) => this.call(renameSession, { sessionId, name }),
      attach: (id: string, attachOptions: AttachOptions) => this.#attach(id, attachOptions),
      attachTo: (session: { id: string; shardId: string }, attachOptions: AttachOptions) =>
        this.#attachTo(session, attachOptions),
      putAway: (sessionId: string, putAwayOptions: PutAwayOptions = {}) => this.#putAway(sessionId, putAwayOptions),
      recording: (sessionId: string, signal?: AbortSignal) => this.#recording(sessionId, signal),
      close: async (sessionId: string) => void (await this.call(closeSession, { sessionId })),
      files: (session: string | { id: string; shardId: string }) => this.#files(session),
    };
    if (options.shard) this.connect(options.shard);
  }

  connections(): ConnectionStatus[] {
    return [...this.#connections.values()].map(({ status }) => status);
  }

  setAppearance(appearance: Appearance): void {
    this.#appearance = appearance;
    for (const { isOnline, socket } of this.#connections.values()) {
      if (isOnline) socket.emit('appearance', appearance);
    }
  }

  connect({ id, url }: { id: string; url: string }): void {
    this.#urls.set(id, url);
    for (const [shardId, connection] of this.#connections) {
      if (shardId === id || this.#of(shardId).length > 0) continue;
      connection.close();
      this.#connections.delete(shardId);
    }
    this.#connectionTo(id);
  }

  tryNow(): void {
    for (const connection of this.#connections.values()) connection.tryNow();
  }

  wake(): void {
    for (const connection of this.#connections.values()) connection.wake();
  }

  close(): void {
    for (const attachment of [...this.#attachments]) attachment.detach();
    for (const connection of this.#connections.values()) connection.close();
    this.#connections.clear();
  }

  async #putAway(sessionId: string, { incarnation, ...how }: PutAwayOptions): Promise<Session> {
    const meant = incarnation ?? (await this.call(getSession, { sessionId })).incarnation;
    return this.call(putAwaySession, { sessionId, incarnation: meant, ...how });
  }

  async #files(session: string | { id: string; shardId: string }): Promise<SessionFiles> {
    // Of no use to a terminal: a browser fetches it when it is asked for.
    const { SessionFiles } = await import('./files.ts');
    const known = typeof session === 'string' ? await this.call(getSession, { sessionId: session }) : session;
    return new SessionFiles(known, { baseOf: (shardId) => this.#baseOf(shardId), headers: this.#headers });
  }

  async #recording(sessionId: string, signal?: AbortSignal): Promise<ReadableStream<Uint8Array>> {
    const { shardId } = await this.call(getSession, { sessionId });
    const { path } = fillPath(RECORDING_PATH, { sessionId });
    return download(`${this.#baseOf(shardId)}${path.slice('/api'.length)}`, await this.#headers(), signal);
  }

  #baseOf(shardId: string): string {
    return `${this.#origin}${this.#urlOf(shardId)}`;
  }

  #urlOf(shardId: string): string {
    return this.#urls.get(shardId) ?? `/api/shards/${shardId}`;
  }

  #headers = (): Promise<Headers> => {
    const { headers } = this.options;
    return Promise.resolve(typeof headers === 'function' ? headers() : (headers ?? {}));
  };

  async #attach(id: string, options: AttachOptions): Promise<Attachment> {
    const { shardId } = await this.call(getSession, { sessionId: id });
    return new Promise((resolve, reject) => {
      const attachment: Attachment = this.#attachTo(
        { id, shardId },
        {
          ...options,
          onState(state, error) {
            options.onState?.(state, error);
            if (state === 'live' || state === 'exited') queueMicrotask(() => resolve(attachment));
            else if (state === 'ended') reject(error ?? new AppError('attachment.not_found', 'the attachment is over'));
          },
        },
      );
    });
  }

  #attachTo({ id, shardId }: { id: string; shardId: string }, options: AttachOptions): Attachment {
    const attachment = new ClientAttachment(id, shardId, options, {
      clock: systemClock,
      connectionTo: (shard) => this.#connectionTo(shard),
      newHandle: () => this.#nextHandle++,
      ended: (ended) => this.#attachments.delete(ended),
    });
    this.#attachments.add(attachment);
    return attachment;
  }

  #connectionTo(shardId: string): ShardConnection {
    const known = this.#connections.get(shardId);
    if (known) return known;
    const url = this.#urlOf(shardId);
    const connection = new ShardConnection({
      shard: { id: shardId, url },
      origin: this.#origin,
      headers: this.#headers,
      call: this.call,
      callShard: createCall(`${this.#origin}${url}`, this.#headers, '/api'),
      clock: systemClock,
      onStatus: (status) => this.options.onConnection?.(status),
      onOnline: () => {
        if (this.#appearance) connection.socket.emit('appearance', this.#appearance);
        this.signals.online(connection.socket);
        this.#of(shardId).forEach((attachment) => attachment.online());
      },
      onOffline: () => this.#of(shardId).forEach((attachment) => attachment.offline()),
    });
    this.#connections.set(shardId, connection);
    this.#route(connection);
    return connection;
  }

  #of(shardId: string): ClientAttachment[] {
    return [...this.#attachments].filter((attachment) => attachment.shardId === shardId);
  }

  /** Frames name an attachment by its handle; one that is over is not found, and its last frames are of no use. */
  #route({ socket }: ShardConnection): void {
    this.signals.route(socket);
    const find = (handle: number) => [...this.#attachments].find((attachment) => attachment.handle === handle);
    socket.on('output', (handle, offset, bytes) => find(handle)?.output(offset, bytes));
    socket.on('snapshot', (handle, offset, skipped, bytes) => find(handle)?.snapshot(offset, skipped, bytes));
    socket.on('history', (handle, offset, bytes) => find(handle)?.history(offset, bytes));
    socket.on('written', ({ handle, seq }) => find(handle)?.written(seq));
    socket.on('exited', ({ handle, exit, end }) => find(handle)?.exited(exit, end));
    socket.on('resized', ({ handle, cols, rows, isInControl }) => find(handle)?.resized({ cols, rows }, isInControl));
    socket.on('refused', ({ handle, error }) => handle !== undefined && find(handle)?.refused(error));
    socket.on('detached', ({ handle, error }) => find(handle)?.detached(error));
    socket.on('changed', ({ subject }) => this.options.onChanged?.(subject));
  }
}
