/** Who is asking, as established at the edge, and the id under which the request is logged. */
import type { IncomingMessage } from 'node:http';
import type { Request } from 'express';
import { AppError } from '../../protocol/errors.ts';
import type { Role } from '../../protocol/identity.ts';

export interface Caller {
  /** Normalized. */
  email: string;
  name: string;
  roles: Role[];
  /** They came by a command-line token, which may do less than a person who signed in. */
  isByToken?: boolean;
}

declare module 'express-serve-static-core' {
  interface Request {
    caller?: Caller;
    correlationId?: string;
  }
}

export function callerOf(request: Request): Caller {
  if (!request.caller) throw new AppError('AUTH_MISSING', 'sign in first');
  return request.caller;
}

/** The header that carries the frontend's signed word; a name of our own, because proxies own the X-Forwarded-* ones. */
export const ASSERTION_HEADER = 'x-holdfast-assertion';

/** @throws AppError `AUTH_MISSING`, `AUTH_INVALID`, `AUTH_EXPIRED` */
export type VerifyAssertion = (token: string | undefined) => Promise<Caller>;

/** The same for a request or an upgrade, with everything that may speak against it. */
export type VerifyRequest = (request: IncomingMessage) => Promise<Caller>;
