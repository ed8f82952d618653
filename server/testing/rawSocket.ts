/** A socket to a shard without the client library: events and raw messages, as a hostile client would send them. */
import { io, type Socket } from 'socket.io-client';
import { onTestFinished } from 'vitest';
import type { WireError } from '../../protocol/errors.ts';
import type { Attached, Reply } from '../../protocol/terminal.ts';
import { Decoder, Encoder } from '../../protocol/wire.ts';

export type RawSocket = Socket;

export interface SocketOptions {
  headers: Record<string, string>;
  /** Of the socket endpoint; through the gateway by default. */
  path?: string;
  shardId?: string;
}

/** Connected; rejects when the server will not have us. Closed when the test ends. */
export async function openSocket(port: number, options: SocketOptions): Promise<RawSocket> {
  const socket = io(`http://127.0.0.1:${port}`, {
    path: options.path ?? `/api/shards/${options.shardId ?? 'backend-1'}/socket.io`,
    parser: { Encoder, Decoder },
    transports: ['websocket'],
    upgrade: false,
    reconnection: false,
    forceNew: true,
    extraHeaders: options.headers,
  });
  onTestFinished(() => void socket.disconnect());
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('connect_error', reject);
  });
  return socket;
}

/** Emits a request and waits for its answer. */
export function ask<T = unknown>(socket: RawSocket, event: string, payload: unknown): Promise<Reply<T>> {
  return new Promise((resolve, reject) => {
    socket.once('disconnect', reject);
    socket.emit(event, payload, (answer: Reply<T>) => resolve(answer));
  });
}

export function attachRaw(
  socket: RawSocket,
  sessionId: string,
  handle = 1,
  from: number | null = 0,
): Promise<Reply<Attached>> {
  return ask<Attached>(socket, 'attach', { sessionId, attachmentId: `raw-${handle}-attachment`, handle, from });
}

/** Past the parser: one websocket message, exactly these bytes or this text. */
export function sendMessage(socket: RawSocket, message: string | Uint8Array): void {
  (socket.io.engine as unknown as { write(message: string | Uint8Array): void }).write(message);
}

/** The next word of the server that something could not be understood. Call it before sending. */
export function nextRefusal(socket: RawSocket): Promise<WireError & { handle?: number }> {
  return new Promise((resolve, reject) => {
    const gone = (reason: string) => reject(new Error(`the connection ended: ${reason}`));
    socket.once('disconnect', gone);
    socket.once('refused', ({ handle, error }: { handle?: number; error: WireError }) => {
      socket.off('disconnect', gone);
      resolve(handle === undefined ? error : { ...error, handle });
    });
  });
}

/** Resolves when the server has handled everything that was sent before. */
export function settled(socket: RawSocket): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('disconnect', reject);
    socket.emit('probe', resolve);
  });
}
