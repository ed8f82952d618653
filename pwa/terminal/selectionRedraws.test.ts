import { expect, test } from 'vitest';
import { sparing } from './selectionRedraws.ts';

test('a redraw for a selection is spared only where there was none and is none', () => {
  const drawn: unknown[] = [];
  const redraw = sparing((start, end) => drawn.push([start, end]));
  const nothing = () => redraw(undefined, undefined, false);
  nothing();
  nothing();
  redraw([1, 1], undefined, false); // a click
  redraw([1, 1], [4, 1], false);
  redraw([1, 0], [4, 0], false); // scrolled
  nothing();
  nothing();
  expect(drawn).toEqual([
    [undefined, undefined],
    [
      [1, 1],
      [4, 1],
    ],
    [
      [1, 0],
      [4, 0],
    ],
    [undefined, undefined],
  ]);
});
