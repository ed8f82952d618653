/** One attachment: carries a session's output to one client, and the client's input to the session. */
import { AppError, toWire } from '../../protocol/errors.ts';
import { INPUT_FRAME_BYTES } from '../../protocol/limits.ts';
import type { Appearance, Attach, Attached } from '../../protocol/terminal.ts';
import { isUse } from '../../protocol/use.ts';
import type { HoldfastSocket } from '../sockets/socketServer.ts';
import type { AttachState } from '../ptyhost/hostProtocol.ts';
import type { LiveSession } from './liveSession.ts';
import type { Reader, ReaderEvents } from './outputFeed.ts';
import type { DrawnScreen } from './screensClient.ts';
import type { SessionRegistry } from './sessionRegistry.ts';
import type { SizeControl } from './sizeControl.ts';

/** Where a client begins: with bytes that are kept, or with a picture of the screen. */
export type Start = { mode: 'replay'; from: number } | { mode: 'snapshot'; wanted: number | null };

/**
 * @param from what the client wants next: 0 is everything kept, null a snapshot
 * @param isSameIncarnation whether `from` counts the bytes of the present pty
 */
export function startOf(from: number | null, isSameIncarnation: boolean, log: { start: number; end: number }): Start {
  if (from === 0) return { mode: 'replay', from: log.start };
  if (from === null || !isSameIncarnation || from > log.end) return { mode: 'snapshot', wanted: null };
  return from < log.start ? { mode: 'snapshot', wanted: from } : { mode: 'replay', from };
}

export class Viewer {
  #reader: Reader | undefined;
  #isClosed = false;
  readonly attachmentId: string;
  readonly handle: number;
  readonly isReadOnly: boolean;
  /** The client's count of its attempts to attach this. */
  readonly turn: number;
  /** Frames up to it were numbered before this attachment came back. */
  readonly sentSeq: number;

  constructor(
    private readonly socket: HoldfastSocket,
    readonly session: LiveSession,
    private readonly request: Attach,
    private readonly registry: SessionRegistry,
    private readonly sizes: SizeControl,
  ) {
    this.attachmentId = request.attachmentId;
    this.handle = request.handle;
    this.isReadOnly = request.readOnly;
    this.turn = request.turn;
    this.sentSeq = request.sentSeq;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** The answer to `attach`; after it has been sent, `begin` starts the flow. */
  async prepare(): Promise<{ answer: () => Attached; begin: () => void }> {
    const { id: sessionId, incarnation } = this.session;
    const { request, attachmentId } = this;
    const state = await this.registry.host.request<AttachState>({ t: 'attach_state', sessionId, attachmentId });
    if (!this.registry.screens.appearanceOf(sessionId)) this.#useAppearance();
    const isSame = request.incarnation === undefined || request.incarnation === incarnation;
    const start = startOf(request.from, isSame, state);
    const { writtenSeq } = state;
    const answer = (mode: Attached['mode'], from: number) => () => {
      const { cols, rows } = this.session;
      const isInControl = this.sizes.isInControl(this.session, attachmentId);
      return { incarnation, writtenSeq, mode, from, cols, rows, isInControl, end: state.end };
    };
    if (start.mode === 'replay') return { answer: answer('replay', start.from), begin: () => this.#follow(start.from) };
    const snapshot = await this.registry.screens.snapshot(sessionId, request.history);
    return { answer: answer('snapshot', snapshot.offset), begin: () => this.#show(snapshot, start.wanted) };
  }

  ack(offset: number): void {
    this.#reader?.ack(offset);
  }

  /** @throws AppError `attachment.read_only`, `attachment.not_found`, `input.too_large`, `session.not_running` */
  input(seq: number, bytes: Uint8Array): void {
    if (this.isReadOnly) throw new AppError('attachment.read_only', 'this attachment only watches');
    // What was typed for one pty must never reach the next, which has the same session id and knows none of our numbers.
    if (this.#isClosed || this.registry.get(this.session.id) !== this.session) {
      throw new AppError('attachment.not_found', 'this attachment is over');
    }
    if (bytes.length > INPUT_FRAME_BYTES) {
      throw new AppError('input.too_large', `one input frame carries at most ${INPUT_FRAME_BYTES} bytes`);
    }
    if (this.session.state !== 'running') throw new AppError('session.not_running', 'the program has ended');
    const { id: sessionId } = this.session;
    if (seq > this.sentSeq && isUse(bytes)) this.#used();
    this.registry.host.tell({ t: 'input', sessionId, attachmentId: this.attachmentId, seq }, bytes);
  }

  /** Its connection draws differently from now on. */
  appearanceChanged(before: Appearance | undefined): void {
    const current = this.registry.screens.appearanceOf(this.session.id);
    if (!current || current === before) this.#used();
  }

  written(seq: number): void {
    this.socket.emit('written', { handle: this.handle, seq });
  }

  refused(error: AppError): void {
    this.socket.emit('refused', { handle: this.handle, error: toWire(error) });
  }

  resized(offset: number): void {
    const { cols, rows } = this.session;
    const isInControl = this.sizes.isInControl(this.session, this.attachmentId);
    this.socket.emit('resized', { handle: this.handle, cols, rows, offset, isInControl });
  }

  /** Ends the attachment and says why. */
  end(error: AppError): void {
    this.close();
    this.socket.emit('detached', { handle: this.handle, error: toWire(error) });
  }

  close(): void {
    this.#isClosed = true;
    this.#reader?.close();
  }

  /** This client is the one used last. */
  #used(): void {
    this.sizes.used(this.session, this.attachmentId);
    this.#useAppearance();
  }

  #useAppearance(): void {
    this.registry.screens.usedBy(this.session.id, this.socket.data.appearance);
  }

  #follow(from: number): void {
    if (this.#isClosed) return;
    const events: ReaderEvents = {
      onOutput: (bytes, offset) => this.socket.emit('output', this.handle, offset, bytes),
      onExit: (exit, end) => this.socket.emit('exited', { handle: this.handle, exit, end }),
      onPruned: () => void this.#skipAhead(),
    };
    this.#reader = this.session.feed.addReader(from, events, false, this.isReadOnly);
  }

  #show(snapshot: DrawnScreen, wanted: number | null): void {
    if (this.#isClosed) return;
    const skipped = wanted === null ? 0 : Math.max(0, snapshot.offset - wanted);
    const [first, history] = snapshot.pictures;
    this.socket.emit('snapshot', this.handle, snapshot.offset, skipped, first!);
    if (history) this.socket.emit('history', this.handle, snapshot.offset, history);
    this.#follow(snapshot.offset);
  }

  /** The client fell behind what the log keeps: it goes on from a picture, and is told how much it missed. */
  async #skipAhead(): Promise<void> {
    const wanted = this.#reader?.next ?? 0;
    try {
      this.#show(await this.registry.screens.snapshot(this.session.id, this.request.history), wanted);
    } catch (error) {
      this.end(
        error instanceof AppError ? error : new AppError('internal', 'the screen could not be drawn', { cause: error }),
      );
    }
  }
}
