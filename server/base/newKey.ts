/** New private keys, as JWK. */
import { createPrivateKey, createPublicKey, generateKeyPairSync, type JsonWebKey } from 'node:crypto';

const privateKeyEncoding = { type: 'pkcs8', format: 'der' } as const;
const publicKeyEncoding = { type: 'spki', format: 'der' } as const;
const bytesOf = {
  ed25519: () => generateKeyPairSync('ed25519', { privateKeyEncoding, publicKeyEncoding }).privateKey,
  ec: (namedCurve: string) =>
    generateKeyPairSync('ec', { namedCurve, privateKeyEncoding, publicKeyEncoding }).privateKey,
};

/**
 * By way of bytes: a key that comes out of `generateKeyPairSync` as an object shares a lock with what made it, and Node 20 takes that
 * lock twice when the garbage collector comes while the key is being exported. The process then waits for itself, for ever; of some
 * thousand keys that are made so, one is enough.
 */
export function newKey(kind: 'ed25519' | 'P-256'): JsonWebKey {
  const privateKey = kind === 'P-256' ? bytesOf.ec('P-256') : bytesOf.ed25519();
  return createPrivateKey({ key: privateKey, format: 'der', type: 'pkcs8' }).export({ format: 'jwk' });
}

/** What of a key may be known to everybody. */
export function publicPartOf(key: JsonWebKey): JsonWebKey {
  return createPublicKey({ key, format: 'jwk' }).export({ format: 'jwk' });
}
