/** How the frontend learns who a request belongs to; one interface for every mode. */
import type { IncomingMessage } from 'node:http';
import type { Caller } from '../http/caller.ts';

export interface Identity {
  /** @throws AppError `AUTH_MISSING`, `AUTH_INVALID`, `AUTH_EXPIRED`, `database.unavailable` */
  identify(request: IncomingMessage): Promise<Caller>;
}

export function rolesOf(email: string, adminEmails: readonly string[]): Caller['roles'] {
  return adminEmails.includes(email) ? ['user', 'admin'] : ['user'];
}
