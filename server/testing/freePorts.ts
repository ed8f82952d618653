/**
 * Ports for what tests start. Between finding one and listening there, seconds go by; so they are not of the range from which the
 * system gives ports to whoever asks for any (from 32768 on Linux, from 49152 elsewhere), and each worker has a range of its own.
 */
import { createServer } from 'node:net';

const FIRST = 12_000;
const RANGE = 4_000;
const WORKERS = 5;

const base = FIRST + ((Number(process.env.VITEST_POOL_ID ?? 1) - 1) % WORKERS) * RANGE;
let next = Math.floor(Math.random() * RANGE); // the file before may just have let its own go

export async function freePorts(count: number): Promise<number[]> {
  const ports: number[] = [];
  while (ports.length < count) {
    const port = base + (next++ % RANGE);
    if (await isFree(port)) ports.push(port);
  }
  return ports;
}

export async function freePort(): Promise<number> {
  return (await freePorts(1))[0]!;
}

/** On every address, because some of what is started listens so. */
function isFree(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(port, () => server.close(() => resolve(true)));
  });
}
