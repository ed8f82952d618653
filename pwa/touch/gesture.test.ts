import { expect, test } from 'vitest';
import { ManualClock } from '../../server/testing/manualClock.ts';
import { Gesture } from './gesture.ts';

function createGesture() {
  const clock = new ManualClock();
  const told: unknown[] = [];
  const gesture = new Gesture(
    {
      scrolled: (dx, dy) => told.push(['scrolled', dx, dy]),
      flung: (velocity) => told.push(['flung', velocity]),
      pressed: ({ x, y }) => told.push(['pressed', x, y]),
      dragged: ({ x, y }) => told.push(['dragged', x, y]),
      pinched: (step) => told.push(['pinched', step]),
    },
    clock,
  );
  return { clock, gesture, told };
}
const at = (x: number, y: number) => [{ x, y }];

test('a tap, with a finger that is never quite still, is the browser’s', () => {
  const { clock, gesture, told } = createGesture();
  gesture.down(at(100, 100));
  clock.advance(60);
  gesture.move(at(104, 103));
  const { isOurs } = gesture;
  gesture.end();
  clock.advance(10_000);
  expect([told, isOurs, clock.pendingTimers]).toEqual([[], false, 0]);
});

test('a tap that stops a movement is ours, and does nothing else', () => {
  const { clock, gesture, told } = createGesture();
  gesture.down(at(100, 100), true);
  clock.advance(60);
  const { isOurs } = gesture;
  gesture.end();
  clock.advance(10_000);
  gesture.down(at(100, 100));
  expect([told, isOurs, gesture.isOurs]).toEqual([[], true, false]);
});

test('a moving finger scrolls, and goes on scrolling when it lets go amid the movement', () => {
  const { clock, gesture, told } = createGesture();
  gesture.down(at(100, 100));
  for (const y of [112, 122, 132]) {
    clock.advance(10);
    gesture.move(at(100, y));
  }
  const { isOurs } = gesture;
  gesture.end();
  expect([told, isOurs]).toEqual([
    [
      ['scrolled', 0, 0],
      ['scrolled', 0, 10],
      ['scrolled', 0, 10],
      ['flung', 1],
    ],
    true,
  ]);
});

test('a finger that rests before it lets go has stopped', () => {
  const { clock, gesture, told } = createGesture();
  gesture.down(at(100, 100));
  clock.advance(10);
  gesture.move(at(100, 120));
  clock.advance(10);
  gesture.move(at(100, 160));
  clock.advance(300);
  gesture.end();
  expect(told.at(-1)).toEqual(['scrolled', 0, 40]);
});

test('a finger that stays presses, and selects when it moves then', () => {
  const { clock, gesture, told } = createGesture();
  gesture.down(at(100, 100));
  clock.advance(1_000);
  gesture.move(at(140, 100));
  gesture.end();
  expect(told).toEqual([
    ['pressed', 100, 100],
    ['dragged', 140, 100],
  ]);
});

test('two fingers change the size step by step, and do not press', () => {
  const { clock, gesture, told } = createGesture();
  gesture.down(at(100, 100));
  gesture.down([...at(100, 100), ...at(200, 100)]);
  gesture.move([...at(95, 100), ...at(205, 100)]);
  gesture.move([...at(80, 100), ...at(220, 100)]);
  gesture.move([...at(100, 100), ...at(200, 100)]);
  clock.advance(1_000);
  gesture.end();
  expect(told).toEqual([
    ['pinched', 1],
    ['pinched', -1],
  ]);
});
