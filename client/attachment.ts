/** One client on one session: resumes by itself at the byte it stopped at, and delivers input once. */
import { AppError, fromWire, type WireError } from '../protocol/errors.ts';
import { ACK_BYTES } from '../protocol/limits.ts';
import { Cols, Rows } from '../protocol/sessions.ts';
import type { Attached, Exit, Reply } from '../protocol/terminal.ts';
import { isUse } from '../protocol/use.ts';
import type { Clock } from './clock.ts';
import { HeldInput } from './heldInput.ts';
import { InputQueue } from './inputQueue.ts';
import { randomId } from './randomId.ts';
import type { ShardSocket } from './shardConnection.ts';
import type { AttachmentState, AttachOptions, KeptInput, Size } from './types.ts';

/** Errors that end an attachment; after any other it attaches again. */
const FINAL = new Set([
  'session.not_found',
  'session.not_running',
  'session.hibernated',
  'attachment.taken',
  'input.invalid',
  'auth.forbidden',
]);
const RETRY_MS = 1_000;
/** So much of what is held is shown. */
const PREVIEW_BYTES = 256;

/** What an attachment needs of the connection to a shard. */
export interface AttachmentLink {
  readonly socket: Pick<ShardSocket, 'emit'>;
  readonly isOnline: boolean;
  readonly status: { readonly shardId: string };
}

export interface AttachmentHost {
  readonly clock: Clock;
  connectionTo(shardId: string): AttachmentLink;
  /** Unique on the connections of this client. */
  newHandle(): number;
  /** The attachment is over: forget it. */
  ended(attachment: ClientAttachment): void;
}

interface Delivery {
  kind: 'output' | 'snapshot' | 'history';
  bytes: Uint8Array;
  offset: number;
  skippedBytes: number;
}

export class ClientAttachment {
  state: AttachmentState = 'attaching';
  incarnation: number;
  handle = 0;
  readonly attachmentId: string;
  #connection: AttachmentLink;
  #queue: InputQueue;
  #held: HeldInput;
  /** The incarnation that the queue's bytes were typed for; 0 while none is known. */
  #typedFor: number;
  #isSendDue = false;
  /** Counts the attempts to attach, over reloads too. */
  #turn: number;
  /** When its person last used it; ms since the epoch. */
  #usedAt: number;
  #view: { visible: boolean; size?: Size };
  /** Whether it decided the size when it was last heard; undefined before the first answer. */
  #isInControl: boolean | undefined;
  /** Offset of the next byte wanted from the server; null before the first answer. */
  #received: number | null;
  #acked = 0;
  #ackedSent = 0;
  #deliveries: Delivery[] = [];
  #isDelivering = false;
  #exit: { exit: Exit; end: number } | undefined;
  #wantedSize: (Size & { settle: ((error?: AppError) => void)[] }) | undefined;
  #cancelRetry: () => void = () => undefined;

