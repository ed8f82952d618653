/** The events of one attachment on the socket. Output, snapshot and input travel as binary frames (wire.ts); the rest is JSON. */
import { z } from 'zod';
import type { SeenSignals, SessionSignal } from './attention.ts';
import type { WireError } from './errors.ts';
import { Cols, Rows, SessionId } from './sessions.ts';

/** Names one client of a session for as long as it has something to send; the pty host remembers what it wrote for it. */
export const AttachmentId = z
  .string()
  .min(8)
  .max(64)
  .regex(/^[A-Za-z0-9_-]+$/);

const Offset = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);

export const Attach = z.object({
  sessionId: SessionId,
  attachmentId: AttachmentId,
  /** Chosen by the client, unique on its connection; every later frame of this attachment carries it. */
  handle: z.number().int().min(1).max(0xffffffff),
  /** The offset the client wants next: 0 for everything kept, null for a snapshot and the tail. */
  from: Offset.nullable(),
  /** The incarnation `from` belongs to; another one is answered with a snapshot of the present one. */
  incarnation: z.number().int().min(1).optional(),
  /** The size of the window; absent for a program, which has no wish until it resizes. */
  size: z.object({ cols: Cols, rows: Rows }).optional(),
  /** Whether a person can see it: only such a client decides the size of the pty. */
  visible: z.boolean().default(true),
  /** Watches: its input and sizes are refused, and it slows nobody. */
  readOnly: z.boolean().default(false),
  /** How long ago its person last used it: opened it, typed, resized, took over. */
  usedMsAgo: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER).default(0),
  /** Only when this attachment comes back: whether it decided the size when it was last heard. */
  wasInControl: z.boolean().optional(),
  /** Counts how often this attachment was asked for, over all its connections: the highest is the one that lives. */
  turn: z.number().int().min(0).max(0xffffffff).default(0),
  /** The last input frame numbered so far: those up to it are sent again, and are no new use. */
  sentSeq: z.number().int().min(0).max(0xffffffff).default(0),
  /** A snapshot is to be the screen alone, and a `history` with the lines above it to follow. */
  history: z.boolean().optional(),
});
export type Attach = z.infer<typeof Attach>;

export const Attached = z.object({
  incarnation: z.number().int(),
  /** `replay`: bytes follow from `from`; `snapshot`: a snapshot frame comes first. */
  mode: z.enum(['replay', 'snapshot']),
  from: Offset,
  /** The last input frame of this attachment that was written to the pty; 0 when none was. */
  writtenSeq: z.number().int(),
  cols: z.number().int(),
  rows: z.number().int(),
  /** Whether the pty follows this client's size; absent from a release that let everyone set it. */
  isInControl: z.boolean().optional(),
  /** Where the output ended: what comes from there on is new. Absent from a release that did not say. */
  end: Offset.optional(),
});
export type Attached = z.infer<typeof Attached>;

export const Detach = z.object({ handle: z.number().int() });
/** An act of a person: whoever resizes, takes over. */
export const Resize = z.object({ handle: z.number().int(), cols: Cols, rows: Rows });
export type Resize = z.infer<typeof Resize>;
/** What a person sees of the terminal changed without their doing anything to it: takes nothing over. */
export const View = z.object({
  handle: z.number().int(),
  visible: z.boolean(),
  size: z.object({ cols: Cols, rows: Rows }).optional(),
});
export type View = z.infer<typeof View>;
/** Everything below `offset` has been parsed. */
export const Ack = z.object({ handle: z.number().int(), offset: Offset });
export type Ack = z.infer<typeof Ack>;

/** What the person has before them in this window, and whether they are there at all; told whenever it is another. */
export const Look = z.object({
  /** Whose keys these are. Null: no session, or nobody looks. */
  sessionId: SessionId.nullable(),
  /** In view in other panes. An older client tells none. */
  beside: z.array(SessionId).max(100).optional(),
  /** The window has the focus, and its person did something in it not long ago. */
  isAlive: z.boolean(),
});
export type Look = z.infer<typeof Look>;

const Color = z.string().regex(/^#[0-9a-fA-F]{6}$/);
/** In CSS pixels. */
const CellSize = z.number().min(1).max(200);

/** How the client draws: what programs that ask for colours and sizes are told while this client is the last one used. */
export const Appearance = z.object({
  /** `#rrggbb` */
  foreground: Color,
  background: Color,
  cursor: Color,
  cellWidth: CellSize,
  cellHeight: CellSize,
  isDark: z.boolean(),
});
export type Appearance = z.infer<typeof Appearance>;

export interface Exit {
  /** null when a signal ended the program. */
  code: number | null;
  signal: number | null;
}

/** The answer to a request over the socket. */
export type Reply<T> = { ok: T } | { error: WireError };

/** What the browser sends. Every handler validates; `input` is a frame of wire.ts. */
export interface ClientEvents {
  attach: (request: z.input<typeof Attach>, reply: (answer: Reply<Attached>) => void) => void;
  detach: (request: z.infer<typeof Detach>) => void;
  resize: (request: Resize, reply: (answer: Reply<Record<string, never>>) => void) => void;
  view: (request: View) => void;
  ack: (request: Ack) => void;
  input: (handle: number, seq: number, bytes: Uint8Array) => void;
  /** Of all attachments of this connection. */
  appearance: (appearance: Appearance) => void;
  /** For sessions of any shard. */
  look: (look: Look) => void;
  /** Measures the round trip to the shard. */
  probe: (reply: () => void) => void;
}

/** `blocked`: it is there and does not answer. `gone`: it died, and another one is started. */
export type HostState = 'ok' | 'blocked' | 'gone';

/** What of a person's can change elsewhere. A client passes over a subject that it does not know. */
export type ChangedSubject = 'sessions' | 'projects' | 'preferences';

export interface ServerEvents {
  output: (handle: number, offset: number, bytes: Uint8Array) => void;
  snapshot: (handle: number, offset: number, skippedBytes: number, bytes: Uint8Array) => void;
  /** Directly after a snapshot, to those who asked: the same screen with the lines above it, for the same offset. */
  history: (handle: number, offset: number, bytes: Uint8Array) => void;
  /** Input frames up to `seq` were written to the pty. */
  written: (message: { handle: number; seq: number }) => void;
  /** The pty's size changed, at `offset`, or who decides it. */
  resized: (message: { handle: number; cols: number; rows: number; offset: number; isInControl?: boolean }) => void;
  /** Comes after the last output frame. */
  exited: (message: { handle: number; exit: Exit; end: number }) => void;
  /** The attachment is over, with the reason; the connection goes on. */
  detached: (message: { handle: number; error: WireError }) => void;
  /** How the process that owns the terminals is, when it changes, and at the beginning when it is not `ok`; the connection itself stands. */
  host: (message: { state: HostState }) => void;
  /** Time to renew (sessions.ts `renewConnection`); sent because timers of a hidden page sleep and messages do not. */
  renew: () => void;
  /** A list changed: fetch it again. */
  changed: (message: { subject: ChangedSubject }) => void;
  /**
   * What programs tell the person, of sessions on any shard; the same one may come over several connections. `isLate`: it
   * was told before this connection was there.
   */
  signals: (message: { signals: SessionSignal[]; isLate: boolean }) => void;
  /** Looked at in another window, or taken back by the program. */
  seen: (message: SeenSignals) => void;
  /** Whether this shard is being drained: it takes no new people. Until it is told, a connection is to one that is not. */
  shard: (message: { draining: boolean }) => void;
  /** A message of ours could not be understood, or broke a limit. */
  refused: (message: { handle?: number; error: WireError }) => void;
}
