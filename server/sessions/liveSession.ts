/** One session of this shard as the backend knows it: what it is, its feed, and the server's screen on it. */
import type { Exit } from '../../protocol/terminal.ts';
import type { Session, SessionState } from '../../protocol/sessions.ts';
import type { OutputFeed, Reader } from './outputFeed.ts';

/** Travels through the pty host as the session's label, so that a new backend knows it without a database. */
export interface SessionLabel {
  ownerEmail: string;
  projectId: string | null;
  name: string;
  command: string[];
  cwd: string;
  /** Of an agent: its id, and the directory in which the agent keeps it. Absent in what an earlier version started. */
  conversation?: { id: string; directory: string } | null;
  /** ISO 8601 */
  createdAt: string;
}

export interface LiveSession extends SessionLabel {
  id: string;
  incarnation: number;
  state: SessionState;
  cols: number;
  rows: number;
  exit: Exit | null;
  endedAt: string | null;
  /** The life of the pty host that has it. */
  hostGeneration: string;
  feed: OutputFeed;
  screen: Reader | undefined;
}

/** As people are told of it. */
export function toSession(live: LiveSession, shardId: string): Session {
  const { id, projectId, incarnation, name, state, command, cwd, cols, rows, exit, createdAt, endedAt } = live;
  const exitCode = exit?.code ?? null;
  const exitSignal = exit?.signal ?? null;
  return {
    id,
    projectId,
    shardId,
    incarnation,
    name,
    state,
    command,
    cwd,
    cols,
    rows,
    exitCode,
    exitSignal,
    createdAt,
    endedAt,
  };
}
