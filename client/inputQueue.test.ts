import fc from 'fast-check';
import { expect, test } from 'vitest';
import { HELD_INPUT_BYTES, INPUT_FRAME_BYTES, INPUT_WINDOW_BYTES } from '../protocol/limits.ts';
import { InputQueue, type InputFrame } from './inputQueue.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

function sendAll(queue: InputQueue): InputFrame[] {
  const frames: InputFrame[] = [];
  for (let frame = queue.next(); frame; frame = queue.next()) frames.push(frame);
  return frames;
}

test('a large paste is cut into frames, and the window bounds what is on its way', () => {
  const queue = new InputQueue();
  queue.add(new Uint8Array(1024 * 1024), false);
  const frames = sendAll(queue);
  expect(Math.max(...frames.map((frame) => frame.bytes.length))).toBe(INPUT_FRAME_BYTES);
  expect(frames.length).toBe(INPUT_WINDOW_BYTES / INPUT_FRAME_BYTES);
  queue.written(1);
  expect(sendAll(queue).map(({ seq }) => seq)).toEqual([frames.length + 1]);
});

test('keys typed one after the other before the line is there travel in one frame', () => {
  const queue = new InputQueue();
  for (const key of 'hello') queue.add(bytes(key), true);
  expect(sendAll(queue)).toEqual([{ seq: 1, bytes: bytes('hello') }]);
});

test('too much typing without a connection is refused whole', () => {
  const queue = new InputQueue();
  queue.add(new Uint8Array(HELD_INPUT_BYTES - 1), true);
  expect(() => queue.add(bytes('ab'), true)).toThrow(expect.objectContaining({ code: 'input.held_full' }));
  expect(queue.heldBytes).toBe(HELD_INPUT_BYTES - 1);
});

test('what is dropped leaves no gap in the numbers', () => {
  const queue = new InputQueue();
  queue.add(bytes('a'), false);
  sendAll(queue);
  queue.add(bytes('never mind'), true);
  expect(queue.dropWaiting()).toBe(10);
  queue.add(bytes('b'), false);
  expect(sendAll(queue)).toEqual([{ seq: 2, bytes: bytes('b') }]);
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
          queue.add(bytes(one.text), false);
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
