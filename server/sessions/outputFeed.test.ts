import { expect, test } from 'vitest';
import { AppError } from '../../protocol/errors.ts';
import { HIGH_WATERMARK_BYTES, LIVE_VIEWER_MS, LOG_CAPACITY_BYTES } from '../../protocol/limits.ts';
import { ManualClock } from '../testing/manualClock.ts';
import { OutputFeed, type FeedSource, type ReaderEvents } from './outputFeed.ts';

/** A pty host in small: a log in memory, and a record of what it was told. */
class Source implements FeedSource {
  log = Buffer.alloc(0);
  start = 0;
  told: string[] = [];
  read(from: number): Promise<Uint8Array> {
    if (from < this.start) return Promise.reject(new AppError('session.log_pruned', 'gone'));
    return Promise.resolve(this.log.subarray(from, from + 64 * 1024));
  }
  consumed(): void {}
  pause(): void {
    this.told.push('pause');
  }
  unpause(): void {
    this.told.push('unpause');
  }
}

class Recorder implements ReaderEvents {
  text = '';
  received = 0;
  exits = 0;
  pruned = 0;
  onOutput(bytes: Uint8Array, offset: number): void {
    expect(offset).toBe(this.first + this.received);
    this.received += bytes.length;
    if (this.text.length < 100) this.text += Buffer.from(bytes).toString();
  }
  constructor(private readonly first = 0) {}
  onExit(): void {
    this.exits++;
  }
  onPruned(): void {
    this.pruned++;
  }
}

function setUp() {
  const source = new Source();
  const clock = new ManualClock();
  const feed = new OutputFeed(source, 0, clock);
  /** In pieces, as output comes. */
  const print = (bytes: Buffer) => {
    for (let at = 0; at < bytes.length; at += 16 * 1024) {
      const piece = bytes.subarray(at, at + 16 * 1024);
      const offset = source.log.length;
      source.log = Buffer.concat([source.log, piece]);
      feed.push(offset, piece);
    }
  };
  return { source, clock, feed, print };
}

const settle = () => new Promise((resolve) => setImmediate(resolve));

test('a reader that comes later gets what it missed from the log, then the live tail, without a seam', async () => {
  const { feed, print } = setUp();
  print(Buffer.alloc(300 * 1024, 'a')); // more than the tail holds
  const late = new Recorder();
  const reader = feed.addReader(0, late);
  for (let i = 0; i < 20; i++) {
    await settle();
    reader.ack(late.received);
  }
  print(Buffer.from('live'));
  expect(late.received).toBe(300 * 1024 + 4);
});

test('a slow reader slows nobody: the fast one gets everything', () => {
  const { feed, print, source } = setUp();
  const slow = new Recorder();
  const fast = new Recorder();
  feed.addReader(0, slow);
  const fastReader = feed.addReader(0, fast);
  for (let i = 0; i < 50; i++) {
    print(Buffer.alloc(16 * 1024, 'x'));
    fastReader.ack(fast.received);
  }
  expect(fast.received).toBe(50 * 16 * 1024);
  expect(slow.received).toBeLessThanOrEqual(HIGH_WATERMARK_BYTES + 32 * 1024);
  expect(source.told).not.toContain('pause');
});

test('a lone viewer that is behind makes the pty rest, and its acknowledgement wakes it', () => {
  const { feed, print, source } = setUp();
  const viewer = new Recorder();
  const reader = feed.addReader(0, viewer);
  print(Buffer.alloc(HIGH_WATERMARK_BYTES, 'x'));
  expect(source.told).toEqual(['pause']);
  reader.ack(viewer.received);
  expect(source.told).toEqual(['pause', 'unpause']);
});

test('while the only viewer reads far back in the log the pty rests, so that the log does not outrun it', () => {
  const source = new Source();
  source.read = () => new Promise(() => undefined); // on its way
  const feed = new OutputFeed(source, (LOG_CAPACITY_BYTES / 4) * 3, new ManualClock());
  feed.addReader(LOG_CAPACITY_BYTES / 2, new Recorder(LOG_CAPACITY_BYTES / 2)).close();
  expect(source.told).toEqual([]);
  feed.addReader(0, new Recorder());
  expect(source.told).toEqual(['pause']);
  feed.addReader(feed.end, new Recorder(feed.end));
  expect(source.told).toEqual(['pause', 'unpause']);
});

test('who only watches neither slows the program nor keeps it running past the one who works', () => {
  const { feed, print, source } = setUp();
  feed.addReader(0, new Recorder(), false, true);
  print(Buffer.alloc(2 * HIGH_WATERMARK_BYTES, 'x'));
  expect(source.told).toEqual([]);
  const watching = new Recorder(feed.end);
  const spectator = feed.addReader(feed.end, watching, false, true);
  feed.addReader(feed.end, new Recorder(feed.end));
  print(Buffer.alloc(HIGH_WATERMARK_BYTES, 'y'));
  spectator.ack(feed.end);
  expect(source.told).toEqual(['pause']);
});

test('a viewer that fell asleep stops holding the pty', () => {
  const { feed, print, source, clock } = setUp();
  feed.addReader(0, new Recorder());
  print(Buffer.alloc(HIGH_WATERMARK_BYTES, 'x'));
  clock.advance(LIVE_VIEWER_MS + 1_000);
  expect(source.told.at(-1)).toBe('unpause');
  expect(clock.pendingTimers).toBe(0);
});

test('the exit is told once, after the last byte', () => {
  const { feed, print } = setUp();
  const viewer = new Recorder();
  const reader = feed.addReader(0, viewer);
  print(Buffer.alloc(HIGH_WATERMARK_BYTES + 10, 'x'));
  feed.ended({ code: 0, signal: null });
  expect([viewer.received, viewer.exits]).toEqual([HIGH_WATERMARK_BYTES, 0]);
  reader.ack(viewer.received);
  expect([viewer.received, viewer.exits]).toEqual([HIGH_WATERMARK_BYTES + 10, 1]);
  reader.ack(viewer.received);
  expect(viewer.exits).toBe(1);
});

test('a reader behind what is kept is told so, once', async () => {
  const { feed, print, source } = setUp();
  print(Buffer.alloc(300 * 1024, 'a'));
  source.start = 1000;
  const reader = new Recorder();
  feed.addReader(0, reader);
  await settle();
  expect([reader.pruned, reader.received]).toEqual([1, 0]);
});

test('a closed reader hears nothing more', () => {
  const { feed, print } = setUp();
  const viewer = new Recorder();
  feed.addReader(0, viewer).close();
  print(Buffer.from('x'));
  feed.ended({ code: 0, signal: null });
  expect([viewer.received, viewer.exits]).toEqual([0, 0]);
});
