/** The public shapes of the client library (the contract that outside tools rely on). */
import type { z } from 'zod';
import type { Endpoint } from '../protocol/endpoint.ts';
import type { SeenSignals, SessionSignal } from '../protocol/attention.ts';
import type { AppError } from '../protocol/errors.ts';
import type { Session } from '../protocol/sessions.ts';
import type { Appearance, ChangedSubject, Exit, HostState, Look } from '../protocol/terminal.ts';
import type { SessionFiles } from './files.ts';
import type { Headers } from './headers.ts';
import type { KeptQueue } from './inputQueue.ts';

export type { SessionFiles } from './files.ts';
export type { Headers } from './headers.ts';

export interface HoldfastOptions {
  /** Origin of the frontend, e.g. `http://localhost:8000`. */
  url: string;
  /** Sent with every request and every websocket upgrade (Node only: a browser sends its cookies). */
  headers?: Headers | (() => Promise<Headers>);
  /** The shard to use for new sessions before anyone was asked: a stored assignment's. */
  shard?: { id: string; url: string };
  /** Called whenever the state of a shard's connection changes. */
  onConnection?: (connection: ConnectionStatus) => void;
  /** A list of the person's, or what they have set, changed on the server: fetch it again. */
  onChanged?: (subject: ChangedSubject) => void;
}

/** The connection to one shard, told truthfully. */
export interface ConnectionStatus {
  shardId: string;
  state: 'connecting' | 'online' | 'offline' | 'signed_out';
  transport: 'websocket' | 'polling' | null;
  /** Last measured round trip to the shard, in ms. */
  rttMs: number | null;
  /** When the last message came, as Date.now(). */
  lastMessageAt: number | null;
  /** When the next try begins, as Date.now(); only while offline. */
  nextTryAt: number | null;
  /** Since when there is no connection, as Date.now(); only while not online. */
  offlineSince: number | null;
  /** The shard takes no new people; sessions there go on. */
  isDraining: boolean;
  error: AppError | null;
  /** The process that owns the shard's terminals, as the shard tells while we are online: `blocked` does not answer, `gone` died. */
  host: HostState;
}

export type AttachmentState =
  | 'attaching'
  /** Output flows. */
  | 'live'
  /** No connection; it will resume by itself. */
  | 'offline'
  | 'exited'
  /** Over: detached by us, taken by another client with the same attachment id, or refused. */
  | 'ended';

export interface AttachOptions {
  /** Next wanted byte: 0 for everything kept, absent for a snapshot and the tail. */
  from?: number;
  /** The incarnation `from` belongs to. */
  incarnation?: number;
  /** `offset` is that of the first byte. With automatic acknowledgement a returned promise is waited for. */
  onOutput: (bytes: Uint8Array, offset: number) => void | Promise<void>;
  /** A whole screen that stands for everything before `offset`; without this handler it is left out. */
  onSnapshot?: (bytes: Uint8Array, offset: number, skippedBytes: number) => void | Promise<void>;
  /**
   * With this handler a snapshot is the screen alone, which is there at once, and this follows directly: a picture of the
   * screen and the lines above it for the same `offset`, to be written in the snapshot's stead.
   */
  onHistory?: (bytes: Uint8Array, offset: number) => void | Promise<void>;
  /** Before the first byte of each attach: output below `end` was printed earlier. Null from a server that does not say. */
  onAttached?: (at: { incarnation: number; end: number | null }) => void;
  onExit?: (exit: Exit) => void;
  onState?: (state: AttachmentState, error?: AppError) => void;
  /** The pty's size, on attaching and when it changed, and whether it follows this client. */
  onResized?: (size: Size & { isInControl: boolean }) => void;
  /** Input that waits: typed while disconnected, or sent and not yet written. 0 when all was written. */
  onPending?: (pendingBytes: number) => void;
  /**
   * Typing that waits without a connection, or for an answer; null when there is none. What is older than 10 s when the
   * connection is back waits (`isAsking`) for `sendHeld` or `dropHeld`. A caller without this handler has nobody to ask:
   * its input is sent.
   */
  onHeld?: (held: Held | null) => void;
  /**
   * So many bytes of input are not known to have been written, and never will be sent again: the program they were typed
   * for has ended, or the pty host has forgotten this client.
   */
  onInputLost?: (bytes: number) => void;
  /** The size of the window. A caller that gives none has no say on the pty's size until it calls `resize`. */
  size?: Size;
  /** Whether a person can see it; only such a client decides the size. True by default. */
  visible?: boolean;
  /** Watches: `write` and `resize` are refused with `attachment.read_only`. It slows nobody, and may be skipped ahead. */
  readOnly?: boolean;
  /** Input of an earlier page, from `keepInput`: it goes on as if nothing had been between. Never give it to two. */
  kept?: KeptInput;
  /** The caller acknowledges parsed bytes itself with `ack`. */
  manualAck?: boolean;
}

export interface Size {
  cols: number;
  rows: number;
}

export interface Held {
  bytes: number;
  /** When the oldest of it was typed, as Date.now(). */
  since: number;
  /** The connection is there: `sendHeld` or `dropHeld` decides. */
  isAsking: boolean;
  /** The beginning of it, as typed: control characters and all. */
  text: string;
}

