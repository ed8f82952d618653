/** One websocket through the ingress: bytes both ways, until either end, the ingress itself or its idle time ends it. */
import type { Socket } from 'node:net';
import { closeFrame, FrameEdges } from './frameEdges.ts';

export type Recycling = 1001 | 1012 | 'rst';

export class IngressSocket {
  #edges = new FrameEdges();
  #closeCode: number | null = null;
  #idle: NodeJS.Timeout | undefined;
  #isOver = false;

  /** @param onOver called once */
  constructor(
    readonly app: string,
    private readonly client: Socket,
    private readonly server: Socket,
    private readonly idleMs: number,
    private readonly onOver: () => void,
  ) {
    for (const socket of [client, server]) {
      socket.setNoDelay(true);
      socket.setTimeout(0);
      socket.on('error', () => undefined); // told by `close`
      socket.on('close', () => this.#end());
    }
    client.on('data', (chunk: Buffer) => this.#pass(chunk, client, server));
    server.on('data', (chunk: Buffer) => this.#fromServer(chunk));
    // A caller that ends has ended, whatever the app would still say.
    client.on('end', () => server.end(() => server.destroy()));
    server.on('end', () => client.end());
    this.#rest();
  }

  /** As the platform does to sockets that live long: with a code between two frames, or without a word. */
  recycle(how: Recycling): void {
    if (how === 'rst' || !this.#edges.isWebsocket) {
      this.client.resetAndDestroy();
      this.server.destroy();
    } else if (this.#edges.isAtEdge) {
      this.#close(how);
    } else {
      this.#closeCode = how;
    }
  }

  #fromServer(chunk: Buffer): void {
    const edge = this.#edges.take(chunk);
    if (this.#closeCode === null || edge === null) return this.#pass(chunk, this.server, this.client);
    this.client.write(chunk.subarray(0, edge));
    this.#close(this.#closeCode);
  }

  #pass(chunk: Buffer, from: Socket, to: Socket): void {
    this.#rest();
    if (to.destroyed || to.write(chunk)) return;
    from.pause();
    to.once('drain', () => from.resume());
  }

  #close(code: number): void {
    this.client.end(closeFrame(code));
    this.server.destroy();
  }

  /** Counts anew since the last byte of either side. */
  #rest(): void {
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => this.recycle('rst'), this.idleMs);
  }

  #end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#idle);
    this.server.destroy();
    // Its last frame may still be on its way.
    if (!this.client.destroyed) this.client.end();
    this.onOver();
  }
}
