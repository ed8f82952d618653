/**
 * A mark of our own behind the last output of a program: what was written to a terminal before it has arrived when it arrives.
 * This finds the mark in the output and takes it out again.
 */
import { randomInt } from 'node:crypto';

/** Digits: no setting of a terminal changes them on their way. */
export function newEndMark(): Buffer {
  return Buffer.from(Array.from({ length: 32 }, () => String(randomInt(10))).join(''));
}

export class EndMark {
  /** The mark was found. */
  isSeen = false;
  /** The end of the output so far, as far as it may be the beginning of the mark. */
  #held: Buffer = Buffer.alloc(0);

  constructor(private readonly mark: Buffer) {}

  /** What of the output is the program's own, as far as it is known. */
  pass(bytes: Buffer): Buffer {
    if (this.isSeen) return bytes;
    const all = this.#held.length > 0 ? Buffer.concat([this.#held, bytes]) : bytes;
    const at = all.indexOf(this.mark);
    if (at >= 0) {
      this.isSeen = true;
      this.#held = Buffer.alloc(0);
      return Buffer.concat([all.subarray(0, at), all.subarray(at + this.mark.length)]);
    }
    const open = this.#begun(all);
    this.#held = Buffer.from(all.subarray(all.length - open));
    return all.subarray(0, all.length - open);
  }

  /** What was held back, when the mark is not going to come. */
  rest(): Buffer {
    const rest = this.#held;
    this.#held = Buffer.alloc(0);
    return rest;
  }

  /** How many bytes at the end may be the beginning of the mark. */
  #begun(bytes: Buffer): number {
    for (let length = Math.min(this.mark.length - 1, bytes.length); length > 0; length--) {
      if (bytes.subarray(bytes.length - length).equals(this.mark.subarray(0, length))) return length;
    }
    return 0;
  }
}
