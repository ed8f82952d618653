/** Command-line tokens. They are stored as SHA-256: a read of the table signs nobody in. */
import { randomBytes } from 'node:crypto';
import type { Knex } from 'knex';
import { AppError } from '../../protocol/errors.ts';
import { MAX_TOKENS_PER_PERSON, tokenIdOf, type AccessToken } from '../../protocol/tokens.ts';
import type { AccessTokenRow } from '../../db/tables.ts';
import { isSameSecret } from '../base/isSameSecret.ts';
import { hashOf, newToken } from './authStore.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

export interface TokenOwner {
  tokenId: string;
  email: string;
  name: string;
  /** End of the token, in ms since the epoch; it may lie in the past. */
  expiresAt: number;
}

export class AccessTokenStore {
  constructor(private readonly knex: Knex) {}

  /** Newest first; by access_tokens_email. */
  async list(email: string): Promise<AccessToken[]> {
    const rows = await this.knex('access_tokens').where({ email }).orderBy('created_at', 'desc');
    return rows.map(toAccessToken);
  }

  /**
   * Counts on the row lock of the person: two requests at once must not both find room for the last token.
   * @throws AppError `token.too_many`
   */
  async create(
    owner: { email: string; name: string },
    token: { name: string; lifetimeDays: number },
  ): Promise<AccessToken & { token: string }> {
    const id = randomBytes(8).toString('hex');
    const secret = `hf_${id}_${newToken()}`;
    const row = await this.knex.transaction(async (trx) => {
      const { email } = owner;
      await trx('users').insert(owner).onConflict('email').merge({ name: owner.name, last_seen_at: new Date() });
      const others = await trx('access_tokens').where({ email }).select('id');
      if (others.length >= MAX_TOKENS_PER_PERSON)
        throw new AppError('token.too_many', `there are ${MAX_TOKENS_PER_PERSON} tokens already: revoke one first`);
      const expires_at = new Date(Date.now() + token.lifetimeDays * DAY_MS);
      const values = { id, token_hash: hashOf(secret), email, name: token.name, expires_at };
      return (await trx('access_tokens').insert(values).returning('*'))[0]!;
    });
    return { ...toAccessToken(row), token: secret };
  }

  /** @throws AppError `token.not_found`, also for another person's */
  async revoke(email: string, id: string): Promise<void> {
    const count = await this.knex('access_tokens').where({ email, id }).delete();
    if (count === 0) throw new AppError('token.not_found', 'there is no such token');
  }

  /** Whose token it is, by primary key; undefined when it is none of ours. Notes the use, at most once a minute. */
  async find(token: string): Promise<TokenOwner | undefined> {
    const id = tokenIdOf(token);
    if (!id) return undefined;
    const row = await this.knex('access_tokens')
      .join('users', 'users.email', 'access_tokens.email')
      .where('access_tokens.id', id)
      .first<(Pick<AccessTokenRow, 'token_hash' | 'email' | 'expires_at'> & { name: string }) | undefined>(
        'access_tokens.token_hash',
        'access_tokens.email',
        'access_tokens.expires_at',
        'users.name',
      );
    if (!row || !isSameSecret(row.token_hash, hashOf(token))) return undefined;
    await this.knex('access_tokens')
      .where({ id })
      .whereRaw(`coalesce(last_used_at, '-infinity') < now() - interval '1 minute' and expires_at > now()`)
      .update({ last_used_at: this.knex.fn.now() as unknown as Date });
    return { tokenId: id, email: row.email, name: row.name, expiresAt: row.expires_at.getTime() };
  }
}

function toAccessToken(row: AccessTokenRow): AccessToken {
  return {
    id: row.id,
    name: row.name,
    createdAt: row.created_at.toISOString(),
    expiresAt: row.expires_at.toISOString(),
    lastUsedAt: row.last_used_at?.toISOString() ?? null,
  };
}
