/** Stands before a frontend and serves the app from a folder of the test's choice: exchanging it is a new release of the app. */
import { createReadStream, existsSync, statSync } from 'node:fs';
import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import type { Duplex } from 'node:stream';

const TYPES: Record<string, string> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
  '.webmanifest': 'application/manifest+json',
};

export class ReleaseProxy {
  #server: Server;
  #sockets = new Set<Duplex>();

  private constructor(
    private readonly frontendPort: number,
    /** Served from now on; what only another one has is gone. */
    public directory: string,
  ) {
    this.#server = createServer((asked, answer) => this.#answer(asked, answer));
    this.#server.on('upgrade', (asked: IncomingMessage, socket: Duplex, head: Buffer) => {
      this.#pipe(asked, socket, head);
    });
  }

  static async start(frontendPort: number, directory: string): Promise<ReleaseProxy> {
    const proxy = new ReleaseProxy(frontendPort, directory);
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #answer(asked: IncomingMessage, answer: ServerResponse): void {
    const { pathname } = new URL(asked.url!, 'http://localhost');
    if (/^\/(api|sign-in)/.test(pathname)) return this.#pass(asked, answer);
    const file = join(this.directory, pathname === '/' ? 'index.html' : pathname);
    if (!existsSync(file) || !statSync(file).isFile()) return void answer.writeHead(404).end();
    // Nothing but the service worker keeps it.
    answer.writeHead(200, {
      'Content-Type': TYPES[extname(file)] ?? 'application/octet-stream',
      'Cache-Control': 'no-store',
    });
    createReadStream(file).pipe(answer);
  }

  #pass(asked: IncomingMessage, answer: ServerResponse): void {
    const { method, url, headers } = asked;
    const passed = request({ port: this.frontendPort, host: '127.0.0.1', method, path: url, headers }, (response) => {
      answer.writeHead(response.statusCode!, response.headers);
      response.pipe(answer);
    });
    passed.on('error', () => answer.destroy());
    answer.on('close', () => passed.destroy());
    asked.pipe(passed);
  }

  #pipe(asked: IncomingMessage, socket: Duplex, head: Buffer): void {
    const behind = connect(this.frontendPort, '127.0.0.1', () => {
      const lines = asked.rawHeaders.flatMap((name, i) => (i % 2 ? [] : [`${name}: ${asked.rawHeaders[i + 1]}`]));
      behind.write(`${asked.method} ${asked.url} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
      behind.write(head);
      socket.pipe(behind).pipe(socket);
    });
    for (const one of [socket, behind]) {
      this.#sockets.add(one);
      one.on('error', () => undefined);
      one.on('close', () => (this.#sockets.delete(one), socket.destroy(), behind.destroy()));
    }
  }
}
