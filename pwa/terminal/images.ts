/** Images in a terminal: sixel, iTerm's and kitty's, by an add-on that is loaded when the first one comes, with limits to what they may hold. */
import type { IDisposable, Terminal } from '@xterm/xterm';
import { kittyKeys, MAX_IMAGE_BYTES, MAX_IMAGE_PIXELS } from '../../protocol/kittyImages.ts';
import { handWholeImages, type Taker } from './kittyParts.ts';
import type { Sink } from './outputFeed.ts';
import { QuerySilencer } from './queries.ts';

/** Of one terminal. Twenty terminals full of images are 640 MB at the very most, and the oldest images leave first. */
const STORED_MB = 32;

/** A second in all; without a decoder the text goes on. */
const DECODER_TRIES = 100;
const DECODER_TRY_MS = 10;

const ESC = 0x1b;
const INTRODUCER = bytesOf('\x1b]1337;File=');
/** A sixel image is DCS, numbers, `q`; there are other strings of DCS. */
const MAX_DCS_PARAMS = 32;
const KITTY = bytesOf('\x1b_G');
/** The keys of an image of kitty's, which stand in front. */
const MAX_KITTY_KEYS = 512;

/** Holds output back while the add-on is loaded, so that the first image is not missed; after that it only passes it on. */
export class ImageSink implements Sink {
  #sink: Sink;
  #load: () => Promise<unknown>;
  #state: 'none' | 'loading' | 'loaded' = 'none';
  #waiting: [data: string | Uint8Array, parsed?: () => void][] = [];

  constructor(sink: Sink, load: () => Promise<unknown>) {
    this.#sink = sink;
    this.#load = load;
  }

  write(data: string | Uint8Array, parsed?: () => void): void {
    if (this.#state === 'none' && typeof data !== 'string' && beginsImage(data)) void this.#begin();
    if (this.#state === 'loading') this.#waiting.push([data, parsed]);
    else this.#sink.write(data, parsed);
  }

  /** An add-on that cannot be had costs the images, not the text. */
  async #begin(): Promise<void> {
    this.#state = 'loading';
    await this.#load().catch(() => {});
    this.#state = 'loaded';
    for (const [data, parsed] of this.#waiting.splice(0)) this.#sink.write(data, parsed);
  }
}

export async function loadImages(terminal: Terminal): Promise<IDisposable[]> {
  const { ImageAddon } = await import('@xterm/addon-image');
  if (!terminal.element) return [];
  const addon = new ImageAddon({
    enableSizeReports: false,
    pixelLimit: MAX_IMAGE_PIXELS,
    storageLimit: STORED_MB,
    sixelSizeLimit: MAX_IMAGE_BYTES,
    iipSizeLimit: MAX_IMAGE_BYTES,
    kittySizeLimit: MAX_IMAGE_BYTES,
  });
  terminal.loadAddon(addon);
  const { _handlers: handlers } = addon as { _handlers?: Map<string, unknown> };
  handWholeImages(handlers?.get('kitty') as Partial<Taker> | undefined);
  await decoderOf(handlers?.get('sixel'));
  // It would answer queries; who registers last is asked first.
  return [addon, new QuerySilencer(terminal.parser)];
}

/** The add-on compiles its decoder of sixel afterwards, tells nobody when it is there, and drops what comes before. */
async function decoderOf(sixel: unknown): Promise<void> {
  const handler = sixel as { _dec?: unknown } | undefined;
  for (let i = 0; i < DECODER_TRIES && handler && !handler._dec; i++)
    await new Promise((resolve) => setTimeout(resolve, DECODER_TRY_MS));
}

/** Output comes in pieces that end between sequences, so the beginning of an image is in one piece. */
export function beginsImage(data: Uint8Array): boolean {
  for (let at = data.indexOf(ESC); at >= 0; at = data.indexOf(ESC, at + 1)) {
    if (data[at + 1] === 0x50 && isSixel(data, at + 2)) return true;
    if (data[at + 1] === 0x5d && startsWith(data, at, INTRODUCER)) return true;
    if (data[at + 1] === 0x5f && startsWith(data, at, KITTY) && isKittyImage(data, at + KITTY.length)) return true;
  }
  return false;
}

function isSixel(data: Uint8Array, from: number): boolean {
  for (let i = from; i < Math.min(data.length, from + MAX_DCS_PARAMS); i++) {
    const byte = data[i]!;
    if (byte === 0x71) return true;
    if (byte !== 0x3b && (byte < 0x30 || byte > 0x39)) return false;
  }
  return false;
}

/** Programs ask for images of kitty's when they start, and delete them without having shown any. */
function isKittyImage(data: Uint8Array, from: number): boolean {
  const text = new TextDecoder().decode(data.subarray(from, from + MAX_KITTY_KEYS));
  const action = kittyKeys(text.split('\x1b', 1)[0]!).get('a');
  return action !== 'q' && action !== 'd';
}

function startsWith(data: Uint8Array, at: number, start: Uint8Array): boolean {
  return start.every((byte, i) => data[at + i] === byte);
}

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
