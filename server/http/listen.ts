/** Starts and stops an HTTP server in an orderly way. */
import type { Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { AppError } from '../../protocol/errors.ts';

export interface RunningServer {
  port: number;
  stop(): Promise<void>;
}

/** A large file over a slow line takes longer than the five minutes that node allows a request; its head must still come in one. */
const REQUEST_TIMEOUT_MS = 60 * 60 * 1000;

/** Resolves with the port (a free one for port 0). Rejects with a sentence when the port is taken. */
export function listen(server: Server, port: number, host: string): Promise<number> {
  trackUpgrades(server);
  server.requestTimeout = REQUEST_TIMEOUT_MS;
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const isTaken = error.code === 'EADDRINUSE';
      reject(isTaken ? new AppError('config.invalid', `port ${port} on ${host} is taken`, { cause: error }) : error);
    });
    server.listen(port, host, () => {
      const address = server.address();
      resolve(typeof address === 'object' && address ? address.port : port);
    });
  });
}

/** Sockets that became websockets: node forgets them, and a server that closes would wait for them for ever. */
const upgradedSockets = new WeakMap<Server, Set<Duplex>>();

/** Remembers the websockets of `server`, so that `stopListening` can end them. */
function trackUpgrades(server: Server): void {
  const sockets = new Set<Duplex>();
  upgradedSockets.set(server, sockets);
  server.on('upgrade', (_request, socket: Duplex) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
}

/** Ends websockets and idle connections at once, and requests that are under way after `graceMs`. */
export function stopListening(server: Server, graceMs: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => server.closeAllConnections(), graceMs);
    server.close(() => {
      clearTimeout(timer);
      resolve();
    });
    for (const socket of upgradedSockets.get(server) ?? []) socket.destroy();
    server.closeIdleConnections();
  });
}
