/** `AUTH_MODE=token`: a one-time link signs a browser in; a cookie keeps it so. */
import type { IncomingMessage } from 'node:http';
import { AppError } from '../../protocol/errors.ts';
import type { Clock } from '../base/clock.ts';
import type { Caller } from '../http/caller.ts';
import { hashOf, type AuthStore } from './authStore.ts';
import { readCookie } from './cookies.ts';
import { rolesOf, type Identity } from './identity.ts';

export const SESSION_LIFETIME_MS = 30 * 24 * 60 * 60 * 1000;
/** How long a look-up is believed: a sign-out elsewhere takes effect within this time. */
const CACHE_MS = 10_000;

interface Known {
  email: string;
  /** End of the sign-in itself. */
  expiresAt: number;
  checkedAt: number;
}

export class TokenIdentity implements Identity {
  #known = new Map<string, Known>();

  constructor(
    private readonly store: AuthStore,
    private readonly isAway: (error: unknown) => boolean,
    private readonly clock: Clock,
    private readonly cookieName: string,
  ) {}

  async identify(request: IncomingMessage): Promise<Caller> {
    const token = readCookie(request, this.cookieName);
    if (!token)
      throw new AppError(
        'AUTH_MISSING',
        'sign in with the link that `npm start` printed, or with a new one from `npm run link`',
      );
    const known = await this.#lookUp(token);
    if (!known) throw new AppError('AUTH_EXPIRED', 'this sign-in has ended; `npm run link` prints a new link');
    // The one person of token mode administers their own instance.
    return { email: known.email, name: known.email.split('@', 1)[0]!, roles: rolesOf(known.email, [known.email]) };
  }

  /** Signs in with a one-time link; the cookie's value. @throws AppError `AUTH_INVALID` */
  async signIn(linkToken: string): Promise<string> {
    const email = await this.store.useLink(linkToken);
    if (!email) throw new AppError('AUTH_INVALID', 'this link was used before or has expired');
    await this.store.touchUser(email, email.split('@', 1)[0]!);
    return this.store.createSession(email, SESSION_LIFETIME_MS);
  }

  async signOut(request: IncomingMessage): Promise<void> {
    const token = readCookie(request, this.cookieName);
    if (!token) return;
    this.#known.delete(hashOf(token));
    await this.store.endSession(token);
  }

  /** While the database is away, who was known before goes on being known: terminals must not end with the database. */
  async #lookUp(token: string): Promise<Known | undefined> {
    const key = hashOf(token);
    const now = this.clock.now();
    const known = this.#known.get(key);
    if (known && known.expiresAt <= now) this.#known.delete(key);
    else if (known && now - known.checkedAt < CACHE_MS) return known;
    try {
      const found = await this.store.findSession(token);
      if (!found) {
        this.#known.delete(key);
        return undefined;
      }
      const fresh = { ...found, checkedAt: now };
      this.#known.set(key, fresh);
      return fresh;
    } catch (error) {
      if (this.isAway(error) && known && known.expiresAt > now) return known;
      throw error;
    }
  }
}
