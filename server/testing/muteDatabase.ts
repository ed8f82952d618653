/** A way to PostgreSQL on which every notification is lost, and nothing else. Without TLS. */
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import pg from 'pg';

const NOTIFICATION = 'A'.charCodeAt(0);
const HEADER_BYTES = 5;

export interface MuteDatabase {
  url: string;
  /** How many notifications were lost. */
  lost(): number;
  close(): void;
}

export async function startMuteDatabase(url: string): Promise<MuteDatabase> {
  const { host, port } = new pg.Client(url);
  const sockets = new Set<Socket>();
  let lost = 0;
  const server = createServer((client) => {
    const upstream = host.startsWith('/') ? connect(`${host}/.s.PGSQL.${port}`) : connect(port, host);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => undefined); // the other end hears of it by the close
      socket.on('close', () => [client, upstream].forEach((one) => one.destroy()));
    }
    client.pipe(upstream);
    const filter = withoutNotifications(() => lost++);
    upstream.on('data', (chunk) => client.write(filter(chunk)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address() as AddressInfo;
  const own = new URL(url.replace('@/', '@127.0.0.1/'));
  own.host = `127.0.0.1:${address.port}`;
  own.search = '';
  return {
    url: own.href,
    lost: () => lost,
    close() {
      server.close();
      sockets.forEach((socket) => socket.destroy());
    },
  };
}

/** Messages of the server are a letter, a length that counts itself, and the rest. */
function withoutNotifications(onLost: () => void): (chunk: Buffer) => Buffer {
  let rest = Buffer.alloc(0);
  return (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    const kept: Buffer[] = [];
    while (rest.length >= HEADER_BYTES) {
      const bytes = 1 + rest.readUInt32BE(1);
      if (rest.length < bytes) break;
      if (rest[0] === NOTIFICATION) onLost();
      else kept.push(rest.subarray(0, bytes));
      rest = rest.subarray(bytes);
    }
    return Buffer.concat(kept);
  };
}
