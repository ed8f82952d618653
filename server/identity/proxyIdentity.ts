/** `AUTH_MODE=proxy`: a trusted proxy in front of us says who it is, in headers. */
import type { IncomingMessage } from 'node:http';
import { z } from 'zod';
import { AppError } from '../../protocol/errors.ts';
import { normalizeEmail } from '../../protocol/routing.ts';
import { isSameSecret } from '../base/isSameSecret.ts';
import type { Caller } from '../http/caller.ts';
import { rolesOf, type Identity } from './identity.ts';

const Email = z.email().max(254);
const SECRET_HEADER = 'x-holdfast-proxy-secret';

export interface ProxyOptions {
  adminEmails: readonly string[];
  /** What the proxy must prove itself with; without it any caller who reaches the port is believed. */
  secret?: string | undefined;
  /**
   * The platform's ingress is the proxy; it names people by `X-Forwarded-User` as well. It proves nothing, which is sound only
   * because nobody else reaches this port: the ingress is the one way in, and this instance runs no terminals, so that there
   * is no inside from which a person could knock.
   */
  isPlatform?: boolean;
}

export class ProxyIdentity implements Identity {
  constructor(private readonly options: ProxyOptions) {}

  identify(request: IncomingMessage): Promise<Caller> {
    const { adminEmails, secret, isPlatform } = this.options;
    if (secret && !isSameSecret(one(request, SECRET_HEADER) ?? '', secret)) {
      return Promise.reject(new AppError('AUTH_INVALID', 'the request did not come through the trusted proxy'));
    }
    const given = one(request, 'x-forwarded-email');
    if (!given)
      return Promise.reject(new AppError('AUTH_MISSING', 'the proxy did not say who you are (X-Forwarded-Email)'));
    if (isPlatform && !one(request, 'x-forwarded-user'))
      return Promise.reject(new AppError('AUTH_MISSING', 'the ingress did not say who you are (X-Forwarded-User)'));
    const email = Email.safeParse(normalizeEmail(given));
    if (!email.success)
      return Promise.reject(new AppError('AUTH_INVALID', 'X-Forwarded-Email is not an e-mail address'));
    const name = one(request, 'x-forwarded-preferred-username') ?? email.data.split('@', 1)[0]!;
    return Promise.resolve({ email: email.data, name, roles: rolesOf(email.data, adminEmails) });
  }
}

/** Node joins a repeated header with commas; a proxy that is worth trusting sends one. */
function one(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name];
  return typeof value === 'string' ? value : undefined;
}
