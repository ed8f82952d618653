import { expect, test } from 'vitest';
import { stretchesOf, type Stretch } from './stretches.ts';

const FALLBACK = { at: 7, cols: 80, rows: 24 };

async function all(marks: Parameters<typeof stretchesOf>[0], kept: { start: number; end: number }) {
  const stretches: Stretch[] = [];
  for await (const stretch of stretchesOf(marks, kept, FALLBACK)) stretches.push(stretch);
  return stretches;
}

test('what lies between two marks came after the first, within a quarter of a second', async () => {
  const marks = [
    { offset: 0, at: 1_000, cols: 100, rows: 30 },
    { offset: 0, at: 1_050 },
    { offset: 10, at: 1_100, cols: 90, rows: 20 },
    { offset: 15, at: 9_000 },
  ];
  expect(await all(marks, { start: 0, end: 20 })).toEqual([
    { from: 0, to: 0, at: 1_000, until: 1_050, size: { cols: 100, rows: 30 } },
    { from: 0, to: 10, at: 1_050, until: 1_100 },
    { from: 10, to: 15, at: 1_100, until: 1_350, size: { cols: 90, rows: 20 } },
    { from: 15, to: 20, at: 9_000, until: 9_250 },
  ]);
});

test('a log that was cut begins with the size and the time that held there', async () => {
  const marks = [
    { offset: 0, at: 1_000, cols: 100, rows: 30 },
    { offset: 40, at: 2_000, cols: 90, rows: 20 },
    { offset: 50, at: 3_000 },
    { offset: 70, at: 4_000 },
    { offset: 90, at: 5_000 },
  ];
  expect(await all(marks, { start: 60, end: 80 })).toEqual([
    { from: 60, to: 70, at: 3_000, until: 3_250, size: { cols: 90, rows: 20 } },
    { from: 70, to: 80, at: 4_000, until: 4_250 },
  ]);
});

test('a clock that was set back holds no time back, and without marks there is one stretch', async () => {
  const marks = [
    { offset: 0, at: 5_000, cols: 100, rows: 30 },
    { offset: 10, at: 1_000 },
  ];
  expect((await all(marks, { start: 0, end: 20 })).map(({ at, until }) => [at, until])).toEqual([
    [5_000, 5_000],
    [5_000, 5_250],
  ]);
  expect(await all([], { start: 3, end: 9 })).toEqual([
    { from: 3, to: 9, at: 7, until: 257, size: { cols: 80, rows: 24 } },
  ]);
});
