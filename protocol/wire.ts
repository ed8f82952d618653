/**
 * The socket.io parser of both sides: terminal bytes travel as one binary message each with a head of a few bytes,
 * everything else as one JSON text message. Written for socket.io-protocol 5 (packet types 0 to 4; acknowledgements are
 * used, namespaces are not, attachments are never needed because bytes travel only in the frames below).
 */
import { MAX_MESSAGE_BYTES } from './limits.ts';

const enum FrameKind {
  Output = 1, //   kind u8 · handle u32 · offset f64 · bytes
  Snapshot = 2, // kind u8 · handle u32 · offset f64 · skippedBytes f64 · bytes
  Input = 3, //    kind u8 · handle u32 · seq u32 · bytes
  History = 4, //  as Output
}

export interface Packet {
  /** 0 connect, 1 disconnect, 2 event, 3 ack, 4 connect error (socket.io-protocol 5). */
  type: number;
  nsp: string;
  data?: unknown;
  id?: number;
}

const CONNECT = 0;
const EVENT = 2;
const ACK = 3;
/** socket.io emits these itself; a peer must not be able to. */
const RESERVED_EVENTS = new Set([
  'connect',
  'connect_error',
  'disconnect',
  'disconnecting',
  'newListener',
  'removeListener',
]);
/** What the decoder reports instead of throwing, because a throw would cost the peer its whole connection. */
export const MALFORMED_EVENT = 'malformed';

export function encodePacket(packet: Packet): string | Uint8Array {
  if (packet.type === EVENT && Array.isArray(packet.data)) {
    const [event, ...args] = packet.data as [unknown, ...unknown[]];
    if (event === 'output') return outputFrame(FrameKind.Output, ...(args as [number, number, Uint8Array]));
    if (event === 'history') return outputFrame(FrameKind.History, ...(args as [number, number, Uint8Array]));
    if (event === 'snapshot') return snapshotFrame(...(args as [number, number, number, Uint8Array]));
    if (event === 'input') return inputFrame(...(args as [number, number, Uint8Array]));
  }
  const { type, nsp, data, id } = packet;
  return JSON.stringify({ type, nsp, data, id });
}

/** The packet in one message. What cannot be understood becomes the event `malformed` with a code and a sentence. */
export function decodeMessage(message: string | Uint8Array | undefined): Packet {
  // engine.io hands over an empty message as none.
  const size = message?.length ?? 0;
  if (!message || size === 0) return malformed('input.invalid', 'a message was empty');
  if (size > MAX_MESSAGE_BYTES) {
    return malformed('input.too_large', `a message of ${size} bytes is above the limit of ${MAX_MESSAGE_BYTES}`);
  }
  return typeof message === 'string' ? decodeText(message) : decodeFrame(message);
}

function outputFrame(kind: FrameKind, handle: number, offset: number, bytes: Uint8Array): Uint8Array {
  const { frame, view } = newFrame(kind, handle, 13, bytes);
  view.setFloat64(5, offset);
  return frame;
}

function snapshotFrame(handle: number, offset: number, skippedBytes: number, bytes: Uint8Array): Uint8Array {
  const { frame, view } = newFrame(FrameKind.Snapshot, handle, 21, bytes);
  view.setFloat64(5, offset);
  view.setFloat64(13, skippedBytes);
  return frame;
}

function inputFrame(handle: number, seq: number, bytes: Uint8Array): Uint8Array {
  const { frame, view } = newFrame(FrameKind.Input, handle, 9, bytes);
  view.setUint32(5, seq);
  return frame;
}

function newFrame(kind: FrameKind, handle: number, headBytes: number, bytes: Uint8Array) {
  const frame = new Uint8Array(headBytes + bytes.length);
  const view = new DataView(frame.buffer);
  view.setUint8(0, kind);
  view.setUint32(1, handle);
  frame.set(bytes, headBytes);
  return { frame, view };
}

function decodeFrame(frame: Uint8Array): Packet {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  const kind = frame[0];
  if ((kind === FrameKind.Output || kind === FrameKind.History) && frame.length >= 13) {
    return event(
      kind === FrameKind.Output ? 'output' : 'history',
      view.getUint32(1),
      view.getFloat64(5),
      frame.subarray(13),
    );
  }
  if (kind === FrameKind.Snapshot && frame.length >= 21) {
    return event('snapshot', view.getUint32(1), view.getFloat64(5), view.getFloat64(13), frame.subarray(21));
  }
  if (kind === FrameKind.Input && frame.length >= 9) {
    return event('input', view.getUint32(1), view.getUint32(5), frame.subarray(9));
  }
  return malformed('input.invalid', 'a binary message was not a frame of this protocol');
}

function decodeText(text: string): Packet {
  let packet: unknown;
  try {
    packet = JSON.parse(text);
  } catch {
    return malformed('input.invalid', 'a text message was not JSON');
  }
  return isPacket(packet) ? packet : malformed('input.invalid', 'a text message was not a packet of this protocol');
}

function isPacket(value: unknown): value is Packet {
  if (typeof value !== 'object' || value === null) return false;
  const { type, nsp, data, id } = value as Record<string, unknown>;
  if (nsp !== '/' || (id !== undefined && !Number.isInteger(id))) return false;
  if (type === EVENT) return Array.isArray(data) && typeof data[0] === 'string' && !RESERVED_EVENTS.has(data[0]);
  if (type === ACK) return Array.isArray(data) && id !== undefined;
  return type === 0 || type === 1 || type === 4;
}

function event(...data: unknown[]): Packet {
  return { type: EVENT, nsp: '/', data };
}

function malformed(code: string, message: string): Packet {
  return event(MALFORMED_EVENT, { code, message });
}

/** socket.io's interface of an encoder. */
export class Encoder {
  encode(packet: Packet): [string | Uint8Array] {
    return [encodePacket(packet)];
  }
}

type Listener = (packet: Packet) => void;

/** socket.io's interface of a decoder; it emits nothing but `decoded`. */
export class Decoder {
  #listeners = new Set<Listener>();
  /** socket.io ends a connection whose peer connects to a namespace twice. */
  #isConnected = false;

  add(message: string | Uint8Array | ArrayBuffer | undefined): void {
    const packet = this.#once(decodeMessage(message instanceof ArrayBuffer ? new Uint8Array(message) : message));
    for (const listener of this.#listeners) listener(packet);
  }

  on(_event: 'decoded', listener: Listener): this {
    this.#listeners.add(listener);
    return this;
  }

  off(_event?: 'decoded', listener?: Listener): this {
    if (listener) this.#listeners.delete(listener);
    else this.#listeners.clear();
    return this;
  }

  removeListener(event: 'decoded', listener: Listener): this {
    return this.off(event, listener);
  }

  /** Also before a new connection: a client uses one decoder for all of them. */
  destroy(): void {
    this.#listeners.clear();
    this.#isConnected = false;
  }

  #once(packet: Packet): Packet {
    if (packet.type !== CONNECT) return packet;
    if (this.#isConnected) return malformed('input.invalid', 'this connection is made already');
    this.#isConnected = true;
    return packet;
  }
}
