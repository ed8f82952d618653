/**
 * Commands of kitty's graphics protocol (https://sw.kovidgoyal.net/kitty/graphics-protocol/), as far as both sides must agree on
 * them: the server's screen answers a command that the app draws, or does not.
 */

/** Larger ones are not drawn, of any protocol. */
export const MAX_IMAGE_PIXELS = 4 * 1024 * 1024;
export const MAX_IMAGE_BYTES = 8 * 1024 * 1024;

/** By its one-letter name; what is not given is not there. */
export type KittyKeys = ReadonlyMap<string, string>;

const MAX_KEYS = 32;

/** @param data what stands between `ESC _ G` and its end */
export function kittyKeys(data: string): KittyKeys {
  const control = data.slice(0, controlEnd(data));
  const pairs = control.split(',').slice(0, MAX_KEYS);
  return new Map(pairs.filter((pair) => pair[1] === '=').map((pair) => [pair[0]!, pair.slice(2)]));
}

/** Base64; empty where there is none. */
export function kittyPayload(data: string): string {
  return data.slice(controlEnd(data) + 1);
}

function controlEnd(data: string): number {
  const end = data.indexOf(';');
  return end < 0 ? data.length : end;
}

/** Why a command cannot be carried out, whatever it carries; null when it may be. */
export function refusal(keys: KittyKeys): string | null {
  const action = keys.get('a') ?? 't';
  if (keys.has('i') && keys.has('I')) return 'EINVAL:cannot specify both i and I keys';
  if (!['t', 'T', 'q', 'p', 'd'].includes(action)) return 'ENOTSUP:no animation';
  if (action === 'd') return null;
  if ((keys.get('t') ?? 'd') !== 'd') return 'ENOTSUP:images come in the stream only';
  // They would be drawn where the cursor is.
  if (keys.get('U') === '1') return 'ENOTSUP:no placeholders';
  return keys.has('P') ? 'ENOTSUP:no relative placement' : null;
}

/** Which parts of images are those of refused ones, or only ask: the first says what it is a part of. */
export class RefusedImages {
  #isRefused = false;
  #isAmid = false;

  /** Whether this command is refused, or carries more of one that was. */
  refuses(keys: KittyKeys): boolean {
    if (!this.#isAmid || !isContinuation(keys)) this.#isRefused = refusal(keys) !== null || keys.get('a') === 'q';
    this.#isAmid = keys.get('m') === '1';
    return this.#isRefused;
  }
}

/** More of the image before it: nothing but that, and whether there is more (and how quietly, and of which). */
export function isContinuation(keys: KittyKeys): boolean {
  return keys.has('m') && [...keys.keys()].every((key) => key === 'm' || key === 'q' || key === 'i');
}
