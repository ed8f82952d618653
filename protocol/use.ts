/** What counts as a person's use of a terminal, by the bytes that come of it: both sides keep the time of the last one. */

const FOCUS_IN = 'I'.charCodeAt(0);
const FOCUS_OUT = 'O'.charCodeAt(0);

/** A window that comes to the front or leaves it reports so by itself (xterm's mode 1004): nobody typed that. */
export function isUse(input: Uint8Array): boolean {
  const isFocusReport =
    input.length === 3 && input[0] === 0x1b && input[1] === 0x5b && (input[2] === FOCUS_IN || input[2] === FOCUS_OUT);
  return !isFocusReport;
}
