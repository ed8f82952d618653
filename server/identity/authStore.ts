/** Signed-in browsers and one-time sign-in links. Tokens are stored as SHA-256: a read of the table signs nobody in. */
import { createHash, randomBytes } from 'node:crypto';
import type { Knex } from 'knex';

/** 256 random bits, as text that fits a cookie and a URL. */
export function newToken(): string {
  return randomBytes(32).toString('base64url');
}

export function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

export class AuthStore {
  constructor(private readonly knex: Knex) {}

  /** The e-mail of a link that was neither used nor expired, using it up; a single statement, so that two cannot share it. */
  async useLink(token: string): Promise<string | undefined> {
    const [row] = await this.knex('sign_in_links')
      .where({ token_hash: hashOf(token) })
      .whereNull('used_at')
      .where('expires_at', '>', this.knex.fn.now())
      .update({ used_at: new Date() })
      .returning('email');
    return row?.email;
  }

  async createSession(email: string, lifetimeMs: number): Promise<string> {
    const token = newToken();
    await this.knex('auth_sessions').insert({
      token_hash: hashOf(token),
      email,
      expires_at: new Date(Date.now() + lifetimeMs),
    });
    return token;
  }

  /** The row by primary key; undefined when it is not there or has expired. */
  async findSession(token: string): Promise<{ email: string; expiresAt: number } | undefined> {
    const row = await this.knex('auth_sessions')
      .where({ token_hash: hashOf(token) })
      .where('expires_at', '>', this.knex.fn.now())
      .first('email', 'expires_at');
    return row && { email: row.email, expiresAt: row.expires_at.getTime() };
  }

  async endSession(token: string): Promise<void> {
    await this.knex('auth_sessions')
      .where({ token_hash: hashOf(token) })
      .delete();
  }

  /** Remembers the person; the name of the latest sign-in is kept. */
  async touchUser(email: string, name: string): Promise<void> {
    await this.knex('users').insert({ email, name }).onConflict('email').merge({ name, last_seen_at: new Date() });
  }
}
