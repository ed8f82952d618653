import { fc } from '../testing/property.ts';
import { expect, test } from 'vitest';
import { OutputTail } from './outputTail.ts';

test('whatever is appended, what the tail holds reads back exactly and stays within its capacity and one chunk', () => {
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ minLength: 1, maxLength: 40 })),
      fc.nat(500),
      fc.integer({ min: 1, max: 50 }),
      (chunks, from, size) => {
        const tail = new OutputTail(0, 100);
        const whole: number[] = [];
        for (const chunk of chunks) {
          tail.append(whole.length, chunk);
          whole.push(...chunk);
          expect(tail.end - tail.start).toBeLessThanOrEqual(140);
        }
        const read = tail.read(from, size);
        const isHeld = from >= tail.start && from < tail.end;
        expect(read && [...read]).toEqual(isHeld ? whole.slice(from, from + size) : undefined);
      },
    ),
  );
});

test('a jump in the stream begins the tail anew', () => {
  const tail = new OutputTail(0, 100);
  tail.append(0, new Uint8Array([1]));
  tail.append(50, new Uint8Array([2]));
  expect([tail.start, tail.end, tail.read(0, 9)]).toEqual([50, 51, undefined]);
});
