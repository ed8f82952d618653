import { expect, test } from 'vitest';
import { linesCovered } from './uncoverHit.ts';

test('a hit goes down until the bar covers nothing of it, and stays where it is seen', () => {
  const bar = { left: 100, right: 300, top: 8, bottom: 50 };
  const hit = { left: 120, right: 160, top: 20, bottom: 40 };
  expect([
    linesCovered(hit, bar, 20), // by 30 pixels
    linesCovered({ ...hit, left: 0, right: 101 }, bar, 20),
    linesCovered({ ...hit, left: 0, right: 100 }, bar, 20),
    linesCovered({ ...hit, left: 300, right: 340 }, bar, 20),
    linesCovered({ ...hit, top: 50, bottom: 70 }, bar, 20),
    linesCovered({ ...hit, top: 49, bottom: 69 }, bar, 20),
  ]).toEqual([2, 2, 0, 0, 0, 1]);
});
