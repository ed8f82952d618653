/**
 * Stands in front of the add-on for images (0.10.0-beta.301) where it takes kitty's, and hands it whole ones only: it passes over
 * parts that carry nothing, and loses an image whose parts are padded each by itself, as chafa's are. What the server has refused,
 * and what only asks, does not come through: it would be drawn where the cursor is.
 */
import { isContinuation, kittyKeys, kittyPayload, MAX_IMAGE_BYTES, RefusedImages } from '../../protocol/kittyImages.ts';

/** As xterm.js calls whoever takes a sequence. */
export interface Taker {
  start(): void;
  put(data: Uint32Array, start: number, end: number): void;
  end(isWhole: boolean): boolean | Promise<boolean>;
}

/** Of one command: an image in base64, and its keys. */
const MAX_COMMAND_BYTES = 1024 + Math.ceil((MAX_IMAGE_BYTES * 4) / 3);

/** @param taker the add-on's own; what is none stays as it is */
export function handWholeImages(taker: Partial<Taker> | undefined): void {
  if (!taker?.start || !taker.put || !taker.end) return;
  const [start, put, end] = [taker.start.bind(taker), taker.put.bind(taker), taker.end.bind(taker)];
  const parts = new KittyParts();
  let taken: Uint8Array[] = [];
  let bytes = 0;
  taker.start = () => {
    taken = [];
    bytes = 0;
  };
  taker.put = (data, from, to) => {
    bytes += to - from;
    if (bytes <= MAX_COMMAND_BYTES) taken.push(Uint8Array.from(data.subarray(from, to)));
  };
  taker.end = (isWhole) => {
    const decoder = new TextDecoder('latin1');
    const command =
      isWhole && bytes <= MAX_COMMAND_BYTES ? parts.take(taken.map((part) => decoder.decode(part)).join('')) : null;
    taken = [];
    if (command === null) return true;
    const codes = Uint32Array.from(new TextEncoder().encode(command));
    start();
    put(codes, 0, codes.length);
    return end(true);
  };
}

export class KittyParts {
  #refused = new RefusedImages();
  /** Keys of the image that is coming in. */
  #control: string | null = null;
  #bytes = '';

  /** @returns a whole command, or null while more is to come, or none will */
  take(data: string): string | null {
    const keys = kittyKeys(data);
    if (this.#refused.refuses(keys)) return null;
    const isMore = keys.get('m') === '1';
    if (!isContinuation(keys)) {
      this.#control = null;
      if (!isMore) return data;
      this.#control = data.split(';', 1)[0]!;
      this.#bytes = '';
    }
    if (this.#control === null) return null; // the rest of one that was given up
    const part = decoded(kittyPayload(data));
    if (part === null || this.#bytes.length + part.length > MAX_IMAGE_BYTES) this.#control = null;
    else this.#bytes += part;
    if (isMore || this.#control === null) return null;
    const control = this.#control.split(',').filter((pair) => !pair.startsWith('m='));
    const whole = `${control.join(',')};${btoa(this.#bytes)}`;
    this.#control = null;
    this.#bytes = '';
    return whole;
  }
}

function decoded(base64: string): string | null {
  try {
    return atob(base64);
  } catch {
    return null;
  }
}
