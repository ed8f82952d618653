/**
 * Answers what programs ask of kitty's images, and what they are told when one has come. Nothing is drawn here: an answer says
 * what the app will do with it, as far as its first bytes and its length show.
 */
import {
  isContinuation,
  kittyKeys,
  kittyPayload,
  MAX_IMAGE_BYTES,
  MAX_IMAGE_PIXELS,
  refusal,
  type KittyKeys,
} from '../../protocol/kittyImages.ts';

/** So many images of one session may be known by their number; then the oldest is forgotten. The app keeps no more. */
const MAX_KNOWN = 256;
/** Of a PNG: its signature, and the sizes in its first chunk. */
const HEAD_BYTES = 24;
const HEAD_CHARS = 32;
const PNG = '89504e470d0a1a0a';
const BYTES_PER_PIXEL: Readonly<Record<string, number>> = { '24': 3, '32': 4 };

/** An image that is coming in. */
interface Coming {
  keys: KittyKeys;
  head: string;
  chars: number;
  isBase64: boolean;
}

export class KittyImages {
  #known = new Set<string>();
  #coming: Coming | null = null;

  /** The answer to a command; empty where there is none. @param data what stands between `ESC _ G` and its end */
  answerTo(data: string): string {
    const keys = kittyKeys(data);
    const coming = this.#coming && isContinuation(keys) ? this.#coming : { keys, head: '', chars: 0, isBase64: true };
    take(coming, kittyPayload(data));
    this.#coming = keys.get('m') === '1' ? coming : null;
    if (this.#coming) return '';
    return answer(coming.keys, keys.get('q') ?? coming.keys.get('q') ?? '0', this.#outcome(coming));
  }

  reset(): void {
    this.#known.clear();
    this.#coming = null;
  }

  /** `OK` or an error; null for what is never answered. */
  #outcome(image: Coming): string | null {
    const { keys } = image;
    const refused = refusal(keys);
    if (refused) return refused;
    const id = keys.get('i') ?? '';
    switch (keys.get('a') ?? 't') {
      case 'd':
        this.#delete(keys.get('d') ?? 'a', id);
        return null;
      case 'p':
        return this.#known.has(id) ? 'OK' : 'ENOENT:no such image';
      case 'q':
        return image.chars === 0 ? 'OK' : (troubleWith(image) ?? 'OK');
      default: {
        const trouble = image.chars === 0 ? 'ENODATA:no image' : troubleWith(image);
        if (trouble === null) this.#know(id);
        return trouble ?? 'OK';
      }
    }
  }

  #know(id: string): void {
    this.#known.delete(id);
    this.#known.add(id);
    if (this.#known.size > MAX_KNOWN) this.#known.delete(this.#known.keys().next().value!);
  }

  /** The app drops the image together with what is seen of it, whichever was meant. */
  #delete(what: string, id: string): void {
    if (what === 'a' || what === 'A') this.reset();
    if (what === 'i' || what === 'I') this.#known.delete(id);
  }
}

function take(image: Coming, payload: string): void {
  image.head = (image.head + payload.slice(0, HEAD_CHARS)).slice(0, HEAD_CHARS);
  image.chars += payload.length;
  image.isBase64 &&= /^[A-Za-z0-9+/]*={0,2}$/.test(payload);
}

/** Why it will not be drawn; null when nothing is seen that is wrong. */
function troubleWith({ keys, head, chars, isBase64 }: Coming): string | null {
  const bytes = Math.floor((chars * 3) / 4);
  if (!isBase64) return 'EINVAL:not base64';
  if (bytes > MAX_IMAGE_BYTES) return `EFBIG:more than ${MAX_IMAGE_BYTES} bytes`;
  const isPacked = keys.get('o') === 'z';
  const format = keys.get('f') ?? '32';
  if (format === '100') return isPacked ? null : troubleWithPng(head);
  const perPixel = BYTES_PER_PIXEL[format];
  if (!perPixel) return 'EINVAL:unknown format';
  const pixels = sizeOf(keys.get('s')) * sizeOf(keys.get('v'));
  if (pixels === 0) return 'EINVAL:no width or height';
  // Two bytes of the length may be padding.
  if (!isPacked && bytes < pixels * perPixel) return 'ENODATA:less than its size says';
  return troubleWithSize(pixels);
}

function troubleWithPng(head: string): string | null {
  const bytes = Buffer.from(head, 'base64');
  if (bytes.length < HEAD_BYTES || bytes.toString('hex', 0, 8) !== PNG) return 'EINVAL:not a PNG';
  return troubleWithSize(bytes.readUInt32BE(16) * bytes.readUInt32BE(20));
}

function troubleWithSize(pixels: number): string | null {
  return pixels > MAX_IMAGE_PIXELS ? `EFBIG:more than ${MAX_IMAGE_PIXELS} pixels` : null;
}

function sizeOf(value: string | undefined): number {
  return value && /^\d{1,5}$/.test(value) ? Number(value) : 0;
}

/** Only images that have a number are spoken of; what a program wants to hear is in `q`. */
function answer(keys: KittyKeys, quiet: string, outcome: string | null): string {
  const [id, placement] = [keys.get('i'), keys.get('p')];
  if (outcome === null || !id || !/^\d{1,10}$/.test(id)) return '';
  if (quiet === '2' || (quiet === '1' && outcome === 'OK')) return '';
  const isPlaced = placement !== undefined && /^\d{1,10}$/.test(placement) && placement !== '0';
  return `\x1b_Gi=${id}${isPlaced ? `,p=${placement}` : ''};${outcome}\x1b\\`;
}
