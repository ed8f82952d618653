/** The newest output of one session in memory, so that live viewers are served without asking the pty host again. */

export class OutputTail {
  #chunks: Uint8Array[] = [];
  #start: number;
  #end: number;

  constructor(
    offset: number,
    readonly capacityBytes: number,
  ) {
    this.#start = offset;
    this.#end = offset;
  }

  get start(): number {
    return this.#start;
  }

  get end(): number {
    return this.#end;
  }

  /** A chunk that does not join on (the log was pruned meanwhile) begins the tail anew. */
  append(offset: number, chunk: Uint8Array): void {
    if (offset !== this.#end) {
      this.#chunks = [];
      this.#start = offset;
      this.#end = offset;
    }
    this.#chunks.push(chunk);
    this.#end += chunk.length;
    while (this.#end - this.#start > this.capacityBytes && this.#chunks.length > 1) {
      this.#start += this.#chunks.shift()!.length;
    }
  }

  /** At most `maxBytes` from `from` on, or nothing when that is not in the tail. */
  read(from: number, maxBytes: number): Uint8Array | undefined {
    if (from < this.#start || from >= this.#end) return undefined;
    let at = this.#start;
    const parts: Uint8Array[] = [];
    let wanted = maxBytes;
    for (const chunk of this.#chunks) {
      if (at + chunk.length > from && wanted > 0) {
        const part = chunk.subarray(Math.max(0, from - at), Math.max(0, from - at) + wanted);
        parts.push(part);
        wanted -= part.length;
      }
      at += chunk.length;
    }
    return parts.length === 1 ? parts[0] : Buffer.concat(parts);
  }
}
