/** Whether two pictures show the same: letters may be drawn a little differently, nothing may stand elsewhere. */
import pixelmatch from 'pixelmatch';
import type { Picture } from './picture.ts';

export interface Comparison {
  /** Of all pixels those that differ, from 0 to 1. */
  share: number;
  /** So many small squares are of another colour altogether. */
  squares: number;
  isSame: boolean;
  /** What differs, in red over what was kept. */
  diff: Picture;
}

/*
 * Measured on a page of our two fonts, 1440×900: two runs are the same to the pixel, and so they are with
 * --font-render-hinting=none, slight and full. Without the positions between pixels (--disable-font-subpixel-positioning)
 * nearly every letter moves by a part of one: up to 1.26 % of all pixels differ, yet no square of 6 pixels by more than 0.16
 * on the average. A button with a word that stands 4 pixels further is 0.02 % of all pixels, and two squares. So squares
 * tell what moved, and the share tells what changed a little everywhere, such as the colour of a surface.
 */
const SQUARE_PX = 6;
const SQUARE_THRESHOLD = 0.16;
const PIXEL_THRESHOLD = 0.05;
const MAX_SHARE = 0.02;

export function compare(kept: Picture, fresh: Picture): Comparison {
  const { width, height } = kept;
  if (width !== fresh.width || height !== fresh.height) return { share: 1, squares: 0, isSame: false, diff: fresh };
  const diff = { width, height, data: Buffer.alloc(kept.data.length) };
  const count = pixelmatch(kept.data, fresh.data, diff.data, width, height, { threshold: PIXEL_THRESHOLD });
  const share = count / (width * height);
  const squares = differingSquares(kept, fresh);
  return { share, squares, isSame: squares === 0 && share <= MAX_SHARE, diff };
}

function differingSquares(kept: Picture, fresh: Picture): number {
  const [one, other] = [averaged(kept), averaged(fresh)];
  const options = { threshold: SQUARE_THRESHOLD, includeAA: true };
  return pixelmatch(one.data, other.data, undefined, one.width, one.height, options);
}

/** Each square as one pixel, those at the right and below of what is left there. */
function averaged({ width, height, data }: Picture): Picture {
  const [columns, rows] = [Math.ceil(width / SQUARE_PX), Math.ceil(height / SQUARE_PX)];
  const average = Buffer.alloc(columns * rows * 4, 255);
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++)
      for (let channel = 0; channel < 3; channel++)
        average[(row * columns + column) * 4 + channel] = mean(column, row, channel);
  return { width: columns, height: rows, data: average };

  function mean(column: number, row: number, channel: number): number {
    let sum = 0;
    let count = 0;
    for (let y = row * SQUARE_PX; y < Math.min(height, (row + 1) * SQUARE_PX); y++)
      for (let x = column * SQUARE_PX; x < Math.min(width, (column + 1) * SQUARE_PX); x++, count++)
        sum += data[(y * width + x) * 4 + channel]!;
    return Math.round(sum / count);
  }
}
