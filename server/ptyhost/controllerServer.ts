/** The host's unix socket: lets in one backend at a time, the newest, and only with the shard's key. */
import { createServer, type Server, type Socket } from 'node:net';
import { encodeFrame, FrameReader, writeFrame } from '../base/frames.ts';
import { isSameSecret } from '../base/isSameSecret.ts';
import type { Log } from '../base/log.ts';
import type { PtyHost } from './host.ts';
import type { HostPlace } from './hostPlace.ts';
import { HOST_PROTOCOL_VERSION, type FromHost, type ToHost } from './hostProtocol.ts';

export class ControllerServer {
  #server: Server | undefined;
  #controller: Socket | undefined;
  /** The beginning of the newest backend's life that controlled us. */
  #newest = -Infinity;
  #sockets = new Set<Socket>();
  #refused = new WeakSet<Socket>();

  constructor(
    private readonly host: PtyHost,
    private readonly key: string,
    private readonly log: Log,
  ) {}

  get hasController(): boolean {
    return this.#controller !== undefined;
  }

  /** Rejects with PathTaken when another host listens there. May be called again when the socket's file was removed. */
  async listen(place: HostPlace): Promise<void> {
    const server = createServer((socket) => this.#onConnection(socket));
    await place.take(server);
    this.#server?.close(); // it listens where nobody can find it
    this.#server = server;
  }

  close(): void {
    this.#server?.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #onConnection(socket: Socket): void {
    this.#sockets.add(socket);
    const reader = new FrameReader<ToHost>();
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.#onClose(socket));
    socket.on('data', (chunk) => {
      try {
        for (const { head, body } of reader.push(chunk)) this.#onMessage(socket, head, body);
      } catch (error) {
        this.log.error({ err: error }, 'a controller sent something that is not our protocol');
        socket.destroy();
      }
    });
  }

  #onMessage(socket: Socket, message: ToHost, body: Buffer): void {
    if (this.#refused.has(socket)) return; // on its way before it heard: closing now would take the word from it
    if (socket === this.#controller) void this.host.handle(message, body);
    else if (message.t === 'hello') this.#onHello(socket, message);
    else socket.destroy();
  }

  #onHello(socket: Socket, { version, key, since }: Extract<ToHost, { t: 'hello' }>): void {
    if (!isSameSecret(key, this.key)) return this.#refuse(socket, 'key');
    if (version !== HOST_PROTOCOL_VERSION || typeof since !== 'number') return this.#refuse(socket, 'version');
    if (since < this.#newest) return this.#refuse(socket, 'fenced');
    this.#newest = since;
    if (this.#controller) this.#refuse(this.#controller, 'fenced');
    this.#controller = socket;
    this.host.setController((message, body) => {
      if (socket === this.#controller && socket.writable) writeFrame(socket, message, body);
    });
    const { generation } = this.host;
    write(socket, {
      t: 'welcome',
      version,
      hostGeneration: generation,
      pid: process.pid,
      sessions: this.host.describe(),
    });
    this.log.info('a backend took control');
  }

  /** Whoever is refused closes it when it has heard why. */
  #refuse(socket: Socket, reason: 'fenced' | 'key' | 'version'): void {
    this.#refused.add(socket);
    socket.end(encodeFrame({ t: 'refused', reason } satisfies FromHost));
  }

  #onClose(socket: Socket): void {
    this.#sockets.delete(socket);
    if (socket !== this.#controller) return;
    this.#controller = undefined;
    this.host.setController(() => undefined);
    this.log.info('the backend is gone; the sessions go on');
  }
}

function write(socket: Socket, message: FromHost): void {
  socket.write(encodeFrame(message));
}
