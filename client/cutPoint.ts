/** Where input may be cut, and what must follow when the rest is dropped: programs read whole characters, sequences and pastes. */

const ESC = 0x1b;
/** An escape sequence that a keyboard makes is not longer than this; beyond it a cut anywhere does no more harm. */
const MAX_SEQUENCE_BYTES = 32;
const PASTE_BEGIN = Uint8Array.from('\x1b[200~', (char) => char.charCodeAt(0));
/** Ends a bracketed paste (xterm's ctlseqs, "Bracketed Paste Mode"). */
export const PASTE_END = Uint8Array.from('\x1b[201~', (char) => char.charCodeAt(0));

/**
 * @param bytes what waits, at least one byte
 * @returns how many of them, from 1 to `maxBytes`, to take so that neither a character nor an escape sequence is cut,
 *   unless that is all there is
 */
export function cutPoint(bytes: Uint8Array, maxBytes: number): number {
  if (bytes.length <= maxBytes) return bytes.length;
  const wanted = Math.min(startOfCharacter(bytes, maxBytes), startOfSequence(bytes, maxBytes));
  return wanted > 0 ? wanted : maxBytes;
}

/** The last position up to `at` where a UTF-8 character begins; `at` itself in bytes that are no UTF-8. */
function startOfCharacter(bytes: Uint8Array, at: number): number {
  for (let start = at; start > Math.max(0, at - 4); start--) {
    if ((bytes[start]! & 0xc0) !== 0x80) return start;
  }
  return at;
}

/** Before the escape sequence that `at` would cut, or `at`. */
function startOfSequence(bytes: Uint8Array, at: number): number {
  const from = Math.max(0, at - MAX_SEQUENCE_BYTES);
  const start = bytes.subarray(from, at).lastIndexOf(ESC);
  if (start < 0) return at;
  return endOfSequence(bytes, from + start) > at ? from + start : at;
}

/** One past the last byte of the sequence that begins at `start`. */
function endOfSequence(bytes: Uint8Array, start: number): number {
  const kind = bytes[start + 1];
  if (kind === 0x4f) return start + 3; // SS3: ESC O and one byte
  if (kind !== 0x5b) return start + 2; // Alt and a key
  let end = start + 2;
  while (end < bytes.length && bytes[end]! >= 0x20 && bytes[end]! <= 0x3f) end++; // CSI: parameters…
  return end + 1; // …and the final byte
}

/** Whether a stream of input stands inside a bracketed paste. Fed with pieces that cut no sequence (`cutPoint`). */
export function isInPasteAfter(wasInPaste: boolean, bytes: Uint8Array): boolean {
  for (let at = bytes.lastIndexOf(ESC); at >= 0; at = at === 0 ? -1 : bytes.lastIndexOf(ESC, at - 1)) {
    if (startsWith(bytes, at, PASTE_END)) return false;
    if (startsWith(bytes, at, PASTE_BEGIN)) return true;
  }
  return wasInPaste;
}

function startsWith(bytes: Uint8Array, at: number, wanted: Uint8Array): boolean {
  return wanted.every((byte, i) => bytes[at + i] === byte);
}
