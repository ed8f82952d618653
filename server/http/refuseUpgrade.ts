/** Answers an upgrade with an HTTP error that a client can read, and ends the socket. */
import type { Socket } from 'node:net';
import { AppError, toWire } from '../../protocol/errors.ts';

export function refuseUpgrade(socket: Socket, error: unknown): void {
  socket.on('error', () => socket.destroy());
  if (!socket.writable) return void socket.destroy();
  const status = error instanceof AppError ? error.status : 500;
  const body = JSON.stringify({ error: toWire(error) });
  const head = ['Content-Type: application/json', `Content-Length: ${Buffer.byteLength(body)}`, 'Connection: close'];
  socket.end(`HTTP/1.1 ${status} Refused\r\n${head.join('\r\n')}\r\n\r\n${body}`);
}
