/**
 * Gives xterm.js's decoder whole characters only. Of one that is cut behind a byte 0x80, as “ – … and the joiners of emoji have,
 * it loses that byte (6.0.0): what the network cuts must not show. Bytes that are no UTF-8 are left to it.
 */
interface Decoder {
  decode(input: Uint8Array, target: Uint32Array): number;
  clear(): void;
}

const NOTHING = new Uint8Array();

/** @param terminal not written to yet; one whose decoder is elsewhere stays as it is */
export function feedWholeCharacters(terminal: object): void {
  const decoder = (terminal as { _core?: { _inputHandler?: { _utf8Decoder?: Decoder } } })._core?._inputHandler
    ?._utf8Decoder;
  if (!decoder) return;
  const [decode, clear] = [decoder.decode.bind(decoder), decoder.clear.bind(decoder)];
  let held = NOTHING;
  decoder.decode = (input, target) => {
    const bytes = held.length > 0 ? joined(held, input) : input;
    const end = bytes.length - cutLength(bytes);
    held = bytes.slice(end);
    return decode(bytes.subarray(0, end), target);
  };
  decoder.clear = () => {
    held = NOTHING;
    clear();
  };
}

/** How many bytes at the end are the beginning of a character: 0 to 3. */
export function cutLength(bytes: Uint8Array): number {
  for (let length = 1; length <= Math.min(3, bytes.length); length++) {
    const byte = bytes[bytes.length - length]!;
    if ((byte & 0xc0) === 0x80) continue;
    const whole = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return byte < 0xf8 && length < whole ? length : 0;
  }
  return 0;
}

function joined(one: Uint8Array, other: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(one.length + other.length);
  both.set(one);
  both.set(other, one.length);
  return both;
}
