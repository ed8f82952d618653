/** What a backend and its pty host say to each other over the unix socket, as frames of base/frames.ts. */
import type { Exit } from '../../protocol/terminal.ts';

/**
 * Raised when a message changes its meaning. A host is spoken to in its version until its last session ends: docs/decisions/0010.
 * 1: the first. 2: `hello` says since when the backend lives; `spawn` takes all of today's SpawnSpec; `end` also ends what has left the
 * pty's session, and works after the program's end.
 */
export const HOST_PROTOCOL_VERSION = 2;
export const PREVIOUS_HOST_PROTOCOL_VERSION = 1;

/** The host sends at most this much output of one session ahead of `consumed`, so that a stuck backend costs bounded memory. */
export const HOST_WINDOW_BYTES = 256 * 1024;
/** The backend reports consumption in steps of this; keep it well below the window. */
export const CONSUMED_STEP_BYTES = 64 * 1024;
/** One answer to `read` carries at most this much. */
export const READ_BYTES = 64 * 1024;

/** The attachment id under which the server's screen answers terminal queries; its `seq` is the offset it answers at. */
export const SCREEN_ATTACHMENT = 'screen';

/** What a pty is made of. */
export interface PtySpec {
  /** Absolute path of the program. */
  file: string;
  args: string[];
  cwd: string;
  env: Record<string, string>;
  cols: number;
  rows: number;
}

export interface SpawnSpec extends PtySpec {
  sessionId: string;
  incarnation: number;
  /** Output from before the program's first byte, such as what an earlier incarnation printed; counted like any other. */
  preamble?: string;
  /** Opaque to the host; comes back in `HostedSession`, so that sessions can be adopted without a database. */
  label: string;
}

export interface HostedSession {
  sessionId: string;
  incarnation: number;
  pid: number;
  cols: number;
  rows: number;
  label: string;
  /** Offset of the oldest byte kept. */
  start: number;
  end: number;
  exit: Exit | null;
  /** When the program ended, in ms since the epoch. Hosts of version 1 do not say. */
  exitedAt?: number;
}

/** What a backend needs to know to let a client attach. */
export interface AttachState {
  /** The last input frame of this attachment that was written; of the screen's, the last that was taken. */
  writtenSeq: number;
  start: number;
  end: number;
}

export interface SizeMark {
  offset: number;
  cols: number;
  rows: number;
}

/** `id` names a request; its answer is `reply` with the same id. */
export type ToHost =
  /**
   * `since`: when the backend's life began, in ms since the machine's start. The newest life wins, however late an older one speaks:
   * it may have been frozen between connecting and this word. Not said to hosts of version 1, where the latest hello wins.
   */
  | { t: 'hello'; version: number; key: string; since?: number }
  | { t: 'spawn'; id: number; spec: SpawnSpec }
  | { t: 'read'; id: number; sessionId: string; from: number }
  | { t: 'sizes'; id: number; sessionId: string }
  | { t: 'resize'; id: number; sessionId: string; cols: number; rows: number }
  /** SIGHUP, SIGTERM, then SIGKILL to everything that was started in the pty; the reply comes when it has ended. */
  | { t: 'end'; id: number; sessionId: string }
  /** Drop an ended session and delete its log. */
  | { t: 'forget'; id: number; sessionId: string }
  /** Answered with AttachState. */
  | { t: 'attach_state'; id: number; sessionId: string; attachmentId: string }
  | { t: 'ping'; id: number }
  /** Output from `from` on, live, within the window. */
  | { t: 'subscribe'; sessionId: string; from: number }
  | { t: 'unsubscribe'; sessionId: string }
  | { t: 'consumed'; sessionId: string; upTo: number }
  /** Body: the bytes. Written once: a seq at or below the last accepted one is only acknowledged. */
  | { t: 'input'; sessionId: string; attachmentId: string; seq: number }
  /** Stop reading the pty for at most `forMs`, so that a backend that dies cannot leave an agent waiting. */
  | { t: 'pause'; sessionId: string; forMs: number }
  | { t: 'unpause'; sessionId: string };

export type FromHost =
  | { t: 'welcome'; version: number; hostGeneration: string; pid: number; sessions: HostedSession[] }
  /** Another backend took over, or the hello was not acceptable; the connection ends. */
  | { t: 'refused'; reason: 'fenced' | 'key' | 'version' }
  | { t: 'reply'; id: number; ok: unknown }
  | { t: 'reply'; id: number; error: { code: string; message: string } }
  /** Body: the bytes. */
  | { t: 'output'; sessionId: string; offset: number }
  | { t: 'written'; sessionId: string; attachmentId: string; seq: number }
  /** The input cannot be taken; nothing of it was written. */
  | { t: 'input_refused'; sessionId: string; attachmentId: string; seq: number; code: string; message: string }
  | { t: 'resized'; sessionId: string; offset: number; cols: number; rows: number }
  /** Everything up to `end` was logged before this. */
  | { t: 'exited'; sessionId: string; exit: Exit; end: number };
