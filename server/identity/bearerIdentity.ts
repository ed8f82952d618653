/** `Authorization: Bearer hf_…`: a command-line token, in every mode, before the mode's own way to tell who it is. */
import type { IncomingMessage } from 'node:http';
import { AppError } from '../../protocol/errors.ts';
import type { Clock } from '../base/clock.ts';
import type { Caller } from '../http/caller.ts';
import type { AccessTokenStore, TokenOwner } from './accessTokenStore.ts';
import { AttemptLimit } from './attemptLimit.ts';
import { hashOf } from './authStore.ts';
import type { Identity } from './identity.ts';

/** How long a look-up is believed: a token revoked through another frontend takes effect within this time. */
const CACHE_MS = 10_000;
const PROXY_HEADER = 'x-forwarded-email';

interface Known extends TokenOwner {
  checkedAt: number;
}

export interface BearerOptions {
  store: Pick<AccessTokenStore, 'find'>;
  /** The mode's own. */
  mode: Identity;
  /** A proxy in front of us names people. */
  isBehindProxy: boolean;
  /** Nothing reaches us but through it, so that a request which it did not name anyone in is refused, token or not. */
  isProxyTheOnlyWay?: boolean;
  /** Tells that the database is away from other failures. */
  isAway: (error: unknown) => boolean;
  clock: Clock;
}

export class BearerIdentity implements Identity {
  #known = new Map<string, Known>();
  #limit: AttemptLimit;

  constructor(private readonly options: BearerOptions) {
    this.#limit = new AttemptLimit(options.clock);
  }

  async identify(request: IncomingMessage): Promise<Caller> {
    const token = bearerOf(request);
    // Any other bearer is not for us: platforms put their own there.
    if (!token?.startsWith('hf_')) return this.options.mode.identify(request);
    const owner = await this.#ownerOf(token, request.socket.remoteAddress ?? '');
    if (owner.expiresAt <= this.options.clock.now())
      throw new AppError('AUTH_EXPIRED', 'this token has expired; make a new one in the settings of the app');
    await this.#agreesWithProxy(request, owner);
    // Whatever the person may do, a token that lies in a file on some machine administers nothing.
    return { email: owner.email, name: owner.name, roles: ['user'], isByToken: true };
  }

  /** After a token was revoked here: it is not believed for a moment longer. */
  forget(tokenId: string): void {
    for (const [key, known] of this.#known) if (known.tokenId === tokenId) this.#known.delete(key);
  }

  async #ownerOf(token: string, address: string): Promise<TokenOwner> {
    const key = hashOf(token);
    const now = this.options.clock.now();
    const known = this.#known.get(key);
    if (known && now - known.checkedAt < CACHE_MS) return known;
    if (!known && this.#limit.isExceeded(address))
      throw new AppError('auth.too_many_attempts', 'too many tokens that do not exist were tried; wait a minute');
    const owner = await this.#find(token, known);
    if (owner) {
      this.#known.set(key, { ...owner, checkedAt: now });
      return owner;
    }
    this.#known.delete(key);
    this.#limit.failed(address);
    throw new AppError('AUTH_INVALID', 'this token does not exist, or was revoked');
  }

  /** While the database is away, who was known before goes on being known: terminals must not end with the database. */
  async #find(token: string, known: Known | undefined): Promise<TokenOwner | undefined> {
    try {
      return await this.options.store.find(token);
    } catch (error) {
      if (known && this.options.isAway(error)) return known;
      throw error;
    }
  }

  /** A header must be proven as ever, and two words on who it is must be the same word. */
  async #agreesWithProxy(request: IncomingMessage, owner: TokenOwner): Promise<void> {
    const { isBehindProxy, isProxyTheOnlyWay } = this.options;
    if (!isBehindProxy || (!isProxyTheOnlyWay && request.headers[PROXY_HEADER] === undefined)) return;
    const { email } = await this.options.mode.identify(request);
    if (email !== owner.email) throw new AppError('AUTH_INVALID', 'the proxy and the token name two different people');
  }
}

function bearerOf(request: IncomingMessage): string | undefined {
  return /^Bearer +(\S+) *$/i.exec(request.headers.authorization ?? '')?.[1];
}
