import { fc } from './property.ts';
import { expect, test } from 'vitest';
import { Lane, LANE_CAPACITY_BYTES, NO_FAULTS, type LaneFaults } from './lane.ts';
import { ManualClock } from './manualClock.ts';
import { randomSource } from './random.ts';

function setUp(faults: Partial<LaneFaults> = {}) {
  const clock = new ManualClock();
  const told: string[] = [];
  const sink = { text: '', takes: true };
  const lane = new Lane(
    {
      onBytes(bytes) {
        sink.text += bytes.toString('latin1');
        return sink.takes;
      },
      onEnd: (end) => void told.push(end),
      onFull: (isFull) => void told.push(isFull ? 'full' : 'room'),
    },
    clock,
    randomSource(1),
  );
  lane.set({ ...NO_FAULTS, ...faults });
  return { clock, lane, sink, told };
}

test('without faults bytes and the end pass at once', () => {
  const { lane, sink, told } = setUp();
  lane.take(Buffer.from('ab'));
  lane.end('fin');
  expect([sink.text, told]).toEqual(['ab', ['fin']]);
});

test('a black hole lets nothing through, no end either, and gives back what it took', () => {
  const { lane, sink, told, clock } = setUp({ isBlackholed: true });
  lane.take(Buffer.from('ab'));
  lane.end('fin');
  clock.advance(1e9);
  expect([sink.text, told]).toEqual(['', []]);
  lane.set(NO_FAULTS);
  expect([sink.text, told]).toEqual(['ab', ['fin']]);
});

test('a black hole takes no more than a network holds', () => {
  const { lane, told } = setUp({ isBlackholed: true });
  lane.take(Buffer.alloc(LANE_CAPACITY_BYTES));
  expect(told).toEqual(['full']);
  lane.set(NO_FAULTS);
  expect(told).toEqual(['full', 'room']);
});

test('a delay holds each byte for its time, and jitter never changes the order', () => {
  const { lane, sink, clock } = setUp({ delayMs: 100, jitterMs: 50 });
  for (const letter of 'abcdefgh') lane.take(Buffer.from(letter));
  clock.advance(99);
  expect(sink.text).toBe('');
  clock.advance(51);
  expect(sink.text).toBe('abcdefgh');
});

test('a throttle lets so many bytes a second through, evenly', () => {
  const { lane, sink, clock } = setUp({ bytesPerSecond: 1000 });
  lane.take(Buffer.alloc(5000, 'x'));
  clock.advance(1000);
  expect(sink.text.length).toBeGreaterThanOrEqual(980);
  expect(sink.text.length).toBeLessThanOrEqual(1020);
  clock.advance(500);
  expect(sink.text.length).toBeLessThanOrEqual(1520);
});

test('a receiver that takes no more is waited for', () => {
  const { lane, sink } = setUp();
  sink.takes = false;
  lane.take(Buffer.from('a'));
  lane.take(Buffer.from('b'));
  expect(sink.text).toBe('a');
  sink.takes = true;
  lane.drained();
  expect(sink.text).toBe('ab');
});

test('a reset overtakes what is under way', () => {
  const { lane, sink, told } = setUp({ delayMs: 10 });
  lane.take(Buffer.from('a'));
  lane.end('rst');
  expect([sink.text, told]).toEqual(['', ['rst']]);
});

test('whatever is switched while bytes flow, all of them come, once and in order', () => {
  const faults = fc.record({
    isBlackholed: fc.boolean(),
    bytesPerSecond: fc.option(fc.integer({ min: 1, max: 5000 })),
    delayMs: fc.nat(50),
    jitterMs: fc.nat(50),
  });
  const step = fc.oneof(
    fc.string({ minLength: 1, maxLength: 30 }).map((take) => ({ take })),
    faults.map((set) => ({ set })),
    fc.nat(40).map((advance) => ({ advance })),
    fc.boolean().map((takes) => ({ takes })),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const { lane, sink, told, clock } = setUp();
      let whole = '';
      for (const one of steps) {
        if ('take' in one) {
          const bytes = Buffer.from(one.take, 'latin1');
          whole += bytes.toString('latin1');
          lane.take(bytes);
        } else if ('set' in one) lane.set(one.set);
        else if ('advance' in one) clock.advance(one.advance);
        else if ((sink.takes = one.takes)) lane.drained();
        expect(whole.startsWith(sink.text)).toBe(true);
        expect(lane.waitingBytes).toBe(whole.length - sink.text.length);
      }
      sink.takes = true;
      lane.drained();
      lane.set(NO_FAULTS);
      lane.end('fin');
      expect([sink.text, told.at(-1)]).toEqual([whole, 'fin']);
      expect(clock.pendingTimers).toBe(0);
    }),
  );
});