/** What an attachment still had to deliver when its page ended. */
export interface KeptInput extends KeptQueue {
  attachmentId: string;
  /** How often it attached. */
  turn: number;
  /** The incarnation it was typed for; 0 when it was not known yet. */
  incarnation: number;
  /** When the oldest of what was never sent was typed, as Date.now(). */
  since: number;
}

export interface Attachment {
  readonly sessionId: string;
  readonly state: AttachmentState;
  readonly incarnation: number;
  /** Offset of the next byte `onOutput` will be given. */
  readonly offset: number;
  readonly pendingBytes: number;
  /**
   * Writes input, once and in order, whatever the network does.
   * @throws AppError `input.held_full` when more than HELD_INPUT_BYTES were typed while disconnected; nothing of `data` is taken then
   */
  write(data: string | Uint8Array): void;
  /** Drops what was never sent: typing that is held, the rest of a paste. Returns how many bytes. */
  dropHeld(): number;
  /** The answer to `onHeld` with `isAsking`. */
  sendHeld(): void;
  /** What a reload must not lose: for the next page's `kept`. Null when everything was written. Do not write afterwards. */
  keepInput(): KeptInput | null;
  /**
   * An act of a person: takes over, unless this client is not visible; then the size counts from when it is. Resolves when
   * the pty has the size; rejects with `input.invalid` or `attachment.read_only`, without harm to a caller who ignores it.
   * Where others look at the session too, the pty is made no smaller than 20×5.
   */
  resize(cols: number, rows: number): Promise<void>;
  /** What a person sees of it changed by itself: a tab was hidden, a bar came. Takes nothing over. */
  setView(view: { visible: boolean; size?: Size }): void;
  /** Everything below `offset` was parsed; only with `manualAck`. */
  ack(offset: number): void;
  detach(): void;
}

export interface OpenSession {
  projectId?: string;
  command?: string[];
  cwd?: string;
  name?: string;
  cols: number;
  rows: number;
}

export interface Sessions {
  open(options: OpenSession): Promise<Session>;
  list(): Promise<Session[]>;
  get(id: string): Promise<Session>;
  rename(id: string, name: string): Promise<Session>;
  /** Finds the owner, attaches, and resolves when output flows; rejects with `session.not_found` and the like. */
  attach(id: string, options: AttachOptions): Promise<Attachment>;
  /** The same for a caller who knows the owner: returns at once, also offline, and attaches as soon as it can. */
  attachTo(session: { id: string; shardId: string }, options: AttachOptions): Attachment;
  /**
   * Stores what it needs to go on, ends everything in it, and keeps it to be woken. Whoever is attached is told
   * `session.hibernated`. Rejects with `state.incomplete`, `state.unavailable` or `screen.unavailable`, and the session goes on,
   * when not all could be stored; unless `evenIfNotStored`.
   */
  putAway(id: string, options?: PutAwayOptions): Promise<Session>;
  /**
   * What the session has printed until now and is still kept, as an asciicast (v2), also of one that has ended. It comes as it is
   * read; the stream fails when it breaks off. Rejects with `session.not_found`, `recording.not_kept` and the like.
   */
  recording(id: string, signal?: AbortSignal): Promise<ReadableStream<Uint8Array>>;
  close(id: string): Promise<void>;
  /** Its workspace: lists, uploads, downloads, and what git says was changed. Who knows the owner spares a question. */
  files(session: string | { id: string; shardId: string }): Promise<SessionFiles>;
}

export interface PutAwayOptions {
  /** The one that is meant; without it the present one. */
  incarnation?: number;
  evenIfNotStored?: boolean;
  /** Rejects with `session.busy` while something runs in it beside a shell or an agent that waits. */
  onlyIfIdle?: boolean;
}

export interface SignalListener {
  /** A program tells the person something. `isLate`: before this client was connected, or while it was not. */
  signal(signal: SessionSignal, isLate: boolean): void;
  /** Everything up to there was looked at in another window, or taken back by the program. */
  seen(seen: SeenSignals): void;
}

export interface Signals {
  /** Of all the person's sessions, attached or not. The newest of each that nobody has looked at comes first, as late. */
  listen(listener: SignalListener): void;
  /** What the person looks at here, if they do: its signals are told to nobody, and no device is called while there is life. */
  look(look: Look): void;
}

export interface Holdfast {
  signals: Signals;
  sessions: Sessions;
  /** Any endpoint of protocol/; throws AppError. */
  call<Input extends z.ZodType, Output extends z.ZodType>(
    endpoint: Endpoint<Input, Output>,
    input: z.input<Input>,
  ): Promise<z.output<Output>>;
  connections(): ConnectionStatus[];
  /** How this client draws, told to every shard: the answer to programs that ask for colours and sizes in pixels. */
  setAppearance(appearance: Appearance): void;
  /**
   * Connects to the shard of a new assignment, and ends connections that nothing here is attached by. Does nothing where there is
   * a connection to it already.
   */
  connect(shard: { id: string; url: string }): void;
  /** Do not wait for the next retry. */
  tryNow(): void;
  /**
   * Something happened that may have ended the connections unseen: a sleep, another network, a page that was put away.
   * Those that are there prove themselves within 2 s or are made anew; the others are tried at once.
   */
  wake(): void;
  /** Detaches everything and closes all connections. Sessions go on. */
  close(): void;
}
