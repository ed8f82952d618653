import { SignJWT, UnsecuredJWT, type JWK } from 'jose';
import { beforeAll, expect, test } from 'vitest';
import { newKey, publicPartOf } from '../base/newKey.ts';
import { ManualClock } from '../testing/manualClock.ts';
import type { VerifyAssertion } from '../http/caller.ts';
import { createSigner, createVerifier, type SignAssertion } from './assertion.ts';

const ada = { email: 'ada@example.com', name: 'ada', roles: ['user' as const] };
const newPair = () => {
  const privateKey = newKey('ed25519') as JWK;
  return { publicKey: publicPartOf(privateKey) as JWK, privateKey };
};
let pair: { publicKey: JWK; privateKey: JWK };
let sign: SignAssertion;
let verify: VerifyAssertion;

beforeAll(async () => {
  pair = newPair();
  sign = await createSigner(pair.privateKey);
  verify = await createVerifier([pair.publicKey], 'backend-1', new ManualClock());
});

test('what the frontend says of a person is believed', async () => {
  expect(await verify(await sign(ada, 'backend-1'))).toEqual(ada);
});

test('an assertion is good for one request', async () => {
  const token = await sign(ada, 'backend-1');
  await verify(token);
  await expect(verify(token)).rejects.toMatchObject({ code: 'AUTH_INVALID' });
});

test('either of two keys is believed while they are rotated', async () => {
  const next = newPair();
  const both = await createVerifier([next.publicKey, pair.publicKey], 'backend-1', new ManualClock());
  expect(await both(await sign(ada, 'backend-1'))).toEqual(ada);
  expect(await both(await (await createSigner(next.privateKey))(ada, 'backend-1'))).toEqual(ada);
});

test.each([
  ['nothing', () => Promise.resolve(undefined), 'AUTH_MISSING'],
  ['no token', () => Promise.resolve('hello'), 'AUTH_INVALID'],
  ['one for another instance', () => sign(ada, 'backend-2'), 'AUTH_INVALID'],
  ['one of another key', async () => (await createSigner(newPair().privateKey))(ada, 'backend-1'), 'AUTH_INVALID'],
  [
    'an unsigned one',
    () =>
      Promise.resolve(
        new UnsecuredJWT({ name: 'x', roles: [], jti: 'x'.repeat(20) })
          .setIssuer('holdfast-frontend')
          .setAudience('backend-1')
          .setSubject('x@y.z')
          .setIssuedAt()
          .setExpirationTime('30s')
          .encode(),
      ),
    'AUTH_INVALID',
  ],
  [
    'an altered one',
    async () => {
      const [head, body, signature] = (await sign(ada, 'backend-1')).split('.') as [string, string, string];
      const claims = JSON.parse(Buffer.from(body, 'base64url').toString()) as object;
      return [
        head,
        Buffer.from(JSON.stringify({ ...claims, sub: 'bob@example.com' })).toString('base64url'),
        signature,
      ].join('.');
    },
    'AUTH_INVALID',
  ],
  ['an old one', () => signedWith({ issuedAt: -120, lifetime: 30 }), 'AUTH_EXPIRED'],
  ['one that would live too long', () => signedWith({ issuedAt: -3000, lifetime: 6000 }), 'AUTH_EXPIRED'],
])('%s is refused', async (_, make, code) => {
  await expect(verify(await make())).rejects.toMatchObject({ code });
});

/** Signed with the right key; times in seconds from now. */
async function signedWith({ issuedAt, lifetime }: { issuedAt: number; lifetime: number }): Promise<string> {
  const { importJWK } = await import('jose');
  const now = Math.floor(Date.now() / 1000);
  return new SignJWT({ name: 'ada', roles: ['user'], jti: crypto.randomUUID() })
    .setProtectedHeader({ alg: 'EdDSA' })
    .setIssuer('holdfast-frontend')
    .setAudience('backend-1')
    .setSubject('ada@example.com')
    .setIssuedAt(now + issuedAt)
    .setExpirationTime(now + issuedAt + lifetime)
    .sign(await importJWK(pair.privateKey, 'EdDSA'));
}
