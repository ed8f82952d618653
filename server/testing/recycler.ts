/** Stands between a client and the frontend as a platform's ingress that recycles websockets, in every way it is known to. */
import { connect, createServer, type Socket } from 'node:net';

/** A close frame with that code, a reset without a word, or an orderly end without a close frame. */
export type Recycling = 1001 | 1012 | 'rst' | 'fin';

export interface Recycler {
  url: string;
  /** Ends every websocket, between two frames where it says something. @param refuses this many upgrades then get 502 */
  recycle(how: Recycling, refuses?: number): void;
  /** Upgrades that were answered with 502. */
  readonly refused: number;
  close(): Promise<void>;
}

export async function startRecycler(targetPort: number): Promise<Recycler> {
  const sockets = new Set<Socket>();
  const pipes = new Set<{ recycle(how: Recycling): void }>();
  let refuses = 0;
  let refused = 0;
  const server = createServer((client) => {
    track(client);
    client.once('data', (head: Buffer) => {
      if (isUpgrade(head) && refuses > 0) {
        refuses--;
        refused++;
        client.end('HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n<html>502</html>');
        return;
      }
      const upstream = track(connect(targetPort, '127.0.0.1'));
      upstream.write(head);
      client.pipe(upstream);
      client.once('close', () => upstream.destroy());
      upstream.once('close', () => client.end());
      if (!isUpgrade(head)) return void upstream.pipe(client);
      const pipe = framePipe(client, upstream);
      pipes.add(pipe);
      client.once('close', () => pipes.delete(pipe));
    });
  });
  function track(socket: Socket): Socket {
    sockets.add(socket.setNoDelay(true));
    socket.on('error', () => socket.destroy());
    socket.once('close', () => sockets.delete(socket));
    return socket;
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as { port: number }).port}`,
    recycle(how, count = 0) {
      refuses = count;
      for (const pipe of [...pipes]) pipe.recycle(how);
    },
    get refused() {
      return refused;
    },
    close() {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

function isUpgrade(head: Buffer): boolean {
  return /^upgrade: *websocket/im.test(head.toString('latin1'));
}

/** Passes the server's frames on whole, so that another one can be put between two of them. */
function framePipe(client: Socket, upstream: Socket) {
  let waiting = Buffer.alloc(0);
  let isOpen = false;
  let closing: Recycling | undefined;
  const end = (how: Recycling) => {
    upstream.destroy();
    if (how === 'rst') return void client.resetAndDestroy();
    if (how === 'fin') return void client.end();
    client.end(Buffer.from([0x88, 2, how >> 8, how & 0xff]));
  };
  upstream.on('data', (chunk: Buffer) => {
    waiting = Buffer.concat([waiting, chunk]);
    if (!isOpen) {
      const length = waiting.indexOf('\r\n\r\n') + 4;
      if (length < 4) return;
      isOpen = true;
      client.write(waiting.subarray(0, length));
      waiting = waiting.subarray(length);
    }
    for (let length = frameLength(waiting); length <= waiting.length; length = frameLength(waiting)) {
      if (closing) return end(closing);
      if (!client.write(waiting.subarray(0, length))) {
        upstream.pause();
        client.once('drain', () => upstream.resume());
      }
      waiting = waiting.subarray(length);
    }
    if (closing && waiting.length === 0) end(closing);
  });
  return {
    recycle(how: Recycling) {
      closing = how;
      if (isOpen && waiting.length === 0) end(how);
    },
  };
}

/** Of the first frame of a server (which masks nothing, RFC 6455 §5.2); Infinity while that is not known. */
function frameLength(bytes: Buffer): number {
  if (bytes.length < 2) return Infinity;
  const short = bytes[1]! & 0x7f;
  if (short < 126) return 2 + short;
  if (short === 126) return bytes.length < 4 ? Infinity : 4 + bytes.readUInt16BE(2);
  return bytes.length < 10 ? Infinity : 10 + Number(bytes.readBigUInt64BE(2));
}
