import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import type { Attachment, Holdfast } from '../../client/index.ts';
import { deferred } from '../base/deferred.ts';
import { FaultProxy } from './faultProxy.ts';
import { residentBytes } from './instances.ts';
import { numberedLines } from './numberedOutput.mjs';
import type { Role } from './processes.ts';
import { startStack, type Stack } from './stack.ts';
import { clientOf } from './terminal.ts';

const SCALE = Number(process.env.HOLDFAST_TEST_SCALE ?? 1);
/** More than twice what the log keeps, so that who reads nothing has lost the beginning. */
const FLOOD_BYTES = 150_000_000 * SCALE;
const FIRST = 'ready\r\n';
const LAST = 'the end\r\n';
const MB = 1_000_000;
/** What docs/performance.md promises of each process, whatever its readers do. */
const BOUNDS = new Map<Role, number>([
  ['frontend', 200 * MB],
  ['backend-1', 250 * MB],
  ['backend-1.host', 150 * MB],
  ['backend-1.screens', 250 * MB],
]);
const EMAIL = 'ada@example.com';
const program = join(import.meta.dirname, 'numberedOutput.mjs');
let stack: Stack;
let flood: Buffer;

beforeAll(async () => {
  flood = Buffer.concat([Buffer.from(FIRST), ...numberedLines(FLOOD_BYTES), Buffer.from(LAST)]);
  stack = await startStack({ shards: 1 });
});
afterAll(() => stack?.remove());

/** A client that compares every byte with what was printed at its offset. */
class FloodReader {
  received = 0;
  /** What it was told it missed. */
  skipped = 0;
  snapshots = 0;
  mistakes: string[] = [];
  readonly hash = createHash('sha256');
  attachment!: Attachment;
  #next = 0;
  #begun = deferred<void>();
  #done = deferred<void>();
  onBytes: () => void = () => undefined;
  /** Of one that acknowledges by hand: until it wakes it reads nothing. */
  #isAwake = false;

  static async attach(hf: Holdfast, sessionId: string, options: { acks: boolean }): Promise<FloodReader> {
    const reader = new FloodReader();
    reader.attachment = await hf.sessions.attach(sessionId, {
      from: 0,
      manualAck: !options.acks,
      onOutput: (bytes, offset) => reader.#read(bytes, offset),
      onSnapshot: (_bytes, offset, skippedBytes) => {
        reader.snapshots++;
        reader.skipped += skippedBytes;
        if (reader.#next + skippedBytes !== offset)
          reader.#note(`${skippedBytes} told, ${offset - reader.#next} missing`);
        reader.#next = offset;
        if (reader.#isAwake) reader.attachment.ack(offset);
        reader.#tell();
      },
    });
    return reader;
  }

  get next(): number {
    return this.#next;
  }

  get begun(): Promise<void> {
    return this.#begun.promise;
  }

  get done(): Promise<void> {
    return this.#done.promise;
  }

  wake(): void {
    this.#isAwake = true;
    this.attachment.ack(this.#next);
  }

  #read(bytes: Uint8Array, offset: number): void {
    if (offset !== this.#next) this.#note(`expected offset ${this.#next}, got ${offset}`);
    if (!flood.subarray(offset, offset + bytes.length).equals(bytes)) this.#note(`other bytes at ${offset}`);
    this.received += bytes.length;
    this.#next = offset + bytes.length;
    this.hash.update(bytes);
    if (this.#isAwake) this.attachment.ack(this.#next);
    this.onBytes();
    this.#tell();
  }

  #tell(): void {
    if (this.#next > 0) this.#begun.resolve();
    if (this.#next >= flood.length || this.mistakes.length > 0) this.#done.resolve();
  }

  #note(mistake: string): void {
    if (this.mistakes.length === 0) this.mistakes.push(mistake);
  }
}

test('on a flood the fast reader gets every byte, the slow and the stopped one are told what they missed, and memory stays bounded', async () => {
  const [slowNetwork, deadNetwork] = [await FaultProxy.start(stack.port), await FaultProxy.start(stack.port)];
  onTestFinished(() => slowNetwork.close());
  onTestFinished(() => deadNetwork.close());
  const script = `stty raw -echo; printf 'ready\\r\\n'; read -r go; ${process.execPath} ${program} ${FLOOD_BYTES}; printf 'the end\\r\\n'; read -r go`;
  const hf = await clientOf(stack.port, EMAIL);
  const { id } = await hf.sessions.open({ command: ['/bin/sh', '-c', script], cols: 80, rows: 24 });
  const fast = await FloodReader.attach(hf, id, { acks: true });
  const slow = await FloodReader.attach(await clientOf(slowNetwork.port, EMAIL), id, { acks: true });
  const stopped = await FloodReader.attach(await clientOf(stack.port, EMAIL), id, { acks: false });
  const asleep = await FloodReader.attach(await clientOf(deadNetwork.port, EMAIL), id, { acks: true });
  await Promise.all([fast, slow, stopped, asleep].map(({ begun }) => begun));
  slowNetwork.throttle(2 * MB);
  deadNetwork.blackhole();

  const highest = new Map<Role, number>();
  const measure = () => {
    for (const role of BOUNDS.keys()) {
      highest.set(role, Math.max(highest.get(role) ?? 0, residentBytes(stack.processes.get(role).pid)));
    }
  };
  let measuredAt = 0;
  fast.onBytes = () => {
    if (fast.received - measuredAt < 2 * MB) return;
    measuredAt = fast.received;
    measure();
  };
  fast.attachment.write('\n');
  await fast.done;
  expect([fast.mistakes, fast.hash.digest('hex')]).toEqual([[], createHash('sha256').update(flood).digest('hex')]);
  // Held at its high watermark and one frame, it was sent no more.
  expect(stopped.received).toBeLessThan(200_000);

  // Now all of them go on.
  slowNetwork.restore();
  deadNetwork.restore();
  stopped.wake();
  await Promise.all([slow.done, stopped.done, asleep.done]);
  measure();
  for (const reader of [slow, stopped, asleep]) {
    expect({ mistakes: reader.mistakes, told: reader.received + reader.skipped }).toEqual({
      mistakes: [],
      told: flood.length,
    });
  }
  expect([stopped.snapshots, asleep.snapshots]).toEqual([1, 1]);
  const figures = [...highest].map(([role, bytes]) => `${role} ${Math.round(bytes / MB)}`);
  console.log(`highest resident memory in MB: ${figures.join(', ')}`);
  const tooMuch = [...highest].filter(([role, bytes]) => bytes > BOUNDS.get(role)!);
  expect(tooMuch).toEqual([]);
}, 180_000);
