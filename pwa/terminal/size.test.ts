import { expect, test } from 'vitest';
import { usableSize } from './size.ts';

test('a pane that is hidden or too small has no size', () => {
  const proposals = [undefined, {}, { cols: NaN, rows: 24 }, { cols: 19, rows: 24 }, { cols: 80, rows: 4 }];
  expect(proposals.map(usableSize)).toEqual([null, null, null, null, null]);
});

test('a size is taken as it is, up to what the server allows', () => {
  expect([usableSize({ cols: 20, rows: 5 }), usableSize({ cols: 4000, rows: 900 })]).toEqual([
    { cols: 20, rows: 5 },
    { cols: 1000, rows: 500 },
  ]);
});
