/** socket.io on a shard: lets in only requests with a signed assertion, and hands each connected socket on. */
import type { IncomingMessage, Server as HttpServer, ServerResponse } from 'node:http';
import type { Socket as TcpSocket } from 'node:net';
import { Server as Engine } from 'engine.io';
import { Server, type Socket } from 'socket.io';
import { AppError, toWire } from '../../protocol/errors.ts';
import { MAX_TRANSPORT_BYTES, PING_INTERVAL_MS, PING_TIMEOUT_MS } from '../../protocol/limits.ts';
import type { Appearance, ChangedSubject, ClientEvents, ServerEvents } from '../../protocol/terminal.ts';
import { Decoder, Encoder } from '../../protocol/wire.ts';
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { Caller, VerifyRequest } from '../http/caller.ts';
import { takeCarriers } from '../http/carriers.ts';
import { refuseUpgrade } from '../http/refuseUpgrade.ts';
import { Connections } from './connections.ts';
import { boundOutgoing } from './outgoingBound.ts';

export const SOCKET_PATH = '/api/socket.io';

export interface SocketData {
  caller: Caller;
  /** As the client told it. */
  appearance?: Appearance;
}
export type HoldfastSocket = Socket<ClientEvents, ServerEvents, Record<string, never>, SocketData>;

type Identified = IncomingMessage & { caller?: Caller };

export class SocketServer {
  readonly connections: Connections;
  #isDraining = false;
  #engine: Engine;
  #io: Server<ClientEvents, ServerEvents, Record<string, never>, SocketData>;

  constructor(
    private readonly verify: VerifyRequest,
    onSocket: (socket: HoldfastSocket) => void,
    clock: Clock,
    private readonly log: Log,
  ) {
    this.connections = new Connections(clock);
    this.#engine = new Engine({
      transports: ['websocket', 'polling'],
      allowUpgrades: false,
      perMessageDeflate: false,
      httpCompression: false,
      maxHttpBufferSize: MAX_TRANSPORT_BYTES,
      pingInterval: PING_INTERVAL_MS,
      pingTimeout: PING_TIMEOUT_MS,
    });
    // socket.io's recovery keeps packets by time, unbounded in bytes; resuming by offset is ours to do.
    this.#io = new Server({ serveClient: false, parser: { Encoder, Decoder } });
    this.#io.bind(this.#engine);
    this.#io.on('connection', (socket) => this.#onConnection(socket, onSocket));
  }

  /** Takes over the upgrades of `server`. */
  attach(server: HttpServer): void {
    server.on('upgrade', (request: Identified, socket: TcpSocket, head: Buffer) => {
      // Until the engine takes the socket nobody else listens; a reset would count as an uncaught exception.
      socket.on('error', () => socket.destroy());
      takeCarriers(request);
      this.#identify(request).then(
        () => this.#engine.handleUpgrade(request as never, socket, head),
        (error: unknown) => {
          this.log.info({ code: toWire(error).code }, 'upgrade refused');
          refuseUpgrade(socket, error);
        },
      );
    });
  }

  /** The polling transport: every one of its requests is identified, and belongs to who opened the connection. */
  handleRequest(request: Identified, response: ServerResponse): void {
    const [sid, ...more] = urlOf(request).searchParams.getAll('sid');
    const clients = (this.#engine as unknown as { clients: Record<string, { request: Identified } | undefined> })
      .clients;
    const opener = sid ? clients[sid]?.request.caller : request.caller;
    // Of a repeated id the engine would take the last.
    if (more.length > 0 || opener?.email !== request.caller?.email) throw noSuchConnection();
    this.#engine.handleRequest(request, response);
  }

  /** Tells every window of a person that a list changed. */
  changed(email: string, subject: ChangedSubject): void {
    this.#io.to(roomOf(email)).emit('changed', { subject });
  }

  /** Tells every window of a person what a session tells them. */
  tellPerson<Event extends 'signals' | 'seen'>(
    email: string,
    event: Event,
    ...message: Parameters<ServerEvents[Event]>
  ): void {
    this.#io.to(roomOf(email)).emit(event, ...message);
  }

  /** Tells every window of this shard how its terminals are. */
  tellAll(event: 'host', message: Parameters<ServerEvents['host']>[0]): void {
    this.#io.emit(event, message);
  }

  /** Tells all who are connected, and who connects from now on. */
  setDraining(isDraining: boolean): void {
    this.#isDraining = isDraining;
    this.#io.emit('shard', { draining: isDraining });
  }

  async close(): Promise<void> {
    this.connections.close();
    this.#io.disconnectSockets(true);
    this.#engine.close();
    await this.#io.close();
  }

  async #identify(request: Identified): Promise<void> {
    const { pathname, searchParams } = urlOf(request);
    if (pathname.replace(/\/$/, '') !== SOCKET_PATH) throw noWebsocket();
    request.caller = await this.verify(request);
    // A websocket begins a connection of its own; with an id the engine would hand it one that is open, whoever's it is.
    if (searchParams.has('sid')) throw noSuchConnection();
  }

  #onConnection(socket: HoldfastSocket, onSocket: (socket: HoldfastSocket) => void): void {
    const { caller } = socket.request as Identified;
    if (!caller) return void socket.disconnect(true);
    socket.data.caller = caller;
    boundOutgoing(socket.conn, () => this.log.warn({ user: caller.email }, 'a client that does not read was cut off'));
    void socket.join(roomOf(caller.email));
    this.connections.add({
      id: socket.id,
      email: caller.email,
      askToRenew: () => socket.emit('renew'),
      cutOff: (error) => {
        socket.emit('refused', { error: toWire(error) });
        socket.disconnect(true);
      },
    });
    if (this.#isDraining) socket.emit('shard', { draining: true });
    socket.on('disconnect', () => this.connections.remove(socket.id));
    socket.on('probe', (reply) => typeof reply === 'function' && reply());
    onSocket(socket);
  }
}

/** @throws AppError `route.not_found` for what is no path, such as `//` */
function urlOf(request: IncomingMessage): URL {
  try {
    return new URL(request.url ?? '/', 'http://shard');
  } catch {
    throw noWebsocket();
  }
}

function noWebsocket(): AppError {
  return new AppError('route.not_found', 'there is no websocket here');
}

function noSuchConnection(): AppError {
  return new AppError('connection.not_found', 'there is no such connection');
}

function roomOf(email: string): string {
  return `person:${email}`;
}
