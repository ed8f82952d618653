/** The public shapes of the client library (the contract that outside tools rely on). */
import type { z } from 'zod';
import type { Endpoint } from '../protocol/endpoint.ts';
import type { AppError } from '../protocol/errors.ts';
import type { Session } from '../protocol/sessions.ts';
import type { Exit } from '../protocol/terminal.ts';

export type Headers = Record<string, string>;

export interface HoldfastOptions {
  /** Origin of the frontend, e.g. `http://localhost:8000`. */
  url: string;
  /** Sent with every request and every websocket upgrade (Node only: a browser sends its cookies). */
  headers?: Headers | (() => Promise<Headers>);
  /** The shard to use for new sessions before anyone was asked: a stored assignment's. */
  shard?: { id: string; url: string };
  /** Called whenever the state of a shard's connection changes. */
  onConnection?: (connection: ConnectionStatus) => void;
  /** A list changed on the server: fetch it again. */
  onChanged?: (subject: 'sessions' | 'projects') => void;
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
  error: AppError | null;
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
  onExit?: (exit: Exit) => void;
  onState?: (state: AttachmentState, error?: AppError) => void;
  onResized?: (size: { cols: number; rows: number }) => void;
  /** Input that waits: typed while disconnected, or sent and not yet written. 0 when all was written. */
  onPending?: (pendingBytes: number) => void;
  /** The caller acknowledges parsed bytes itself with `ack`. */
  manualAck?: boolean;
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
  /** Drops what was typed while disconnected and never sent; returns how many bytes. */
  dropHeld(): number;
  /** Resolves when the pty has the size; rejects with `input.invalid`, without harm to a caller who ignores it. */
  resize(cols: number, rows: number): Promise<void>;
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
  close(id: string): Promise<void>;
}

export interface Holdfast {
  sessions: Sessions;
  /** Any endpoint of protocol/; throws AppError. */
  call<Input extends z.ZodType, Output extends z.ZodType>(
    endpoint: Endpoint<Input, Output>,
    input: z.input<Input>,
  ): Promise<z.output<Output>>;
  connections(): ConnectionStatus[];
  /** Do not wait for the next retry. */
  tryNow(): void;
  /** Detaches everything and closes all connections. Sessions go on. */
  close(): void;
}
