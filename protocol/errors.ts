/** Every error a person, a client or a log can meet: its code, its HTTP status and whether trying again helps. */
import { z } from 'zod';

interface ErrorSpec {
  status: number;
  /** `now`: the caller can mend it and repeat at once; `later`: it may pass by itself; `never`: the same request fails again. */
  retry: 'never' | 'now' | 'later';
}

/** Codes are permanent, their wording is not. */
export const errorSpecs = {
  AUTH_MISSING: { status: 401, retry: 'never' },
  AUTH_INVALID: { status: 401, retry: 'never' },
  AUTH_EXPIRED: { status: 401, retry: 'now' },
  'auth.forbidden': { status: 403, retry: 'never' },
  'auth.origin_refused': { status: 403, retry: 'never' },
  'auth.host_refused': { status: 421, retry: 'never' },
  'auth.too_many_attempts': { status: 429, retry: 'later' },
  'attachment.not_found': { status: 404, retry: 'now' },
  'attachment.read_only': { status: 403, retry: 'never' },
  'attachment.taken': { status: 409, retry: 'never' }, // the same attachment id attached from elsewhere: the newest wins
  'changes.unreadable': { status: 409, retry: 'never' }, // a repository that we do not read; the sentence says why
  'colors.invalid': { status: 400, retry: 'never' }, // the sentence says what is wrong with the file, and where
  'config.invalid': { status: 500, retry: 'never' },
  'connection.offline': { status: 503, retry: 'later' }, // said by a client: nobody answered
  'connection.not_found': { status: 404, retry: 'now' }, // connect again
  'connection.unrenewed': { status: 401, retry: 'now' },
  'databricks.unreachable': { status: 503, retry: 'later' }, // the workspace's own API
  'database.import_refused': { status: 409, retry: 'never' }, // the sentence says what does not fit
  'database.unavailable': { status: 503, retry: 'later' },
  'file.disk_full': { status: 507, retry: 'later' },
  'file.not_found': { status: 404, retry: 'never' },
  'file.not_permitted': { status: 403, retry: 'never' }, // by the shard's file system
  'file.outside': { status: 400, retry: 'never' },
  'file.too_large': { status: 413, retry: 'never' },
  'file.too_many': { status: 429, retry: 'later' }, // uploads or looks at a repository at once
  'file.upload_cut': { status: 400, retry: 'now' }, // not all of it came; nothing of it was kept
  'input.invalid': { status: 400, retry: 'never' },
  'input.too_large': { status: 413, retry: 'never' },
  'input.held_full': { status: 429, retry: 'later' }, // too much typed while disconnected
  'preferences.changed': { status: 409, retry: 'now' }, // another window was faster; the details say its revision
  'project.directory_missing': { status: 400, retry: 'never' },
  'project.directory_outside': { status: 400, retry: 'never' },
  'project.has_sessions': { status: 409, retry: 'never' },
  'project.name_taken': { status: 409, retry: 'never' },
  'project.not_found': { status: 404, retry: 'never' },
  'ptyhost.unavailable': { status: 503, retry: 'later' },
  'recording.invalid': { status: 400, retry: 'never' }, // the sentence says what is wrong with the file, and where
  'recording.not_kept': { status: 404, retry: 'never' },
  'recording.too_many': { status: 429, retry: 'later' }, // wait for one that runs
  'route.not_found': { status: 404, retry: 'never' },
  'screen.not_stored': { status: 404, retry: 'never' },
  'screen.unavailable': { status: 503, retry: 'later' },
  'session.agent_state_missing': { status: 409, retry: 'now' }, // ask for a fresh start
  'session.busy': { status: 409, retry: 'now' }, // something runs in it; ask without onlyIfIdle
  'session.command_not_found': { status: 400, retry: 'never' },
  'session.directory_missing': { status: 400, retry: 'never' },
  'session.directory_outside': { status: 400, retry: 'never' },
  'session.hibernated': { status: 409, retry: 'now' }, // it was put away: wake it, and attach then
  'session.log_pruned': { status: 410, retry: 'now' }, // attach again, from a snapshot
  'session.not_found': { status: 404, retry: 'never' },
  'session.not_running': { status: 409, retry: 'never' },
  'session.owner_alive': { status: 409, retry: 'never' }, // attach there: its shard has not gone
  'session.revived': { status: 409, retry: 'now' }, // somebody else did; the details say where it is now
  'session.spawn_failed': { status: 500, retry: 'later' },
  'session.too_many': { status: 429, retry: 'later' },
  'session.wrong_shard': { status: 421, retry: 'now' }, // the message names the owner; attach there
  'shard.full': { status: 503, retry: 'later' }, // no shard has a place: all full, or being drained; the sentence says which
  'shard.not_found': { status: 404, retry: 'never' },
  'shard.unreachable': { status: 503, retry: 'later' },
  'state.incomplete': { status: 409, retry: 'now' }, // the sentence says what is not stored; ask with evenIfNotStored
  'push.unavailable': { status: 503, retry: 'never' }, // this instance has no key to call devices with
  'state.unavailable': { status: 503, retry: 'later' }, // where checkpoints of sessions are kept
  'state.unreadable': { status: 500, retry: 'never' }, // a checkpoint that is damaged, or sealed with another key
  'token.not_found': { status: 404, retry: 'never' },
  'token.too_many': { status: 409, retry: 'never' }, // revoke one first
  internal: { status: 500, retry: 'later' },
} as const satisfies Record<string, ErrorSpec>;
export type ErrorCode = keyof typeof errorSpecs;

/** What an error looks like on the wire, over HTTP and over the socket alike. */
export const WireError = z.object({
  code: z.string(),
  message: z.string(),
  /** The same id stands in the server's log line. */
  correlationId: z.string().optional(),
  /** Facts the client acts on, such as the owner's shard of `session.wrong_shard`. */
  details: z.record(z.string(), z.string()).optional(),
});
export type WireError = z.infer<typeof WireError>;

export class AppError extends Error {
  constructor(
    readonly code: ErrorCode,
    message: string,
    options?: ErrorOptions & { details?: Record<string, string> },
  ) {
    super(message, options);
    this.name = 'AppError';
    this.details = options?.details;
  }
  readonly details: Record<string, string> | undefined;

  get status(): number {
    return errorSpecs[this.code].status;
  }
}

export function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(errorSpecs, code);
}

/** What may leave the process: an unknown failure says `internal` and nothing of its cause. */
export function toWire(error: unknown, correlationId?: string): WireError {
  const known =
    error instanceof AppError
      ? error
      : new AppError('internal', 'Something failed on our side. The log has the details.');
  return {
    code: known.code,
    message: known.message,
    ...(correlationId ? { correlationId } : {}),
    ...(known.details ? { details: known.details } : {}),
  };
}

/** The error a client throws for one that came over the wire; codes of a newer server become `internal`. */
export function fromWire(wire: WireError): AppError {
  return new AppError(isErrorCode(wire.code) ? wire.code : 'internal', wire.message, {
    ...(wire.details ? { details: wire.details } : {}),
  });
}
