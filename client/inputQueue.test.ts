import { fc } from '../server/testing/property.ts';
import { expect, test } from 'vitest';
import { INPUT_FRAME_BYTES, INPUT_WINDOW_BYTES } from '../protocol/limits.ts';
import { InputQueue, type InputFrame } from './inputQueue.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

function sendAll(queue: InputQueue): InputFrame[] {
  const frames: InputFrame[] = [];
  for (let frame = queue.next(); frame; frame = queue.next()) frames.push(frame);
  return frames;
}

test('a large paste is cut into frames, and the window bounds what is on its way', () => {
  const queue = new InputQueue();
  queue.add(new Uint8Array(1024 * 1024));
  const frames = sendAll(queue);
  expect(Math.max(...frames.map((frame) => frame.bytes.length))).toBe(INPUT_FRAME_BYTES);
  expect(frames.length).toBe(INPUT_WINDOW_BYTES / INPUT_FRAME_BYTES);
  queue.written(1);
  expect(sendAll(queue).map(({ seq }) => seq)).toEqual([frames.length + 1]);
});

test('keys typed one after the other before the line is there travel in one frame', () => {
  const queue = new InputQueue();
  for (const key of 'hello') queue.add(bytes(key));
  expect(sendAll(queue)).toEqual([{ seq: 1, bytes: bytes('hello') }]);
});

test('what is dropped leaves no gap in the numbers', () => {
  const queue = new InputQueue();
  queue.add(bytes('a'));
  sendAll(queue);
  queue.add(bytes('never mind'));
  expect(queue.dropWaiting()).toEqual({ droppedBytes: 10, end: undefined });
  queue.add(bytes('b'));
  expect(sendAll(queue)).toEqual([{ seq: 2, bytes: bytes('b') }]);
});

test('a paste that is dropped in the middle is ended, or the program would take what follows for pasted', () => {
  const queue = new InputQueue();
  queue.add(bytes(`\x1b[200~${'x'.repeat(2 * INPUT_WINDOW_BYTES)}\x1b[201~`));
  const sent = sendAll(queue).length;
  const { end } = queue.dropWaiting();
  expect(end).toEqual({ seq: sent + 1, bytes: bytes('\x1b[201~') });
  expect(queue.unwritten().at(-1)).toBe(end);
  queue.add(bytes('after'));
  queue.written(sent + 1);
  expect(queue.dropWaiting().end).toBeUndefined();
});

test('what is kept goes on with the same numbers in the next page', () => {
  const queue = new InputQueue();
  queue.add(bytes('sent'));
  sendAll(queue);
  queue.add(bytes('held'));
  const next = new InputQueue(queue.keep());
  expect([next.pendingBytes, next.unwritten()]).toEqual([8, queue.unwritten()]);
  expect(sendAll(next)).toEqual([{ seq: 2, bytes: bytes('held') }]);
});

test('of a paste too large to keep, what was sent stays, with its end', () => {
  const queue = new InputQueue();
  queue.add(bytes(`\x1b[200~${'x'.repeat(4 * INPUT_WINDOW_BYTES)}\x1b[201~`));
  const sent = sendAll(queue);
  const kept = queue.keep()!;
  expect([kept.waiting.length, kept.lastSeq, kept.sent.length]).toEqual([0, sent.length + 1, sent.length + 1]);
  expect(kept.sent.at(-1)?.bytes).toEqual(bytes('\x1b[201~'));
  expect(sendAll(queue)).toEqual([]); // this page, should it live on, has lost nothing
  expect(queue.waitingBytes).toBeGreaterThan(INPUT_WINDOW_BYTES);
});

test('when the pty host has forgotten us, what was sent is given up and the rest begins with number 1', () => {
  const queue = new InputQueue();
  queue.add(bytes('one'));
  sendAll(queue);
  queue.written(1);
  queue.add(bytes('two'));
  sendAll(queue);
  queue.add(bytes('three'));
  expect([queue.isForgottenBy(1), queue.isForgottenBy(0)]).toEqual([false, true]);
  expect(queue.restart()).toBe(3);
  expect(sendAll(queue)).toEqual([{ seq: 1, bytes: bytes('three') }]);
});

/** A pty host in small: takes each number once and in order, as inputLedger does. */
class Host {
  accepted = 0;
  text = '';
  take(frame: InputFrame): void {
    if (frame.seq !== this.accepted + 1) return;
    this.accepted = frame.seq;
    this.text += new TextDecoder().decode(frame.bytes);
  }
}

const step = fc.oneof(
  fc.record({ kind: fc.constant('type' as const), text: fc.stringMatching(/^[a-z]{1,4}$/) }),
  fc.record({ kind: fc.constant('send' as const), arrives: fc.boolean() }),
  fc.record({ kind: fc.constant('ack' as const) }),
  fc.record({ kind: fc.constant('cut' as const) }),
);

test('under any interleaving of typing, loss, duplication and cuts, every key arrives once and in order', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const queue = new InputQueue();
      const host = new Host();
      let typed = '';
      const resume = () => {
        queue.written(host.accepted);
        for (const frame of queue.unwritten()) host.take(frame);
        for (const frame of sendAll(queue)) host.take(frame);
      };
      // Within one connection frames arrive in order until the first is lost; then none does.
      let isCut = false;
      for (const one of steps) {
        if (one.kind === 'type') {
          queue.add(bytes(one.text));
          typed += one.text;
        } else if (one.kind === 'send') {
          if (!one.arrives) isCut = true;
          for (const frame of sendAll(queue)) if (!isCut) host.take(frame);
        } else if (one.kind === 'ack') {
          if (!isCut) queue.written(host.accepted);
        } else {
          isCut = false;
          resume();
        }
      }
      resume();
      expect(host.text).toBe(typed);
    }),
  );
});
