/** Terminal traffic of one shard: the events of protocol/terminal.ts, validated, authorized and passed to viewers. */
import type { z } from 'zod';
import { AppError, toWire } from '../../protocol/errors.ts';
import { Ack, Appearance, Attach, Detach, Resize, View, type Attached, type Reply } from '../../protocol/terminal.ts';
import { MALFORMED_EVENT } from '../../protocol/wire.ts';
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import { parse } from '../http/serve.ts';
import type { HoldfastSocket } from '../sockets/socketServer.ts';
import { mayUse } from './access.ts';
import type { LiveSession } from './liveSession.ts';
import type { SessionRegistry } from './sessionRegistry.ts';
import type { SessionService } from './sessionService.ts';
import { SizeControl } from './sizeControl.ts';
import { Viewer } from './viewer.ts';

/** Attachments of one connection; a window has a tab for each. */
const MAX_ATTACHMENTS = 128;

type Handles = Map<number, Viewer>;

export class SessionSockets {
  /** Every viewer of this shard by session and attachment id, to pass acknowledgements back. */
  #viewers = new Map<string, Viewer>();
  readonly #sizes: SizeControl;
  /** The viewer that was last asked for, also while it is being prepared: of several with one attachment id it alone stays. */
  #latest = new Map<string, Viewer>();
  /** The last viewer of a session has gone. */
  onUnwatched: (session: LiveSession) => void = () => undefined;

  constructor(
    private readonly registry: SessionRegistry,
    private readonly service: SessionService,
    private readonly translate: (error: unknown) => unknown,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {
    this.#sizes = new SizeControl(
      {
        resize: (session, { cols, rows }) => registry.resize(session, cols, rows),
        controlChanged: (session) => this.resized(session, session.feed.end),
      },
      clock,
    );
  }

