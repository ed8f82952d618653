/** Finds where one websocket frame ends and the next begins in what a server sends (RFC 6455, section 5.2). */

const HEAD_END = Buffer.from('\r\n\r\n');

export class FrameEdges {
  /** Until the answer to the upgrade is over, and what of its end was seen. */
  #head: Buffer | null = Buffer.alloc(0);
  /** Of the frame that is under way. */
  #leftBytes = 0;
  #header = Buffer.alloc(0);
  isWebsocket = false;

  /** True where nothing of a frame is under way: another one may be put in here. */
  get isAtEdge(): boolean {
    return this.isWebsocket && this.#head === null && this.#leftBytes === 0 && this.#header.length === 0;
  }

  /** Takes what the server sent. @returns how many bytes lead to the first edge, or null when there is none in it */
  take(chunk: Buffer): number | null {
    let at = this.#skipHead(chunk);
    let firstEdge: number | null = at < chunk.length || this.#head === null ? (this.isAtEdge ? at : null) : null;
    while (at < chunk.length) {
      if (this.#leftBytes > 0) {
        const taken = Math.min(this.#leftBytes, chunk.length - at);
        this.#leftBytes -= taken;
        at += taken;
      } else {
        this.#header = Buffer.concat([this.#header, chunk.subarray(at, ++at)]);
        this.#readHeader();
      }
      if (this.isAtEdge) firstEdge ??= at;
    }
    return firstEdge;
  }

  #skipHead(chunk: Buffer): number {
    if (this.#head === null) return 0;
    const before = this.#head.length;
    const seen = Buffer.concat([this.#head, chunk]);
    const end = seen.indexOf(HEAD_END);
    if (end < 0) {
      this.#head = seen;
      return chunk.length;
    }
    this.isWebsocket = seen.subarray(0, 12).toString() === 'HTTP/1.1 101';
    this.#head = null;
    return end + HEAD_END.length - before;
  }

  #readHeader(): void {
    const header = this.#header;
    if (header.length < 2) return;
    const short = header[1]! & 0x7f;
    const lengthBytes = short === 126 ? 2 : short === 127 ? 8 : 0;
    if (header.length < 2 + lengthBytes) return;
    if (lengthBytes === 0) this.#leftBytes = short;
    else this.#leftBytes = lengthBytes === 2 ? header.readUInt16BE(2) : Number(header.readBigUInt64BE(2));
    this.#header = Buffer.alloc(0);
  }
}

/** A close frame as a server sends it. */
export function closeFrame(code: number): Buffer {
  const frame = Buffer.from([0x88, 2, 0, 0]);
  frame.writeUInt16BE(code, 2);
  return frame;
}
