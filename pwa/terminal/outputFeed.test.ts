import { expect, test } from 'vitest';
import { OutputFeed } from './outputFeed.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

/** Remembers what it was given and calls back when told to, as the terminal does. */
function recorder() {
  const written: string[] = [];
  const waiting: (() => void)[] = [];
  return {
    written,
    write(data: string | Uint8Array, parsed?: () => void) {
      written.push(typeof data === 'string' ? data : new TextDecoder().decode(data));
      if (parsed) waiting.push(parsed);
    },
    parseAll() {
      for (const parsed of waiting.splice(0)) parsed();
    },
  };
}

test('the terminal stands before a sequence that is not complete, and all of it is acknowledged', () => {
  const sink = recorder();
  const acked: number[] = [];
  const feed = new OutputFeed(sink, 100, (offset) => acked.push(offset));
  feed.output(bytes('ab\x1b[3'), 100);
  sink.parseAll();
  expect([sink.written, feed.parsedOffset, acked]).toEqual([['ab'], 102, [105]]);
});

test('the rest of a sequence completes it', () => {
  const sink = recorder();
  const feed = new OutputFeed(sink, 0, () => {});
  feed.output(bytes('a\x1b[3'), 0);
  feed.output(bytes('1mb'), 4);
  sink.parseAll();
  expect([sink.written.join('|'), feed.parsedOffset]).toEqual(['a|\x1b[31mb', 7]);
});

test('nothing counts as parsed before the terminal says so', () => {
  const sink = recorder();
  const feed = new OutputFeed(sink, 0, () => {});
  feed.output(bytes('abc'), 0);
  expect(feed.parsedOffset).toBe(0);
});

test('the feed goes on behind a snapshot and the history that follows it', () => {
  const sink = recorder();
  const feed = new OutputFeed(sink, 0, () => {});
  feed.output(bytes('old\x1b['), 0);
  feed.snapshot(bytes('screen'), 5000);
  feed.history(bytes('lines and screen'), 5000);
  feed.output(bytes('new'), 5000);
  sink.parseAll();
  expect([sink.written, feed.parsedOffset]).toEqual([['old', 'screen', 'lines and screen', 'new'], 5003]);
});
