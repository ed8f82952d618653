/** A TCP proxy that fails on command: between a client and a server it stands for the network. */
import { connect, createServer, type Server, type Socket } from 'node:net';
import { systemClock } from '../base/clock.ts';
import { Lane, NO_FAULTS, type LaneEnd, type LaneFaults } from './lane.ts';
import { randomSource, type Random } from './random.ts';

/** `up` is from the client to the server. */
export type Direction = 'up' | 'down';

export interface Faults extends Omit<LaneFaults, 'isBlackholed'> {
  /** Which way bytes and ends vanish: nobody is told. What was taken is delivered when it ends, as TCP would send it again. */
  blackhole: Direction | 'both' | 'none';
}

const HEALTHY: Faults = { ...NO_FAULTS, blackhole: 'none' };

/** One connection through the proxy. */
export class ProxiedConnection {
  #faults: Faults;
  #lanes: Record<Direction, Lane>;
  #sockets: [Socket, Socket];
  #isOver = false;
  readonly delivered: Record<Direction, number> = { up: 0, down: 0 };

  constructor(
    client: Socket,
    server: Socket,
    faults: Faults,
    random: Random,
    private readonly onOver: (connection: ProxiedConnection) => void,
  ) {
    this.#faults = faults;
    this.#sockets = [client, server];
    this.#lanes = {
      up: this.#lane('up', client, server, random),
      down: this.#lane('down', server, client, random),
    };
    for (const socket of this.#sockets) {
      socket.setNoDelay(true);
      socket.on('error', () => undefined); // told by `close`
    }
    this.#apply();
  }

  get faults(): Faults {
    return this.#faults;
  }

  /** Changes what is named; the rest stays. */
  set(change: Partial<Faults>): void {
    this.#faults = { ...this.#faults, ...change };
    this.#apply();
  }

  /** Ends it, whatever else holds: `rst` at once and without a word, `fin` as an orderly end of both sides. What waits is lost. */
  cut(end: LaneEnd = 'rst'): void {
    this.#lanes.up.dispose();
    this.#lanes.down.dispose();
    for (const socket of this.#sockets) {
      if (end === 'rst') socket.resetAndDestroy();
      else {
        socket.removeAllListeners('data').resume();
        socket.end();
      }
    }
    this.#over();
  }

  #lane(direction: Direction, from: Socket, to: Socket, random: Random): Lane {
    const lane = new Lane(
      {
        onBytes: (bytes) => {
          this.delivered[direction] += bytes.length;
          return to.destroyed || to.write(bytes);
        },
        onEnd: (end) => (end === 'fin' ? to.end() : this.cut('rst')),
        onFull: (isFull) => (isFull ? from.pause() : from.resume()),
      },
      systemClock,
      random,
    );
    to.on('drain', () => lane.drained());
    from.on('data', (bytes) => lane.take(bytes));
    from.on('end', () => lane.end('fin'));
    from.on('close', (hadError) => {
      if (hadError || !from.readableEnded) lane.end('rst');
      else if (to.destroyed) this.#over();
    });
    return lane;
  }

  #apply(): void {
    const { blackhole, ...faults } = this.#faults;
    for (const direction of ['up', 'down'] as const) {
      this.#lanes[direction].set({ ...faults, isBlackholed: blackhole === 'both' || blackhole === direction });
    }
  }

  #over(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.onOver(this);
  }
}

export class FaultProxy {
  #server: Server;
  #connections = new Set<ProxiedConnection>();
  /** Everything that holds a descriptor, also while it says its last word. */
  #sockets = new Set<Socket>();
  #isBlocked = false;
  #faults: Faults = HEALTHY;
  port = 0;

  private constructor(
    private readonly targetPort: number,
    private readonly random: Random,
  ) {
    this.#server = createServer({ allowHalfOpen: true }, (client) => this.#onClient(client));
  }

  /** @param seed of the jitter */
  static async start(targetPort: number, seed = 1): Promise<FaultProxy> {
    const proxy = new FaultProxy(targetPort, randomSource(seed));
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve));
    proxy.port = (proxy.#server.address() as { port: number }).port;
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Those that are open, oldest first; each can be given faults of its own. */
  get connections(): ProxiedConnection[] {
    return [...this.#connections];
  }

  get connectionCount(): number {
    return this.#connections.size;
  }

  /** Changes what is named, for every connection, those to come included. */
  set(change: Partial<Faults>): void {
    this.#faults = { ...this.#faults, ...change };
    for (const connection of this.#connections) connection.set(change);
  }

  /** Everything is accepted and nothing passes, and nobody is told; new connections too. */
  blackhole(direction: Direction | 'both' = 'both'): void {
    this.set({ blackhole: direction });
  }

  /** @param bytesPerSecond of each connection in each direction */
  throttle(bytesPerSecond: number | null): void {
    this.set({ bytesPerSecond });
  }

  delay(delayMs: number, jitterMs = 0): void {
    this.set({ delayMs, jitterMs });
  }

  /** Ends every connection; new ones are let through. */
  cut(end: LaneEnd = 'rst'): void {
    for (const connection of this.connections) connection.cut(end);
  }

  /** The network is gone and says so: connections end, new ones are refused, until `restore`. */
  block(): void {
    this.#isBlocked = true;
    this.cut();
  }

  /** A network without faults; what a black hole held is delivered. */
  restore(): void {
    this.#isBlocked = false;
    this.set(HEALTHY);
  }

  close(): Promise<void> {
    this.cut();
    for (const socket of this.#sockets) socket.destroy();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }

  #onClient(client: Socket): void {
    if (this.#isBlocked) return void client.resetAndDestroy();
    const server = connect({ port: this.targetPort, host: '127.0.0.1', allowHalfOpen: true });
    for (const socket of [client, server]) {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
    }
    const connection = new ProxiedConnection(client, server, this.#faults, this.random, (over) =>
      this.#connections.delete(over),
    );
    this.#connections.add(connection);
  }
}
