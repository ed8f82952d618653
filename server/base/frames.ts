/**
 * Frames between our own processes: a JSON head and a body of raw bytes.
 * Layout: total length u32 (of what follows) · head length u32 · head (UTF-8 JSON) · body.
 */

import type { Writable } from 'node:stream';

/** Above this a peer is broken or hostile; the largest legitimate frame is a snapshot. */
const MAX_FRAME_BYTES = 32 * 1024 * 1024;

export interface Frame<Head> {
  head: Head;
  body: Buffer;
}

export function encodeFrame(head: object, body?: Uint8Array): Buffer {
  const headText = JSON.stringify(head);
  const headBytes = Buffer.byteLength(headText);
  const bodyBytes = body?.length ?? 0;
  const frame = Buffer.allocUnsafe(8 + headBytes + bodyBytes);
  frame.writeUInt32BE(4 + headBytes + bodyBytes, 0);
  frame.writeUInt32BE(headBytes, 4);
  frame.write(headText, 8);
  if (body) frame.set(body, 8 + headBytes);
  return frame;
}

/** Above this a body is worth a second write rather than a copy. */
const COPY_BYTES = 1024;

/** Writes a frame without copying a large body; it leaves as one piece all the same. */
export function writeFrame(stream: Writable, head: object, body?: Uint8Array): void {
  if (!body || body.length <= COPY_BYTES) return void stream.write(encodeFrame(head, body));
  const start = encodeFrame(head);
  start.writeUInt32BE(start.length - 4 + body.length, 0);
  stream.cork();
  stream.write(start);
  stream.write(body);
  stream.uncork();
}

/** Cuts a byte stream into frames. Throws on one that breaks the layout; the stream is of no use then. */
export class FrameReader<Head> {
  #chunks: Buffer[] = [];
  #bytes = 0;

  *push(chunk: Buffer): Generator<Frame<Head>> {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    for (let frame = this.#next(); frame; frame = this.#next()) yield frame;
  }

  #next(): Frame<Head> | undefined {
    if (this.#bytes < 4) return undefined;
    const length = this.#length();
    if (length < 4 || length > MAX_FRAME_BYTES) throw new RangeError(`a frame of ${length} bytes`);
    if (this.#bytes < 4 + length) return undefined;
    const whole = this.#take(4 + length);
    const headBytes = whole.readUInt32BE(4);
    if (headBytes > length - 4) throw new RangeError('a frame head longer than its frame');
    const head = JSON.parse(whole.toString('utf8', 8, 8 + headBytes)) as Head;
    return { head, body: whole.subarray(8 + headBytes, 4 + length) };
  }

  /** The length at the front, which may be spread over chunks. */
  #length(): number {
    const first = this.#chunks[0]!;
    return (first.length >= 4 ? first : Buffer.concat(this.#chunks)).readUInt32BE(0);
  }

  /** The first `count` bytes in one piece; only what lies across chunks is copied, and only once. */
  #take(count: number): Buffer {
    this.#bytes -= count;
    const first = this.#chunks[0]!;
    if (first.length >= count) {
      if (first.length === count) this.#chunks.shift();
      else this.#chunks[0] = first.subarray(count);
      return first.subarray(0, count);
    }
    const whole = Buffer.allocUnsafe(count);
    for (let filled = 0; filled < count;) {
      const chunk = this.#chunks.shift()!;
      const copied = chunk.copy(whole, filled, 0, count - filled);
      if (copied < chunk.length) this.#chunks.unshift(chunk.subarray(copied));
      filled += copied;
    }
    return whole;
  }
}
