import { fc } from '../testing/property.ts';
import { expect, test } from 'vitest';
import { AppError } from '../../protocol/errors.ts';
import { HIGH_WATERMARK_BYTES, LIVE_VIEWER_MS, OUTPUT_FRAME_BYTES } from '../../protocol/limits.ts';
import { ManualClock } from '../testing/manualClock.ts';
import { OutputFeed, type FeedSource, type Reader } from './outputFeed.ts';

const READ_BYTES = 64 * 1024;
/** One read of the log ends where a segment does. */
const SEGMENT_BYTES = 120_000;
const MAX_PRINT_BYTES = 200_000;
/** The stream repeats itself after a prime number of bytes, so that no cut of ours falls together with it. */
const PERIOD = 251;
const STREAM = Buffer.from(Array.from({ length: MAX_PRINT_BYTES + PERIOD }, (_, i) => i % PERIOD));
const bytesFrom = (from: number, length: number) => STREAM.subarray(from % PERIOD, (from % PERIOD) + length);

/** A pty host whose answers wait until the test lets them go. */
class Source implements FeedSource {
  start = 0;
  end = 0;
  isPaused = false;
  #asked: (() => void)[] = [];

  read(from: number): Promise<Uint8Array> {
    return new Promise((resolve, reject) =>
      this.#asked.push(() => {
        if (from < this.start) reject(new AppError('session.log_pruned', 'gone'));
        else resolve(bytesFrom(from, Math.min(READ_BYTES, this.end - from, SEGMENT_BYTES - (from % SEGMENT_BYTES))));
      }),
    );
  }
  async answerOne(): Promise<boolean> {
    const answer = this.#asked.shift();
    answer?.();
    await new Promise((resolve) => setImmediate(resolve));
    return answer !== undefined;
  }
  consumed(): void {}
  pause(): void {
    this.isPaused = true;
  }
  unpause(): void {
    this.isPaused = false;
  }
}

/** A client: every byte must be the right one and follow the one before. */
class Client {
  acked: number;
  exits = 0;
  isPruned = false;
  isClosed = false;
  readonly mistakes: string[] = [];
  reader: Reader;

  constructor(
    feed: OutputFeed,
    public next: number,
    private readonly clock: ManualClock,
    isScreen: boolean,
  ) {
    this.acked = next;
    this.lastSignAt = clock.now();
    this.reader = feed.addReader(
      next,
      {
        // Noted, not thrown: the feed takes an error of a reader for a failed read.
        onOutput: (bytes, offset) => {
          if (this.isClosed || this.isPruned) this.mistakes.push('bytes after the end');
          if (offset !== this.next) this.mistakes.push(`expected ${this.next}, got ${offset}`);
          if (!bytesFrom(offset, bytes.length).equals(bytes)) this.mistakes.push(`other bytes at ${offset}`);
          if (this.next === this.acked) this.lastSignAt = clock.now();
          this.next += bytes.length;
          const underWay = this.next - this.acked;
          if (underWay >= HIGH_WATERMARK_BYTES + OUTPUT_FRAME_BYTES) this.mistakes.push(`${underWay} bytes under way`);
        },
        onExit: () => void this.exits++,
        onPruned: () => (this.isPruned = true),
      },
      isScreen,
    );
  }
  lastSignAt: number;

  ack(share: number): void {
    if (this.isClosed || this.isPruned) return;
    this.acked += Math.floor((this.next - this.acked) * share);
    this.lastSignAt = this.clock.now();
    this.reader.ack(this.acked);
  }

  get isLive(): boolean {
    return !this.isClosed && !this.isPruned && this.clock.now() - this.lastSignAt < LIVE_VIEWER_MS;
  }
}

type Step =
  | { print: number }
  | { join: number; isScreen: boolean }
  | { ack: number; share: number }
  | { leave: number }
  | { advance: number }
  | { prune: number }
  | { answer: true };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.integer({ min: 1, max: MAX_PRINT_BYTES }).map((print) => ({ print })) },
  { weight: 5, arbitrary: fc.record({ ack: fc.nat(20), share: fc.double({ min: 0, max: 1, noNaN: true }) }) },
  { weight: 3, arbitrary: fc.constant({ answer: true as const }) },
  { weight: 2, arbitrary: fc.record({ join: fc.double({ min: 0, max: 1, noNaN: true }), isScreen: fc.boolean() }) },
  fc.nat(20).map((leave) => ({ leave })),
  fc.nat(7_000).map((advance) => ({ advance })),
  fc.double({ min: 0, max: 1, noNaN: true }).map((prune) => ({ prune })),
);

test('whoever joins, reads, sleeps, leaves and falls behind, each gets exactly its bytes, and the pty waits only for the living', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 50 }), async (steps) => {
      const clock = new ManualClock();
      const source = new Source();
      const feed = new OutputFeed(source, 0, clock);
      const clients: { client: Client; isScreen: boolean }[] = [];
      for (const one of steps) {
        if ('print' in one) {
          const offset = source.end;
          source.end += one.print;
          feed.push(offset, bytesFrom(offset, one.print));
        } else if ('join' in one) {
          const from = source.start + Math.floor((source.end - source.start) * one.join);
          clients.push({ client: new Client(feed, from, clock, one.isScreen), isScreen: one.isScreen });
        } else if ('ack' in one) clients[one.ack]?.client.ack(one.share);
        else if ('leave' in one) {
          const leaver = clients[one.leave]?.client;
          leaver?.reader.close();
          if (leaver) leaver.isClosed = true;
        } else if ('advance' in one) clock.advance(one.advance);
        else if ('prune' in one) source.start += Math.floor((source.end - source.start) * one.prune);
        else await source.answerOne();
        expect(clients.flatMap(({ client }) => client.mistakes)).toEqual([]);
        // A pause that nobody living asked for would be for ever; it may outlast its cause by one look at the clock.
        if (source.isPaused && 'advance' in one && one.advance > 1_000) {
          expect(clients.some(({ client, isScreen }) => !isScreen && client.isLive)).toBe(true);
        }
      }
      // In the end everyone reads all there is.
      feed.ended({ code: 0, signal: null });
      let isBusy = true;
      while (isBusy) {
        isBusy = await source.answerOne();
        for (const { client } of clients) {
          if (client.acked < client.next && !client.isClosed && !client.isPruned) {
            client.ack(1);
            isBusy = true;
          }
        }
      }
      for (const { client } of clients) {
        const isOver = client.isClosed || client.isPruned;
        expect([isOver || client.next, client.exits]).toEqual([isOver || source.end, isOver ? client.exits : 1]);
      }
      expect(clients.flatMap(({ client }) => client.mistakes)).toEqual([]);
      expect(clock.pendingTimers).toBe(0);
    }),
    { numRuns: 1000 },
  );
});