  connect(socket: HoldfastSocket): void {
    const handles: Handles = new Map();
    const on = <Schema extends z.ZodType>(event: string, schema: Schema, run: (input: z.output<Schema>) => unknown) => {
      const listener = (raw: unknown, reply?: unknown) =>
        void this.#answer(socket, reply, () => run(parse(schema, raw)));
      (socket as { on(event: string, listener: unknown): void }).on(event, listener);
    };
    socket.on('attach', (raw, reply) => void this.#attach(socket, handles, raw, reply));
    on('detach', Detach, ({ handle }) => this.#detach(handles, handle, true));
    on('resize', Resize, ({ handle, cols, rows }) => this.#resize(viewerOf(handles, handle), { cols, rows }));
    on('view', View, ({ handle, visible, size }) => {
      const viewer = viewerOf(handles, handle);
      this.#sizes.viewed(viewer.session, viewer.attachmentId, { visible, size });
    });
    on('appearance', Appearance, (appearance) => {
      const before = socket.data.appearance;
      socket.data.appearance = appearance;
      for (const viewer of handles.values()) viewer.appearanceChanged(before);
    });
    on('ack', Ack, ({ handle, offset }) => handles.get(handle)?.ack(offset));
    socket.on('input', (handle, seq, bytes) => this.#input(socket, handles, handle, seq, bytes));
    (socket as { on(event: string, listener: unknown): void }).on(
      MALFORMED_EVENT,
      (error: { code: string; message: string }) => socket.emit('refused', { error }),
    );
    socket.on('disconnect', () => {
      for (const handle of [...handles.keys()]) this.#detach(handles, handle, false);
    });
  }

  written(sessionId: string, attachmentId: string, seq: number): void {
    this.#viewers.get(keyOf({ session: { id: sessionId }, attachmentId }))?.written(seq);
  }

  inputRefused(sessionId: string, attachmentId: string, error: AppError): void {
    this.#viewers.get(keyOf({ session: { id: sessionId }, attachmentId }))?.refused(error);
  }

  resized(session: LiveSession, offset: number): void {
    for (const viewer of this.#viewers.values()) if (viewer.session === session) viewer.resized(offset);
  }

  /** The session is gone: everyone on it is told. */
  ended(session: LiveSession, error: AppError): void {
    for (const viewer of [...this.#viewers.values()]) {
      if (viewer.session !== session) continue;
      this.#forget(viewer);
      viewer.end(error);
    }
  }

  async #attach(socket: HoldfastSocket, handles: Handles, raw: unknown, reply: unknown): Promise<void> {
    let begin: (() => void) | undefined;
    await this.#answer(socket, reply, async () => {
      const request = parse(Attach, raw);
      const { sessionId, handle } = request;
      const { caller } = socket.data;
      const session = this.registry.get(sessionId);
      if (!session) throw await this.service.whyNotHere(caller, sessionId);
      if (!mayUse(caller, session)) throw new AppError('session.not_found', 'there is no such session');
      for (const [old, { isClosed }] of handles) if (isClosed) handles.delete(old);
      if (handles.size >= MAX_ATTACHMENTS)
        throw new AppError('input.invalid', 'too many attachments on one connection');
      this.#detach(handles, handle, false);
      const viewer = new Viewer(socket, session, request, this.registry, this.#sizes);
      this.#ask(viewer);
      try {
        const prepared = await viewer.prepare();
        if (!socket.connected) return viewer.close();
        this.#enter(handles, viewer);
        this.#arrive(viewer, request);
        ({ begin } = prepared);
        return prepared.answer() satisfies Attached;
      } finally {
        if (this.#viewers.get(keyOf(viewer)) !== viewer) this.#forget(viewer);
      }
    });
    begin?.(); // the answer is on its way: output may follow it
  }

  /**
   * Of two connections with one attachment id the newest wins: the other is dead and does not know it yet. What it sent may
   * arrive after what the new one sent, so the client's own count decides, and the order of arrival only where it is equal.
   */
  #ask(viewer: Viewer): void {
    const key = keyOf(viewer);
    const latest = this.#latest.get(key);
    if (latest && viewer.turn < latest.turn) throw taken();
    this.#latest.set(key, viewer);
  }

  #enter(handles: Handles, viewer: Viewer): void {
    const key = keyOf(viewer);
    if (this.#latest.get(key) !== viewer) throw taken();
    this.#viewers.get(key)?.end(taken());
    this.#viewers.set(key, viewer);
    handles.set(viewer.handle, viewer);
  }

  #forget(viewer: Viewer): void {
    const key = keyOf(viewer);
    if (this.#latest.get(key) === viewer) this.#latest.delete(key);
    if (this.#viewers.get(key) === viewer) this.#viewers.delete(key);
  }

  #arrive(viewer: Viewer, { size, visible, readOnly, usedMsAgo, wasInControl }: Attach): void {
    this.#sizes.enter(viewer.session, {
      attachmentId: viewer.attachmentId,
      size: size ?? null,
      isVisible: visible,
      isReadOnly: readOnly,
      usedAt: this.clock.now() - usedMsAgo,
      wasInControl,
    });
  }

  /** @param isOver its person detached it; otherwise its connection broke, and it may come back */
  #detach(handles: Handles, handle: number, isOver: boolean): void {
    const viewer = handles.get(handle);
    if (!viewer) return;
    handles.delete(handle);
    viewer.close();
    if (this.#viewers.get(keyOf(viewer)) !== viewer) return;
    this.#forget(viewer);
    const { session } = viewer;
    if (![...this.#viewers.values()].some((other) => other.session === session)) this.onUnwatched(session);
    if (isOver) this.#sizes.leave(viewer.session, viewer.attachmentId);
    else this.#sizes.lost(viewer.session, viewer.attachmentId);
  }

  async #resize(viewer: Viewer, size: { cols: number; rows: number }): Promise<Record<string, never>> {
    if (viewer.isReadOnly) throw new AppError('attachment.read_only', 'this attachment only watches');
    await this.#sizes.resized(viewer.session, viewer.attachmentId, size);
    return {};
  }

  #input(socket: HoldfastSocket, handles: Handles, handle: unknown, seq: unknown, bytes: unknown): void {
    const isFrame = typeof handle === 'number' && typeof seq === 'number' && seq > 0 && bytes instanceof Uint8Array;
    void this.#answer(
      socket,
      undefined,
      () => {
        if (!isFrame) throw new AppError('input.invalid', 'input travels as a binary frame');
        viewerOf(handles, handle).input(seq, bytes);
      },
      isFrame ? handle : undefined,
    );
  }

  /** Runs one request and replies; what has no reply is told as `refused`. */
  async #answer(socket: HoldfastSocket, reply: unknown, run: () => unknown, handle?: number): Promise<void> {
    try {
      const ok = await run();
      if (typeof reply === 'function') (reply as (answer: Reply<unknown>) => void)({ ok });
    } catch (thrown) {
      const error = this.translate(thrown);
      const wire = toWire(error, socket.id);
      if (!(error instanceof AppError))
        this.log.error({ err: thrown, correlationId: socket.id }, 'a socket request failed');
      if (typeof reply === 'function') (reply as (answer: Reply<unknown>) => void)({ error: wire });
      else socket.emit('refused', { ...(handle === undefined ? {} : { handle }), error: wire });
    }
  }
}

function viewerOf(handles: Handles, handle: number): Viewer {
  const viewer = handles.get(handle);
  if (!viewer || viewer.isClosed)
    throw new AppError('attachment.not_found', 'there is no such attachment on this connection');
  return viewer;
}

function taken(): AppError {
  return new AppError('attachment.taken', 'this attachment was taken up from elsewhere');
}

function keyOf({ session, attachmentId }: { session: { id: string }; attachmentId: string }): string {
  return `${session.id}/${attachmentId}`;
}
