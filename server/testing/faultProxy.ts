/** A TCP proxy that fails on command: between a client and a server it stands for the network. */
import { connect, createServer, type Server, type Socket } from 'node:net';

export class FaultProxy {
  #server: Server;
  #pairs = new Set<[Socket, Socket]>();
  #isBlocked = false;
  port = 0;

  private constructor(private readonly targetPort: number) {
    this.#server = createServer((client) => this.#onClient(client));
  }

  static async start(targetPort: number): Promise<FaultProxy> {
    const proxy = new FaultProxy(targetPort);
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve));
    proxy.port = (proxy.#server.address() as { port: number }).port;
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get connectionCount(): number {
    return this.#pairs.size;
  }

  /** Ends every connection at once, without a word; new ones are let through. */
  cut(): void {
    for (const [client, server] of this.#pairs) {
      client.resetAndDestroy();
      server.resetAndDestroy();
    }
  }

  /** The network is gone: connections end, new ones are refused, until `restore`. */
  block(): void {
    this.#isBlocked = true;
    this.cut();
  }

  restore(): void {
    this.#isBlocked = false;
  }

  close(): Promise<void> {
    this.cut();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }

  #onClient(client: Socket): void {
    if (this.#isBlocked) return void client.resetAndDestroy();
    const server = connect(this.targetPort, '127.0.0.1');
    const pair: [Socket, Socket] = [client, server];
    this.#pairs.add(pair);
    for (const socket of pair) {
      socket.setNoDelay(true);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        this.#pairs.delete(pair);
        client.destroy();
        server.destroy();
      });
    }
    client.pipe(server).pipe(client);
  }
}
