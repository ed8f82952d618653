import { expect, test } from 'vitest';
import type { Attachment } from '../../client/types.ts';
import type { StoredScreen } from '../../protocol/sessions.ts';
import { FreshnessGate } from './freshness.ts';
import type { Sink } from './outputFeed.ts';
import { SessionOutput } from './sessionOutput.ts';
import type { Sizing } from './sizing.ts';

/** A terminal that parses at once, and notes in their order what it is given and the sizes that it takes. */
function setup() {
  const done: string[] = [];
  const acked: number[] = [];
  const sink: Sink = {
    write(data, parsed) {
      if (data.length > 0) done.push(typeof data === 'string' ? data : new TextDecoder().decode(data));
      parsed?.();
    },
  };
  const sizing = {
    adopt: ({ cols, rows }: { cols: number; rows: number }) => void done.push(`${cols}×${rows}`),
    fit: () => void done.push('fit'),
    heard: () => undefined,
  } as unknown as Sizing;
  const counts = { drawn: 0, advanced: 0, skipped: 0 };
  const output = new SessionOutput({
    ...{ sink, sizing, gate: new FreshnessGate(sink), isNew: false },
    drawn: () => void counts.drawn++,
    advanced: () => void counts.advanced++,
    skipped: (bytes) => void (counts.skipped += bytes),
  });
  const attachment = { incarnation: 3, ack: (offset: number) => acked.push(offset) } as unknown as Attachment;
  return { output, attachment, done, acked, counts };
}

const bytesOf = (text: string) => new TextEncoder().encode(text);
const cached = { sessionId: 'one', incarnation: 2, offset: 10, cols: 80, rows: 24, content: 'kept' };
const stored = (incarnation: number, offset: number) =>
  ({ incarnation, offset, cols: 70, rows: 20, screen: 'stored' }) as StoredScreen;

test('a kept screen is drawn at its size, and stands where it was kept', () => {
  const { output, done, counts } = setup();
  expect(output.position).toBe(null);
  output.draw(cached as never);
  expect(output.position).toEqual({ incarnation: 2, offset: 10 });
  expect([done, counts]).toEqual([['80×24', 'kept'], { drawn: 1, advanced: 0, skipped: 0 }]);
});

test('what comes moves the place on, is acknowledged, and belongs to the life that it came from', () => {
  const { output, attachment, acked, counts } = setup();
  output.draw(cached as never);
  output.attached(attachment);
  output.heard.onOutput(bytesOf('abc'), 10);
  expect([output.position, acked]).toEqual([{ incarnation: 3, offset: 13 }, [13]]);
  expect(counts).toEqual({ drawn: 2, advanced: 1, skipped: 0 });
});

test('a snapshot and its history are drawn at the size of the pty then, and fitted afterwards', () => {
  const { output, attachment, done, counts } = setup();
  output.draw(undefined);
  output.attached(attachment);
  output.heard.onResized({ cols: 90, rows: 30, isInControl: false });
  output.heard.onSnapshot(bytesOf('snapshot'), 500, 40);
  output.heard.onResized({ cols: 60, rows: 10, isInControl: false });
  output.heard.onHistory(bytesOf('history'), 500);
  expect(done).toEqual(['90×30', 'snapshot', 'fit', '90×30', 'history', 'fit']);
  expect([output.position, counts.skipped]).toEqual([{ incarnation: 3, offset: 500 }, 40]);
});

test.each([
  ['of an earlier life', stored(1, 99), false],
  ['as far', stored(2, 10), false],
  ['further on', stored(2, 11), true],
  ['of a later life', stored(3, 1), true],
])('what is drawn is compared with a stored screen: %s', (_, screen, isBehind) => {
  const { output } = setup();
  output.draw(cached as never);
  expect(output.isBehind(screen)).toBe(isBehind);
});

test('a stored screen is drawn at its size and moves no place on', () => {
  const { output, done } = setup();
  output.draw(cached as never);
  output.drawStored(stored(2, 11));
  expect(done.slice(2)).toEqual(['70×20', 'stored']);
  expect(output.position).toEqual({ incarnation: 2, offset: 10 });
});
