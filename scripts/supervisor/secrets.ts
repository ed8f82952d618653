/** The instance's secrets, made once and kept in a file of mode 0600. */
import { randomBytes, type JsonWebKey } from 'node:crypto';
import { existsSync } from 'node:fs';
import { z } from 'zod';
import { AppError } from '../../protocol/errors.ts';
import { newKey, publicPartOf } from '../../server/base/newKey.ts';
import { readJson, writeJson } from './files.ts';

const Secret = z.string().min(32);
const Key = z.record(z.string(), z.string());
const Secrets = z.object({
  /** Of the embedded database's administrator. */
  adminPassword: Secret,
  /** By instance: frontend, backend-1, … */
  databasePasswords: z.record(z.string(), Secret),
  /** Ed25519, as JWK. The private one is given to the frontend only. */
  assertionKey: z.object({ private: Key, public: Key }),
  /** By backend: the key to its pty host. */
  hostKeys: z.record(z.string(), Secret),
  /** Seals the screens that are stored in the database; one for all backends, because any of them serves them. */
  screensKey: Secret.optional(),
  /** Signs what is sent to the push services of people's browsers, which know us by it. */
  pushKey: Key.optional(),
});
export type Secrets = Required<z.infer<typeof Secrets>>;

/** Reads what is there and adds what is missing, such as the keys of a shard that is new. */
export function ensureSecrets(file: string, shardIds: string[]): Secrets {
  const known = read(file) ?? firstSecrets();
  const before = JSON.stringify(known);
  const secrets = {
    ...known,
    screensKey: known.screensKey ?? newSecret(),
    pushKey: known.pushKey ?? newPushKey(),
  };
  for (const instance of ['frontend', ...shardIds]) secrets.databasePasswords[instance] ??= newSecret();
  for (const shardId of shardIds) secrets.hostKeys[shardId] ??= newSecret();
  if (!existsSync(file) || JSON.stringify(secrets) !== before) writeJson(file, secrets);
  return secrets;
}

/** 32 random bytes, in letters that need no quoting anywhere. */
export function newSecret(): string {
  return randomBytes(32).toString('base64url');
}

/** P-256, as a JWK (RFC 8292). */
export function newPushKey(): Record<string, string> {
  return newKey('P-256') as Record<string, string>;
}

function read(file: string): z.infer<typeof Secrets> | null {
  if (!existsSync(file)) return null;
  const secrets = readJson(file, Secrets);
  // Making new ones instead would lock us out of the database that the old ones belong to.
  if (!secrets)
    throw new AppError(
      'config.invalid',
      `The file ${file} is damaged; restore it, or remove the whole folder to begin anew.`,
    );
  return secrets;
}

function firstSecrets(): z.infer<typeof Secrets> {
  const key = newKey('ed25519');
  const named = (key: JsonWebKey) => ({ ...key, alg: 'EdDSA', use: 'sig', kid }) as Record<string, string>;
  const kid = randomBytes(8).toString('hex');
  return {
    adminPassword: newSecret(),
    databasePasswords: {},
    assertionKey: {
      private: named(key),
      public: named(publicPartOf(key)),
    },
    hostKeys: {},
  };
}
