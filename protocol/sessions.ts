/** Sessions: ptys that outlive connections, and what may be asked of them over HTTP. */
import { z } from 'zod';
import { endpoint } from './endpoint.ts';
import { MAX_COLS, MAX_ROWS, MIN_COLS, MIN_ROWS } from './limits.ts';
import { Argument, CommandLine, ProjectId } from './projects.ts';

export const SessionId = z.uuid();

/** `hibernated`: put away by its person, to be woken; `lost`: its program is gone with whatever ran it, to be revived. */
export const SessionState = z.enum(['starting', 'running', 'exited', 'hibernated', 'lost']);
export type SessionState = z.infer<typeof SessionState>;

export const Cols = z.number().int().min(MIN_COLS).max(MAX_COLS);
export const Rows = z.number().int().min(MIN_ROWS).max(MAX_ROWS);

export const Session = z.object({
  id: SessionId,
  projectId: ProjectId.nullable(),
  /** The owner. */
  shardId: z.string(),
  /** Counts the ptys this session has had: 1 at first. */
  incarnation: z.number().int().min(1),
  name: z.string(),
  state: SessionState,
  command: z.array(z.string()),
  cwd: z.string(),
  cols: z.number().int(),
  rows: z.number().int(),
  exitCode: z.number().int().nullable(),
  /** The signal's number when one ended the program. */
  exitSignal: z.number().int().nullable(),
  createdAt: z.iso.datetime(),
  endedAt: z.iso.datetime().nullable(),
});
export type Session = z.infer<typeof Session>;

const SessionName = z
  .string()
  .trim()
  .min(1)
  .max(80)
  .regex(/^[^\p{Cc}]*$/u, 'a name has no control characters');

export const listSessions = endpoint({
  method: 'GET',
  path: '/api/v1/sessions',
  input: z.object({}),
  output: z.object({ sessions: z.array(Session) }),
});
/** Opens on the shard that answers; the gateway sends it to the person's assigned one. */
export const openSession = endpoint({
  method: 'POST',
  path: '/api/v1/sessions',
  input: z.object({
    projectId: ProjectId.optional(),
    command: CommandLine.optional(),
    cwd: Argument.min(1).max(4096).optional(),
    name: SessionName.optional(),
    cols: Cols,
    rows: Rows,
  }),
  output: Session,
});
export const getSession = endpoint({
  method: 'GET',
  path: '/api/v1/sessions/:sessionId',
  input: z.object({ sessionId: SessionId }),
  output: Session,
});
export const renameSession = endpoint({
  method: 'PATCH',
  path: '/api/v1/sessions/:sessionId',
  input: z.object({ sessionId: SessionId, name: SessionName }),
  output: Session,
});
/** Ends the program if it still runs and forgets the session; any backend passes it on to the owner. */
export const closeSession = endpoint({
  method: 'DELETE',
  path: '/api/v1/sessions/:sessionId',
  input: z.object({ sessionId: SessionId }),
  output: z.object({}),
});
/** The screen as it was stored last, for when its owner cannot be asked; any backend answers. */
export const getStoredScreen = endpoint({
  method: 'GET',
  path: '/api/v1/sessions/:sessionId/screen',
  input: z.object({ sessionId: SessionId }),
  output: z.object({
    /** The incarnation whose output it shows, up to `offset`. */
    incarnation: z.number().int(),
    offset: z.number().int(),
    cols: z.number().int(),
    rows: z.number().int(),
    storedAt: z.iso.datetime(),
    /** Draws the screen; begins with a full reset, so it may be written to any terminal. */
    screen: z.string(),
  }),
});
export type StoredScreen = z.infer<typeof getStoredScreen.output>;
/**
 * Puts a session away: what it needs to go on and its screen are stored, everything that was started in it is ended, and it waits,
 * `hibernated` and on no shard's account, to be woken by `reviveSession`. Any backend passes it on to the owner; whoever asks again
 * is answered the same. Refused, and the session goes on, with `state.incomplete` or `state.unavailable` when not everything
 * could be stored that it needs elsewhere (ask again with `evenIfNotStored`), `session.not_running` when nothing runs in it, and
 * `session.revived` when it is another incarnation by now.
 */
export const putAwaySession = endpoint({
  method: 'POST',
  path: '/api/v1/sessions/:sessionId/put-away',
  input: z.object({
    sessionId: SessionId,
    /** The one that is meant: what was woken since is not put away by an old request. */
    incarnation: z.number().int().min(1),
    evenIfNotStored: z.boolean().default(false),
    /** Refused with `session.busy` while something runs in it beside a shell or an agent that waits. */
    onlyIfIdle: z.boolean().default(false),
  }),
  output: Session,
});
/**
 * Starts a lost session anew, or wakes one that was put away, on the shard that answers: same project, command and directory, the
 * old lines above a dividing line.
 * Refused with `session.revived` (the details say where it is) when somebody else did, `session.owner_alive` while its shard
 * lives, `session.not_running` when its program has ended, and `session.agent_state_missing` when an agent's conversation is not
 * on that shard: ask again with `fresh` to begin a new one.
 */
export const reviveSession = endpoint({
  method: 'POST',
  path: '/api/v1/sessions/:sessionId/revive',
  input: z.object({
    sessionId: SessionId,
    /** The one that was lost or put away: of many who revive it at once, one does. */
    incarnation: z.number().int().min(1),
    cols: Cols,
    rows: Rows,
    fresh: z.boolean().default(false),
  }),
  output: Session,
});
/** Keeps a socket connection alive; the identity of the request must be that of the connection. */
export const renewConnection = endpoint({
  method: 'POST',
  path: '/api/connections/:connectionId/renew',
  input: z.object({ connectionId: z.string().min(1).max(64) }),
  output: z.object({}),
});
