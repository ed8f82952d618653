/** Pictures of the app as small PNGs: with a palette, because a window of text has few colours. */
import { crc32, deflateSync } from 'node:zlib';
import { PNG } from 'pngjs';

export interface Picture {
  width: number;
  height: number;
  /** Four bytes for each pixel: red, green, blue, opacity. */
  data: Buffer;
}

/** All pictures together have to be small; the eye misses none of the others. */
const MAX_COLOURS = 48;
const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const INDEXED_COLOUR = 3;

export function decodePng(bytes: Buffer): Picture {
  const { width, height, data } = PNG.sync.read(bytes);
  return { width, height, data };
}

/** Without opacity: a picture of a window has none. */
export function encodePng(picture: Picture): Buffer {
  const { width, height } = picture;
  const { palette, indexes } = reduce(picture);
  const rows = Buffer.alloc((width + 1) * height); // each begins with its filter: 0, none
  for (let y = 0; y < height; y++) rows.set(indexes.subarray(y * width, (y + 1) * width), y * (width + 1) + 1);
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, INDEXED_COLOUR, 0, 0, 0], 8);
  const colours = Buffer.from(palette.flatMap((colour) => [colour >> 16, (colour >> 8) & 255, colour & 255]));
  const parts = [chunk('IHDR', header), chunk('PLTE', colours), chunk('IDAT', deflateSync(rows, { level: 9 }))];
  return Buffer.concat([SIGNATURE, ...parts, chunk('IEND', Buffer.alloc(0))]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(data.length, 0);
  frame.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
}

function reduce({ data }: Picture): { palette: number[]; indexes: Uint8Array } {
  const counts = new Map<number, number>();
  for (let at = 0; at < data.length; at += 4) {
    const colour = colourAt(data, at);
    counts.set(colour, (counts.get(colour) ?? 0) + 1);
  }
  const { palette, indexOf } = choosePalette(counts);
  const indexes = new Uint8Array(data.length / 4);
  for (let i = 0; i < indexes.length; i++) indexes[i] = indexOf.get(colourAt(data, i * 4))!;
  return { palette, indexes };
}

/**
 * Takes the colour that is missed most until there is no more room: how many pixels have it, by the square of how far it is from
 * the nearest one taken. A small sign in a colour of its own is kept so, and of the shades at the edges of letters a few do.
 */
function choosePalette(counts: Map<number, number>): { palette: number[]; indexOf: Map<number, number> } {
  // By number, so that the same picture has the same bytes.
  const colours = [...counts.keys()].sort((a, b) => a - b);
  const nearest = colours.map(() => ({ index: 0, distance: Infinity }));
  const palette: number[] = [];
  while (palette.length < MAX_COLOURS) {
    let next = -1;
    let most = 0;
    colours.forEach((colour, i) => {
      const missed = Math.min(nearest[i]!.distance, 3 * 255 ** 2) * counts.get(colour)!;
      if (missed > most) [next, most] = [i, missed];
    });
    if (next < 0) break; // each has its place
    const taken = colours[next]!;
    colours.forEach((colour, i) => {
      const distance = squaredDistance(colour, taken);
      if (distance < nearest[i]!.distance) nearest[i] = { index: palette.length, distance };
    });
    palette.push(taken);
  }
  return { palette, indexOf: new Map(colours.map((colour, i) => [colour, nearest[i]!.index])) };
}

function colourAt(data: Buffer, at: number): number {
  return (data[at]! << 16) | (data[at + 1]! << 8) | data[at + 2]!;
}

function squaredDistance(one: number, other: number): number {
  const [red, green, blue] = [16, 8, 0].map((bits) => ((one >> bits) & 255) - ((other >> bits) & 255));
  return red! ** 2 + green! ** 2 + blue! ** 2;
}
