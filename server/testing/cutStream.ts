/** One stream through a network that is cut at random points: what arrived, and what should have. */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { openHoldfast } from '../../client/index.ts';
import type { Exit } from '../../protocol/terminal.ts';
import { FaultProxy } from './faultProxy.ts';
import { randomSource } from './random.ts';

const program = join(import.meta.dirname, 'numberedOutput.mjs');

/**
 * So much is printed for each key that the client types. While nobody is connected nothing else holds a program back, and on
 * a busy machine it would outrun what the log keeps (64 MiB) before the client is there again, who would then be given a picture.
 */
const STEP_BYTES = 8_000_000;

export interface CutStream {
  exit: Exit;
  /** Fewer than asked for when two points fell into one frame. */
  cuts: number;
  received: number;
  /** SHA-256; compare it with `hashOf(totalBytes)` of numberedOutput.mjs. */
  hash: string;
  /** Every shard that the client was connected to. */
  shards: string[];
  shardId: string;
}

/** Rejects when a byte comes twice, out of order, or is replaced by a snapshot. */
export async function cutStream(options: {
  port: number;
  headers: Record<string, string>;
  totalBytes: number;
  cuts: number;
  seed: number;
  onCut?: (cuts: number, received: number) => void;
}): Promise<CutStream> {
  const { totalBytes } = options;
  const network = await FaultProxy.start(options.port);
  const hf = await openHoldfast({ url: network.url, headers: options.headers });
  try {
    const script = `stty raw -echo; read -r go; exec ${process.execPath} ${program} ${totalBytes} ${STEP_BYTES}`;
    const session = await hf.sessions.open({ command: ['/bin/sh', '-c', script], cols: 80, rows: 24 });
    const hash = createHash('sha256');
    let received = 0;
    let cuts = 0;
    let keys = 1;
    let type: () => void = () => undefined;
    let lastCutAt = 0;
    const shards = new Set<string>();
    const random = randomSource(options.seed);
    const cutPoints = Array.from({ length: options.cuts }, () => random() * totalBytes).sort((a, b) => a - b);
    const exit = await new Promise<Exit>((resolve, reject) => {
      const attached = hf.sessions.attach(session.id, {
        from: 0,
        onOutput(bytes, offset) {
          if (offset !== received) reject(new Error(`expected offset ${received}, got ${offset}`));
          received += bytes.length;
          hash.update(bytes);
          for (; keys * STEP_BYTES < received + STEP_BYTES / 2; keys++) type();
          if (cutPoints[cuts] !== undefined && received > cutPoints[cuts]!) {
            cuts++;
            lastCutAt = Date.now();
            network.cut(random() < 0.8 ? 'rst' : 'fin');
            options.onCut?.(cuts, received);
          }
        },
        onSnapshot: (_bytes, offset, skippedBytes) => {
          const what = `${skippedBytes} bytes at ${received} were skipped by a picture of ${offset}`;
          reject(new Error(`${what}, ${Date.now() - lastCutAt} ms after cut ${cuts}`));
        },
        onExit: resolve,
        onState: () => hf.connections().forEach(({ shardId }) => shards.add(shardId)),
      });
      attached.then((attachment) => {
        type = () => attachment.write('\n');
        type();
      }, reject);
    });
    await hf.sessions.close(session.id);
    return { exit, cuts, received, hash: hash.digest('hex'), shards: [...shards], shardId: session.shardId };
  } finally {
    hf.close();
    await network.close();
  }
}
