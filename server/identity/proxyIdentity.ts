/** `AUTH_MODE=proxy`: a trusted proxy in front of us says who it is, in a header. */
import type { IncomingMessage } from 'node:http';
import { z } from 'zod';
import { AppError } from '../../protocol/errors.ts';
import { normalizeEmail } from '../../protocol/routing.ts';
import { isSameSecret } from '../base/isSameSecret.ts';
import type { Caller } from '../http/caller.ts';
import { rolesOf, type Identity } from './identity.ts';

const Email = z.email().max(254);
const SECRET_HEADER = 'x-holdfast-proxy-secret';

export class ProxyIdentity implements Identity {
  /** @param secret what the proxy must prove itself with; without it any caller who reaches the port is believed */
  constructor(
    private readonly adminEmails: readonly string[],
    private readonly secret: string | undefined,
  ) {}

  identify(request: IncomingMessage): Promise<Caller> {
    if (this.secret && !isSameSecret(one(request, SECRET_HEADER) ?? '', this.secret)) {
      return Promise.reject(new AppError('AUTH_INVALID', 'the request did not come through the trusted proxy'));
    }
    const given = one(request, 'x-forwarded-email');
    if (!given)
      return Promise.reject(new AppError('AUTH_MISSING', 'the proxy did not say who you are (X-Forwarded-Email)'));
    const email = Email.safeParse(normalizeEmail(given));
    if (!email.success)
      return Promise.reject(new AppError('AUTH_INVALID', 'X-Forwarded-Email is not an e-mail address'));
    const name = one(request, 'x-forwarded-preferred-username') ?? email.data.split('@', 1)[0]!;
    return Promise.resolve({ email: email.data, name, roles: rolesOf(email.data, this.adminEmails) });
  }
}

/** Node joins a repeated header with commas; a proxy that is worth trusting sends one. */
function one(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name];
  return typeof value === 'string' ? value : undefined;
}
