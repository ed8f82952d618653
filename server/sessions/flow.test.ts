import { fc } from '../testing/property.ts';
import { expect, test } from 'vitest';
import {
  ACK_BYTES,
  HIGH_WATERMARK_BYTES,
  LIVE_VIEWER_MS,
  LOW_WATERMARK_BYTES,
  OUTPUT_FRAME_BYTES,
} from '../../protocol/limits.ts';
import { afterAck, afterSend, newCredit, shouldPause, type Credit } from './flow.ts';

test('the constants leave no viewer waiting for an acknowledgement that never comes', () => {
  expect(ACK_BYTES).toBeLessThanOrEqual(LOW_WATERMARK_BYTES);
  expect(LOW_WATERMARK_BYTES).toBeLessThan(HIGH_WATERMARK_BYTES);
});

test('a viewer is held at the high watermark and released at the low one, not between', () => {
  let credit = afterSend(newCredit(0, 0), HIGH_WATERMARK_BYTES, 0);
  expect(credit.isHeld).toBe(true);
  credit = afterAck(credit, HIGH_WATERMARK_BYTES - LOW_WATERMARK_BYTES - 1, 0);
  expect(credit.isHeld).toBe(true);
  expect(afterAck(credit, HIGH_WATERMARK_BYTES - LOW_WATERMARK_BYTES, 0).isHeld).toBe(false);
});

test('an acknowledgement of what was never sent changes nothing', () => {
  const credit = afterSend(newCredit(100, 0), 10, 0);
  expect(afterAck(credit, 1e15, 0).acked).toBe(100);
  expect(afterAck(credit, 0, 0).acked).toBe(100);
});

test('whatever is sent and acknowledged, at most the high watermark and a frame are on their way', () => {
  const step = fc.oneof(
    fc.record({ send: fc.integer({ min: 1, max: OUTPUT_FRAME_BYTES }) }),
    fc.record({ ack: fc.double({ min: 0, max: 1, noNaN: true }) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      let credit = newCredit(0, 0);
      for (const one of steps) {
        if ('ack' in one)
          credit = afterAck(credit, Math.floor(credit.acked + (credit.sent - credit.acked) * one.ack), 0);
        else if (!credit.isHeld) credit = afterSend(credit, one.send, 0);
        expect(credit.sent - credit.acked).toBeLessThan(HIGH_WATERMARK_BYTES + OUTPUT_FRAME_BYTES);
      }
      // Whatever happened, acknowledging all lets it go on.
      expect(afterAck(credit, credit.sent, 0).isHeld).toBe(false);
    }),
  );
});

const held = (aliveAt: number): Credit => ({ sent: HIGH_WATERMARK_BYTES, acked: 0, isHeld: true, aliveAt });
const free = (aliveAt: number): Credit => ({ sent: 0, acked: 0, isHeld: false, aliveAt });

test('the fastest live viewer sets the pace', () => {
  expect(shouldPause([held(0)], 1)).toBe(true);
  expect(shouldPause([held(0), free(0)], 1)).toBe(false);
});

test('a sleeping viewer has no say, and with nobody there nobody is waited for', () => {
  expect(shouldPause([held(0)], LIVE_VIEWER_MS)).toBe(false);
  expect(shouldPause([held(0), held(LIVE_VIEWER_MS)], LIVE_VIEWER_MS)).toBe(true);
  expect(shouldPause([], 0)).toBe(false);
});
