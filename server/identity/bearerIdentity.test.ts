import type { IncomingMessage } from 'node:http';
import { expect, test } from 'vitest';
import { AppError } from '../../protocol/errors.ts';
import { ManualClock } from '../testing/manualClock.ts';
import type { TokenOwner } from './accessTokenStore.ts';
import { MAX_FAILURES_PER_MINUTE } from './attemptLimit.ts';
import { BearerIdentity } from './bearerIdentity.ts';
import { ProxyIdentity } from './proxyIdentity.ts';

const SECRET = 'proxy-secret-0123456789';
const ADA = { email: 'ada@example.com', name: 'Ada' };

function setUp({ secret = undefined as string | undefined } = {}) {
  const clock = new ManualClock();
  const tokens = new Map<string, TokenOwner>([
    ['hf_ada', { ...ADA, tokenId: 't1', expiresAt: clock.now() + 3_600_000 }],
    ['hf_old', { ...ADA, tokenId: 't2', expiresAt: clock.now() - 1 }],
  ]);
  const database = { isAway: false, lookUps: 0 };
  const identity = new BearerIdentity({
    store: {
      find(token) {
        database.lookUps++;
        if (database.isAway) return Promise.reject(new Error('away'));
        return Promise.resolve(tokens.get(token));
      },
    },
    mode: new ProxyIdentity({ adminEmails: [ADA.email], secret }),
    isBehindProxy: true,
    isAway: (error) => (error as Error).message === 'away',
    clock,
  });
  /** The e-mail, or the code of the refusal. */
  const ask = async (headers: Record<string, string>) => {
    const request = { headers, socket: { remoteAddress: '::1' } } as unknown as IncomingMessage;
    try {
      return (await identity.identify(request)).email;
    } catch (error) {
      return error instanceof AppError ? error.code : String(error);
    }
  };
  const withToken = (token: string, more = {}) => ask({ authorization: `Bearer ${token}`, ...more });
  return { clock, tokens, database, identity, ask, withToken };
}

test('a token says who it is; unknown and expired ones are told apart', async () => {
  const { withToken } = setUp();
  expect(await withToken('hf_ada')).toBe(ADA.email);
  expect(await withToken('hf_old')).toBe('AUTH_EXPIRED');
  expect(await withToken('hf_none')).toBe('AUTH_INVALID');
});

test('a token gives no admin, and is marked as what it is', async () => {
  const { identity } = setUp();
  const request = { headers: { authorization: 'bearer hf_ada' }, socket: {} } as unknown as IncomingMessage;
  expect(await identity.identify(request)).toEqual({ ...ADA, roles: ['user'], isByToken: true });
});

test("a bearer that is not ours is left to the mode, as a platform's own", async () => {
  const { ask } = setUp();
  expect(await ask({ authorization: 'Bearer eyJhbGciOi' })).toBe('AUTH_MISSING');
  expect(await ask({ authorization: 'Bearer eyJhbGciOi', 'x-forwarded-email': 'bob@example.com' })).toBe(
    'bob@example.com',
  );
});

test('a proxy that names someone must prove itself and name the same person', async () => {
  const { withToken } = setUp({ secret: SECRET });
  const proven = { 'x-holdfast-proxy-secret': SECRET };
  expect(await withToken('hf_ada')).toBe(ADA.email);
  expect(await withToken('hf_ada', { ...proven, 'x-forwarded-email': 'Ada@Example.com' })).toBe(ADA.email);
  expect(await withToken('hf_ada', { ...proven, 'x-forwarded-email': 'bob@example.com' })).toBe('AUTH_INVALID');
  expect(await withToken('hf_ada', { 'x-forwarded-email': ADA.email })).toBe('AUTH_INVALID');
});

test('a revoked token is refused at once here, and elsewhere when its look-up is old', async () => {
  const { clock, tokens, identity, withToken } = setUp();
  const entry = tokens.get('hf_ada')!;
  await withToken('hf_ada');
  tokens.delete('hf_ada');
  expect(await withToken('hf_ada')).toBe(ADA.email);
  identity.forget('t1');
  expect(await withToken('hf_ada')).toBe('AUTH_INVALID');
  tokens.set('hf_ada', entry);
  await withToken('hf_ada');
  tokens.delete('hf_ada');
  clock.advance(10_000);
  expect(await withToken('hf_ada')).toBe('AUTH_INVALID');
});

test('a token that was known stays so while the database is away, until it expires', async () => {
  const { clock, database, withToken } = setUp();
  await withToken('hf_ada');
  database.isAway = true;
  clock.advance(1_800_000);
  expect(await withToken('hf_ada')).toBe(ADA.email);
  clock.advance(1_800_000);
  expect(await withToken('hf_ada')).toBe('AUTH_EXPIRED');
  expect(await withToken('hf_none')).toBe('Error: away');
});

test('who tries too many is answered without the database, and who is known goes on', async () => {
  const { database, withToken } = setUp();
  await withToken('hf_ada');
  for (let i = 0; i < MAX_FAILURES_PER_MINUTE; i++) await withToken(`hf_${i}`);
  const before = database.lookUps;
  expect(await withToken('hf_more')).toBe('auth.too_many_attempts');
  expect(await withToken('hf_ada')).toBe(ADA.email);
  expect(database.lookUps).toBe(before);
});
