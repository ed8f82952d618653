/** One client on one session: resumes by itself at the byte it stopped at, and delivers input once. */
import { AppError, fromWire, type WireError } from '../protocol/errors.ts';
import { ACK_BYTES } from '../protocol/limits.ts';
import { Cols, Rows } from '../protocol/sessions.ts';
import type { Attached, Exit, Reply } from '../protocol/terminal.ts';
import { InputQueue } from './inputQueue.ts';
import type { ShardConnection } from './shardConnection.ts';
import type { AttachmentState, AttachOptions } from './types.ts';

/** Errors that end an attachment; after any other it attaches again. */
const FINAL = new Set([
  'session.not_found',
  'session.not_running',
  'attachment.taken',
  'input.invalid',
  'auth.forbidden',
]);
const RETRY_MS = 1_000;

export interface AttachmentHost {
  connectionTo(shardId: string): ShardConnection;
  /** Unique on the connections of this client. */
  newHandle(): number;
  /** The attachment is over: forget it. */
  ended(attachment: ClientAttachment): void;
}

interface Delivery {
  bytes: Uint8Array;
  offset: number;
  /** Set for a snapshot. */
  skippedBytes?: number;
}

export class ClientAttachment {
  state: AttachmentState = 'attaching';
  incarnation: number;
  handle = 0;
  readonly attachmentId: string;
  #connection: ShardConnection;
  #queue = new InputQueue();
  /** Offset of the next byte wanted from the server; null before the first answer. */
  #received: number | null;
  #acked = 0;
  #ackedSent = 0;
  #deliveries: Delivery[] = [];
  #isDelivering = false;
  #exit: { exit: Exit; end: number } | undefined;
  #wantedSize: { cols: number; rows: number; settle: ((error?: AppError) => void)[] } | undefined;
  #retryTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    readonly sessionId: string,
    shardId: string,
    private readonly options: AttachOptions,
    private readonly host: AttachmentHost,
  ) {
    this.attachmentId = randomId();
    this.incarnation = options.incarnation ?? 0;
    this.#received = options.from ?? null;
    this.#connection = host.connectionTo(shardId);
    if (this.#connection.isOnline) this.online();
    else this.#setState('offline');
  }

  get offset(): number {
    return this.#deliveries[0]?.offset ?? this.#received ?? 0;
  }

  get pendingBytes(): number {
    return this.#queue.pendingBytes;
  }

  get shardId(): string {
    return this.#connection.status.shardId;
  }

  write(data: string | Uint8Array): void {
    if (this.state === 'exited' || this.state === 'ended')
      throw new AppError('session.not_running', 'the program has ended');
    this.#queue.add(typeof data === 'string' ? new TextEncoder().encode(data) : data.slice(), this.state !== 'live');
    this.#sendInput();
    this.#tellPending();
  }

  dropHeld(): number {
    const dropped = this.#queue.dropWaiting();
    this.#tellPending();
    return dropped;
  }

  resize(cols: number, rows: number): Promise<void> {
    const promise = new Promise<void>((resolve, reject) => {
      const isValid = Cols.safeParse(cols).success && Rows.safeParse(rows).success;
      if (!isValid) return reject(new AppError('input.invalid', `${cols}×${rows} is not a size a terminal can have`));
      const settle = [...(this.#wantedSize?.settle ?? []), (error?: AppError) => (error ? reject(error) : resolve())];
      this.#wantedSize = { cols, rows, settle };
      this.#sendSize();
    });
    promise.catch(() => undefined); // a caller who does not care must not crash of it
    return promise;
  }

  ack(offset: number): void {
    this.#acked = Math.max(this.#acked, offset);
    if (this.state !== 'live' || this.#acked - this.#ackedSent < ACK_BYTES) return;
    this.#ackedSent = this.#acked;
    this.#connection.socket.emit('ack', { handle: this.handle, offset: this.#acked });
  }

  detach(): void {
    if (this.state === 'live') this.#connection.socket.emit('detach', { handle: this.handle });
    this.#end();
  }

  // What the connection tells, by way of the client.

  online(): void {
    if (this.state === 'ended') return;
    clearTimeout(this.#retryTimer);
    if (this.state !== 'exited') this.#setState('attaching');
    const handle = this.host.newHandle();
    this.handle = handle;
    const { sessionId, attachmentId, incarnation } = this;
    const request = { sessionId, attachmentId, handle, from: this.#received, ...(incarnation ? { incarnation } : {}) };
    this.#connection.socket.emit('attach', request, (reply) => {
      if (this.handle === handle && this.state !== 'ended') this.#onReply(reply);
    });
  }

  offline(): void {
    clearTimeout(this.#retryTimer);
    this.handle = 0;
    if (this.state !== 'ended' && this.state !== 'exited') this.#setState('offline');
  }

  output(offset: number, bytes: Uint8Array): void {
    const expected = this.#received ?? offset;
    if (offset > expected) return this.online(); // a gap: ask again from where we are
    const fresh = bytes.subarray(expected - offset);
    if (fresh.length === 0) return;
    this.#received = expected + fresh.length;
    this.#deliver({ bytes: fresh, offset: expected });
  }

  snapshot(offset: number, skippedBytes: number, bytes: Uint8Array): void {
    this.#received = offset;
    this.#deliver({ bytes, offset, skippedBytes });
  }

  written(seq: number): void {
    this.#queue.written(seq);
    this.#sendInput();
    this.#tellPending();
  }

  exited(exit: Exit, end: number): void {
    this.#exit = { exit, end };
    this.#tellExit();
  }

  resized(cols: number, rows: number): void {
    this.options.onResized?.({ cols, rows });
  }

  /** An input frame was refused, or the attachment ended on the server. */
  refused(wire: WireError): void {
    if (wire.code === 'session.not_running') return this.#queue.clear();
    this.#onError(fromWire(wire));
  }

  #onReply(reply: Reply<Attached>): void {
    if ('error' in reply) return this.#onError(fromWire(reply.error));
    const { incarnation, mode, from, writtenSeq, cols, rows } = reply.ok;
    this.incarnation = incarnation;
    if (mode === 'replay') this.#received = from;
    // What was received before is the business of the caller still; to the server it counts as parsed.
    this.#ackedSent = from;
    this.#queue.written(writtenSeq);
    if (this.state !== 'exited') this.#setState('live');
    for (const frame of this.#queue.unwritten())
      this.#connection.socket.emit('input', this.handle, frame.seq, frame.bytes);
    this.#sendInput();
    this.#tellPending();
    if (this.#wantedSize) this.#sendSize();
    else this.options.onResized?.({ cols, rows });
  }

  #onError(error: AppError): void {
    const owner = error.code === 'session.wrong_shard' ? error.details?.shardId : undefined;
    if (owner) return this.#moveTo(owner);
    if (FINAL.has(error.code)) return this.#end(error);
    this.#setState('attaching', error);
    clearTimeout(this.#retryTimer);
    this.#retryTimer = setTimeout(() => this.#connection.isOnline && this.online(), RETRY_MS);
  }

  #moveTo(shardId: string): void {
    this.#connection = this.host.connectionTo(shardId);
    if (this.#connection.isOnline) this.online();
    else this.#setState('offline');
  }

  #deliver(delivery: Delivery): void {
    this.#deliveries.push(delivery);
    if (!this.#isDelivering) void this.#drain();
  }

  /** In order, one after the other; with automatic acknowledgement the caller's promise is waited for. */
  async #drain(): Promise<void> {
    this.#isDelivering = true;
    for (let next = this.#deliveries[0]; next && this.state !== 'ended'; next = this.#deliveries[0]) {
      const { bytes, offset, skippedBytes } = next;
      const isSnapshot = skippedBytes !== undefined;
      this.#deliveries.shift();
      const done = isSnapshot
        ? this.options.onSnapshot?.(bytes, offset, skippedBytes)
        : this.options.onOutput(bytes, offset);
      if (!this.options.manualAck) {
        if (done) await done;
        this.ack(isSnapshot ? offset : offset + bytes.length);
      }
    }
    this.#isDelivering = false;
    this.#tellExit();
  }

  #tellExit(): void {
    if (!this.#exit || this.#isDelivering || this.state === 'exited' || this.state === 'ended') return;
    if ((this.#received ?? 0) < this.#exit.end) return;
    this.#queue.clear();
    this.#tellPending();
    this.#setState('exited');
    this.options.onExit?.(this.#exit.exit);
  }

  #sendInput(): void {
    if (this.state !== 'live') return;
    for (let frame = this.#queue.next(); frame; frame = this.#queue.next()) {
      this.#connection.socket.emit('input', this.handle, frame.seq, frame.bytes);
    }
  }

  #sendSize(): void {
    const wanted = this.#wantedSize;
    if (!wanted || this.state !== 'live') return;
    const { cols, rows, settle } = wanted;
    this.#connection.socket.emit('resize', { handle: this.handle, cols, rows }, (reply) => {
      if (this.#wantedSize === wanted) this.#wantedSize = undefined;
      for (const done of settle) done('error' in reply ? fromWire(reply.error) : undefined);
    });
  }

  #tellPending(): void {
    this.options.onPending?.(this.#queue.pendingBytes);
  }

  #end(error?: AppError): void {
    if (this.state === 'ended') return;
    clearTimeout(this.#retryTimer);
    this.#queue.clear();
    for (const done of this.#wantedSize?.settle ?? [])
      done(error ?? new AppError('attachment.not_found', 'the attachment is over'));
    this.#wantedSize = undefined;
    this.#setState('ended', error);
    this.host.ended(this);
  }

  #setState(state: AttachmentState, error?: AppError): void {
    this.state = state;
    this.options.onState?.(state, error);
  }
}

/** A new name for each attachment: the pty host remembers by it what was written. */
function randomId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
