/** Which lines of a log a person asked for. */
import { levels, type Level, type LogLine } from './logLine.ts';

export interface LogFilter {
  /** `backend-1` is that backend and its pty host; `backend-1.host` the pty host alone. */
  instance?: string | undefined;
  /** This one and what is worse. */
  level?: Level | undefined;
  /** A part of the e-mail. */
  user?: string | undefined;
  /** An id, or how it begins: whatever names it, also a request's path. */
  session?: string | undefined;
  /** In ms since the epoch. */
  sinceMs?: number | undefined;
  grep?: RegExp | undefined;
}

export function matches(line: LogLine, filter: LogFilter): boolean {
  const { instance, level, user, session, sinceMs, grep } = filter;
  if (instance !== undefined && line.instance !== instance && !line.instance.startsWith(`${instance}.`)) return false;
  if (level !== undefined && levels.indexOf(line.level) < levels.indexOf(level)) return false;
  if (user !== undefined && !isOf(line, user)) return false;
  if (session !== undefined && !line.raw.includes(session)) return false;
  if (sinceMs !== undefined && line.timeMs < sinceMs) return false;
  return grep === undefined || grep.test(line.raw);
}

function isOf({ fields }: LogLine, user: string): boolean {
  return typeof fields['user'] === 'string' && fields['user'].toLowerCase().includes(user.toLowerCase());
}
