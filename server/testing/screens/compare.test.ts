import { expect, test } from 'vitest';
import { compare } from './compare.ts';
import { decodePng, encodePng, type Picture } from './picture.ts';

type Colour = readonly [number, number, number];
const GROUND: Colour = [21, 25, 28];
const TEXT: Colour = [230, 235, 238];
const BUTTON: Colour = [27, 32, 36];
const LINE: Colour = [43, 51, 57];
const AMBER: Colour = [240, 177, 63];

function blank(width = 320, height = 200): Picture {
  const picture = { width, height, data: Buffer.alloc(width * height * 4, 255) };
  fill(picture, 0, 0, width, height, GROUND);
  return picture;
}

function fill(picture: Picture, left: number, top: number, width: number, height: number, colour: Colour): void {
  for (let y = top; y < top + height; y++)
    for (let x = left; x < left + width; x++) picture.data.set(colour, (y * picture.width + x) * 4);
}

/** @param shade how much of the text's colour its edges have: what differs between two ways to draw letters */
function drawn({ buttonAt = 200, shade = 0.35 } = {}): Picture {
  const picture = blank();
  const edge = GROUND.map((part, i) => Math.round(part + (TEXT[i]! - part) * shade)) as unknown as Colour;
  for (let row = 0; row < 8; row++)
    for (let letter = 0; letter < 20; letter++) {
      fill(picture, 10 + letter * 8, 10 + row * 20, 4, 10, edge);
      fill(picture, 11 + letter * 8, 10 + row * 20, 2, 10, TEXT);
    }
  // As buttons are: hardly lighter than what is below, with a thin line around.
  fill(picture, buttonAt, 20, 60, 24, LINE);
  fill(picture, buttonAt + 1, 21, 58, 22, BUTTON);
  for (let letter = 0; letter < 4; letter++) fill(picture, buttonAt + 14 + letter * 8, 27, 3, 10, TEXT);
  return picture;
}

test('a picture is as it was when it is encoded and decoded', () => {
  const picture = drawn();
  expect(decodePng(encodePng(picture)).data.equals(picture.data)).toBe(true);
});

test('a small sign in a colour of its own keeps it, however many shades there are', () => {
  const picture = blank();
  for (let i = 0; i < 200; i++) fill(picture, 0, i, 300, 1, [20 + (i % 100), 24, 28]);
  fill(picture, 310, 100, 4, 4, AMBER);
  const at = (100 * picture.width + 310) * 4;
  expect([...decodePng(encodePng(picture)).data.subarray(at, at + 3)]).toEqual([...AMBER]);
});

test('the same picture is the same', () => {
  expect(compare(drawn(), drawn())).toMatchObject({ share: 0, squares: 0, isSame: true });
});

test('letters that are drawn a little differently pass, though pixels differ', () => {
  const [before, after] = [drawn(), drawn({ shade: 0.45 })];
  expect(before.data.equals(after.data)).toBe(false);
  expect(compare(before, after)).toMatchObject({ squares: 0, isSame: true });
});

test('a button that stands four pixels further fails', () => {
  expect(compare(drawn(), drawn({ buttonAt: 204 })).isSame).toBe(false);
});

test('a word that is gone fails', () => {
  const without = drawn();
  fill(without, 10, 10, 40, 10, GROUND);
  expect(compare(drawn(), without).isSame).toBe(false);
});

test('a surface of a slightly other colour fails', () => {
  const lighter = drawn();
  fill(lighter, 0, 180, 320, 20, [40, 46, 50]);
  const { squares, isSame } = compare(drawn(), lighter);
  expect([squares, isSame]).toEqual([0, false]);
});

test('another size fails', () => {
  expect(compare(blank(), blank(320, 201))).toMatchObject({ share: 1, isSame: false });
});
