import { fc } from '../testing/property.ts';
import { expect, test } from 'vitest';
import { EndMark, newEndMark } from './endMark.ts';

test('the mark is taken out wherever the output is cut, and nothing else is', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ max: 200 }),
      fc.uint8Array({ max: 60 }),
      fc.array(fc.nat(300), { maxLength: 12 }),
      (before, after, cuts) => {
        const mark = newEndMark();
        // The hardest case: output that ends like the beginning of the mark.
        const output = Buffer.concat([before, mark.subarray(0, 7)]);
        const all = Buffer.concat([output, mark, after]);
        const finder = new EndMark(mark);
        const points = [0, ...cuts.map((cut) => Math.min(cut, all.length)).sort((a, b) => a - b), all.length];
        const passed = points.slice(1).map((end, i) => finder.pass(all.subarray(points[i], end)));
        expect([Buffer.concat(passed).equals(Buffer.concat([output, after])), finder.isSeen]).toEqual([true, true]);
      },
    ),
  );
});

test('what looked like the beginning of the mark is given back when it does not come', () => {
  const mark = newEndMark();
  const finder = new EndMark(mark);
  const output = Buffer.concat([Buffer.from('x'), mark.subarray(0, 20)]);
  expect([Buffer.concat([finder.pass(output), finder.rest()]), finder.isSeen]).toEqual([output, false]);
});
