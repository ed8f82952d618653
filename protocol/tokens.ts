/** Command-line tokens: how a program signs in as the person who made it. Asked of the frontend, which alone knows identities. */
import { z } from 'zod';
import { endpoint } from './endpoint.ts';

/** How long a new token may live, in days; the app offers these. */
export const TOKEN_LIFETIMES_DAYS = [7, 30, 90, 365] as const;
export const DEFAULT_TOKEN_LIFETIME_DAYS = 90;
export const MAX_TOKEN_LIFETIME_DAYS = 365;
/** Expired ones count until they are removed. */
export const MAX_TOKENS_PER_PERSON = 20;

/** `hf_<id>_<secret>`: 64 random bits that name it, 256 that prove it. */
const TOKEN = /^hf_([0-9a-f]{16})_[A-Za-z0-9_-]{43}$/;

/** The id in a token of ours; undefined when it is not one. */
export function tokenIdOf(token: string): string | undefined {
  return TOKEN.exec(token)?.[1];
}

export const TokenId = z.string().regex(/^[0-9a-f]{16}$/, 'is not the id of a token');

/** What may be told of a token; the token itself is shown once, when it is made. */
export const AccessToken = z.object({
  id: TokenId,
  name: z.string(),
  createdAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
  /** Up to a minute old; null when it was never used. */
  lastUsedAt: z.iso.datetime().nullable(),
});
export type AccessToken = z.infer<typeof AccessToken>;

export const listTokens = endpoint({
  method: 'GET',
  path: '/api/tokens',
  input: z.object({}),
  output: z.object({ tokens: z.array(AccessToken) }),
});
/** The answer is the only place where the token ever stands. */
export const createToken = endpoint({
  method: 'POST',
  path: '/api/tokens',
  input: z.object({
    name: z
      .string()
      .trim()
      .min(1)
      .max(80)
      .regex(/^[^\p{Cc}]*$/u, 'a name has no control characters'),
    lifetimeDays: z.number().int().min(1).max(MAX_TOKEN_LIFETIME_DAYS).default(DEFAULT_TOKEN_LIFETIME_DAYS),
  }),
  output: AccessToken.extend({ token: z.string() }),
});
/** Takes effect at once for requests; a connected socket of the token ends within a minute. */
export const revokeToken = endpoint({
  method: 'DELETE',
  path: '/api/tokens/:tokenId',
  input: z.object({ tokenId: TokenId }),
  output: z.object({}),
});
