/** Input that waits, in words. */
import type { Held } from '../../client/types.ts';
import { age, heldSize } from '../connection/statusText.ts';

/** A paste that needs longer than this is shown on its way. */
export const SHOWN_PASTE_BYTES = 128 * 1024;

/** `12 characters`, or a size where only the beginning is known. */
export function amountText({ bytes, text }: Pick<Held, 'bytes' | 'text'>): string {
  const isWhole = new TextEncoder().encode(text).length === bytes;
  if (!isWhole) return heldSize(bytes);
  const count = [...text].length;
  return count === 1 ? '1 character' : `${count} characters`;
}

export function heldText(held: Held, now: number): string {
  const amount = amountText(held);
  if (!held.isAsking) return `${amount} typed while offline`;
  const ago = age(Math.max(0, now - held.since));
  return ago === 'now' ? `${amount} typed while offline` : `${amount} typed while offline, ${ago} ago`;
}

/** Keys that draw nothing are shown by their signs: `ls␍`. */
export function visibleText(text: string): string {
  return text.replace(/[\0-\x1f\x7f]/g, (key) =>
    key === '\x7f' ? '␡' : String.fromCharCode(0x2400 + key.charCodeAt(0)),
  );
}

/** `3.2 MB` */
export function pasteText(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}