  constructor(
    readonly sessionId: string,
    shardId: string,
    private readonly options: AttachOptions,
    private readonly host: AttachmentHost,
  ) {
    const { kept } = options;
    this.attachmentId = kept?.attachmentId ?? randomId();
    this.incarnation = options.incarnation ?? 0;
    this.#queue = new InputQueue(kept);
    this.#held = new HeldInput(kept !== undefined);
    if (kept && kept.waiting.length > 0) this.#held.found(kept.since);
    this.#typedFor = kept?.incarnation ?? this.incarnation;
    this.#turn = kept?.turn ?? 0;
    this.#usedAt = host.clock.now();
    this.#view = { visible: options.visible ?? true, ...(options.size ? { size: options.size } : {}) };
    this.#received = options.from ?? null;
    this.#connection = host.connectionTo(shardId);
    if (this.#connection.isOnline) this.online();
    else this.#setState('offline');
    if (kept) this.#tellInput();
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
    if (this.options.readOnly) throw readOnly();
    if (this.state === 'exited' || this.state === 'ended')
      throw new AppError('session.not_running', 'the program has ended');
    const bytes = typeof data === 'string' ? new TextEncoder().encode(data) : data.slice();
    const now = this.host.clock.now();
    if (this.state !== 'live' || this.#held.isAsking) this.#held.typed(bytes.length, now);
    this.#queue.add(bytes);
    if (isUse(bytes)) this.#usedAt = now;
    this.#sendInputSoon();
    this.#tellInput();
  }

  dropHeld(): number {
    const { droppedBytes, end } = this.#queue.dropWaiting();
    this.#held.settled();
    if (end && this.state === 'live') this.#emitInput(end);
    this.#tellInput();
    return droppedBytes;
  }

  sendHeld(): void {
    if (!this.#held.isAsking) return;
    this.#held.settled();
    this.#usedAt = this.host.clock.now();
    this.#sendInput();
    this.#tellInput();
  }

  keepInput(): KeptInput | null {
    const queue = this.#queue.keep();
    if (!queue || this.state === 'ended' || this.state === 'exited') return null;
    const since = this.#held.since ?? this.host.clock.now();
    return { ...queue, attachmentId: this.attachmentId, turn: this.#turn, incarnation: this.#typedFor, since };
  }

  resize(cols: number, rows: number): Promise<void> {
    const promise = new Promise<void>((resolve, reject) => {
      if (this.options.readOnly) return reject(readOnly());
      const isValid = Cols.safeParse(cols).success && Rows.safeParse(rows).success;
      if (!isValid) return reject(new AppError('input.invalid', `${cols}×${rows} is not a size a terminal can have`));
      const settle = [...(this.#wantedSize?.settle ?? []), (error?: AppError) => (error ? reject(error) : resolve())];
      this.#wantedSize = { cols, rows, settle };
      this.#view = { ...this.#view, size: { cols, rows } };
      this.#usedAt = this.host.clock.now();
      this.#sendSize();
    });
    promise.catch(() => undefined); // a caller who does not care must not crash of it
    return promise;
  }

  setView(view: { visible: boolean; size?: Size }): void {
    this.#view = { ...this.#view, ...view };
    if (this.state === 'live') this.#connection.socket.emit('view', { handle: this.handle, ...view });
  }

  ack(offset: number): void {
    this.#acked = Math.max(this.#acked, offset);
    if (this.state !== 'live' || this.#acked - this.#ackedSent < ACK_BYTES) return;
    this.#ackedSent = this.#acked;
    this.#connection.socket.emit('ack', { handle: this.handle, offset: this.#acked });
  }

  detach(): void {
    this.#sendInput(); // what was written in this turn goes before
    if (this.state === 'live') this.#connection.socket.emit('detach', { handle: this.handle });
    this.#end();
  }

  // What the connection tells, by way of the client.

  online(): void {
    if (this.state === 'ended') return;
    this.#cancelRetry();
    if (this.state !== 'exited') this.#setState('attaching');
    const handle = this.host.newHandle();
    this.handle = handle;
    const { sessionId, attachmentId, incarnation } = this;
    const request = {
      sessionId,
      attachmentId,
      handle,
      from: this.#received,
      ...(incarnation ? { incarnation } : {}),
      ...this.#view,
      ...(this.options.readOnly ? { readOnly: true } : {}),
      usedMsAgo: Math.max(0, Math.round(this.host.clock.now() - this.#usedAt)),
      ...(this.#isInControl === undefined ? {} : { wasInControl: this.#isInControl }),
      turn: ++this.#turn,
      sentSeq: this.#queue.lastSeq,
      ...(this.options.onHistory ? { history: true } : {}),
    };
    this.#connection.socket.emit('attach', request, (reply) => {
      if (this.handle === handle && this.state !== 'ended') this.#onReply(reply);
    });
  }

  offline(): void {
    this.#cancelRetry();
    this.handle = 0;
    if (this.state !== 'ended' && this.state !== 'exited') this.#setState('offline');
  }

  output(offset: number, bytes: Uint8Array): void {
    const expected = this.#received ?? offset;
    if (offset > expected) return this.online(); // a gap: ask again from where we are
    const fresh = bytes.subarray(expected - offset);
    if (fresh.length === 0) return;
    this.#received = expected + fresh.length;
    this.#deliver({ kind: 'output', bytes: fresh, offset: expected, skippedBytes: 0 });
  }

  snapshot(offset: number, skippedBytes: number, bytes: Uint8Array): void {
    this.#received = offset;
    this.#deliver({ kind: 'snapshot', bytes, offset, skippedBytes });
  }

  history(offset: number, bytes: Uint8Array): void {
    this.#deliver({ kind: 'history', bytes, offset, skippedBytes: 0 });
  }

  written(seq: number): void {
    this.#queue.written(seq);
    this.#sendInput();
    this.#tellInput();
  }

  exited(exit: Exit, end: number): void {
    this.#exit = { exit, end };
    this.#tellExit();
  }

  resized(size: Size, isInControl = true): void {
    this.#isInControl = isInControl;
    this.options.onResized?.({ ...size, isInControl });
  }

  /** An input frame was refused. */
  refused(wire: WireError): void {
    if (wire.code === 'session.not_running' || wire.code === 'attachment.read_only') return this.#loseInput();
    this.#onError(fromWire(wire));
  }

  /** The server ended the attachment. One that has heard of the program's end has everything, unless the session was closed. */
  detached(wire: WireError): void {
    if (this.state === 'ended' || (this.state === 'exited' && wire.code !== 'session.not_found')) return;
    this.#onError(fromWire(wire));
  }

  #onReply(reply: Reply<Attached>): void {
    if ('error' in reply) return this.#onError(fromWire(reply.error));
    const { incarnation, mode, from, writtenSeq, cols, rows, isInControl, end = null } = reply.ok;
    this.#meet(incarnation);
    this.options.onAttached?.({ incarnation, end });
    if (mode === 'replay') this.#received = from;
    // What was received before is the business of the caller still; to the server it counts as parsed.
    this.#ackedSent = from;
    if (this.#queue.isForgottenBy(writtenSeq)) this.#tellLost(this.#queue.restart());
    this.#queue.written(writtenSeq);
    if (this.state !== 'exited') this.#setState('live');
    for (const frame of this.#queue.unwritten()) this.#emitInput(frame);
    this.#sendInput();
    this.#tellInput();
    this.resized({ cols, rows }, isInControl);
    if (this.#wantedSize) this.#sendSize();
  }

  /** The pty that answers. Keys typed for one never reach another, and numbers begin anew with each. */
  #meet(incarnation: number): void {
    if (this.#typedFor !== 0 && this.#typedFor !== incarnation) {
      this.#loseInput();
      this.#exit = undefined;
      if (this.state === 'exited') this.#setState('attaching');
    }
    this.incarnation = incarnation;
    this.#typedFor = incarnation;
  }

  #onError(error: AppError): void {
    const owner = error.code === 'session.wrong_shard' ? error.details?.shardId : undefined;
    if (owner) return this.#moveTo(owner);
    if (FINAL.has(error.code)) return this.#end(error);
    this.handle = 0; // what still comes for this one is not for the next
    this.#setState('attaching', error);
    this.#cancelRetry();
    this.#cancelRetry = this.host.clock.after(RETRY_MS, () => this.#connection.isOnline && this.online());
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
      const { kind, bytes, offset } = next;
      this.#deliveries.shift();
      const done = this.#hand(next);
      if (!this.options.manualAck) {
        if (done) await done;
        this.ack(kind === 'output' ? offset + bytes.length : offset);
      }
    }
    this.#isDelivering = false;
    this.#tellExit();
  }

  #hand({ kind, bytes, offset, skippedBytes }: Delivery): void | Promise<void> {
    if (kind === 'snapshot') return this.options.onSnapshot?.(bytes, offset, skippedBytes);
    if (kind === 'history') return this.options.onHistory?.(bytes, offset);
    return this.options.onOutput(bytes, offset);
  }

  #tellExit(): void {
    if (!this.#exit || this.#isDelivering || this.state === 'exited' || this.state === 'ended') return;
    if ((this.#received ?? 0) < this.#exit.end) return;
    this.#loseInput();
    this.#setState('exited');
    this.options.onExit?.(this.#exit.exit);
  }

  /** Everything that is written within one turn goes out together, in as few frames as it needs. */
  #sendInputSoon(): void {
    if (this.#isSendDue) return;
    this.#isSendDue = true;
    queueMicrotask(() => {
      this.#isSendDue = false;
      this.#sendInput();
    });
  }

  #sendInput(): void {
    if (this.state !== 'live' || this.#held.isAsking) return;
    for (let frame = this.#queue.next(); frame; frame = this.#queue.next()) this.#emitInput(frame);
  }

  #emitInput({ seq, bytes }: { seq: number; bytes: Uint8Array }): void {
    this.#connection.socket.emit('input', this.handle, seq, bytes);
  }

  #sendSize(): void {
    const wanted = this.#wantedSize;
    if (!wanted || this.state !== 'live') return;
    const { cols, rows, settle } = wanted;
    this.#sendInput(); // what was typed before is read at the size before
    this.#connection.socket.emit('resize', { handle: this.handle, cols, rows }, (reply) => {
      if (this.#wantedSize === wanted) this.#wantedSize = undefined;
      for (const done of settle) done('error' in reply ? fromWire(reply.error) : undefined);
    });
  }

  #loseInput(): void {
    const lostBytes = this.#queue.reset();
    this.#held.settled();
    this.#tellInput();
    this.#tellLost(lostBytes);
  }

  #tellLost(bytes: number): void {
    if (bytes > 0) this.options.onInputLost?.(bytes);
  }

  #tellInput(): void {
    this.options.onPending?.(this.#queue.pendingBytes);
    const { waitingBytes } = this.#queue;
    const { since, isAsking } = this.#held;
    const text = () => new TextDecoder().decode(this.#queue.peekWaiting(PREVIEW_BYTES));
    const isHeld = waitingBytes > 0 && since !== null;
    this.options.onHeld?.(isHeld ? { bytes: waitingBytes, since, isAsking, text: text() } : null);
  }

  /** @param error undefined when the caller detached */
  #end(error?: AppError): void {
    if (this.state === 'ended') return;
    this.#cancelRetry();
    if (error) this.#loseInput();
    else this.#queue.reset();
    for (const done of this.#wantedSize?.settle ?? [])
      done(error ?? new AppError('attachment.not_found', 'the attachment is over'));
    this.#wantedSize = undefined;
    this.#setState('ended', error);
    this.host.ended(this);
  }

  #setState(state: AttachmentState, error?: AppError): void {
    const wasLive = this.state === 'live';
    this.state = state;
    const now = this.host.clock.now();
    const { waitingBytes } = this.#queue;
    if (wasLive && state !== 'live') this.#held.away(waitingBytes, now);
    else if (!wasLive && state === 'live' && !this.options.onHeld) this.#held.settled();
    else if (!wasLive && state === 'live') this.#held.back(waitingBytes, now);
    this.options.onState?.(state, error);
  }
}

function readOnly(): AppError {
  return new AppError('attachment.read_only', 'this attachment only watches');
}
