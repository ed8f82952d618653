/** The secrets of a deployment: made once in a scope of the workspace, read from there by the apps, never on a command line. */
import { randomBytes, type JsonWebKey } from 'node:crypto';
import { AppError } from '../../protocol/errors.ts';
import { newKey, publicPartOf } from '../../server/base/newKey.ts';
import { newPushKey } from '../supervisor/secrets.ts';
import { CliError, listed, type Cli } from './cli.ts';

export const SCREENS_KEY = 'screens-key';
export const PUSH_KEY = 'push-key';
export const ASSERTION_KEY = 'assertion-private-key';
/** Of the key before a rotation that is not finished: whoever still signs with it is believed. */
const PREVIOUS_PUBLIC_KEY = 'assertion-previous-public-key';
const NONE = 'none';

export interface DeploySecrets {
  /** What the new releases believe: one key, or two while one takes the other's place. */
  publicKeys: JsonWebKey[];
  made: string[];
  /** A rotation that an earlier run began and did not finish: releases that know one key alone may run beside others. */
  isHalfRotated: boolean;
  /** Puts the next key where frontends that start from now on find it. Nothing to do without a rotation. */
  rotate: () => Promise<void>;
  /** The releases before know the old key alone. */
  undoRotation: () => Promise<void>;
  /** Every instance has been replaced: nobody signs with the old key any more. */
  settle: () => Promise<void>;
}

/** Makes what is missing. @param isRotating plans a new assertion key, which `rotate` puts in place */
export async function ensureSecrets(cli: Cli, scope: string, isRotating: boolean): Promise<DeploySecrets> {
  const isNewScope = await ensureScope(cli, scope);
  const known = isNewScope ? [] : await keysOf(cli, scope);
  const made: string[] = [];
  const put = (key: string, value: string) =>
    cli.write(['secrets', 'put-secret'], { json: { scope, key, string_value: value } }, () => undefined);
  const make = async (key: string, value: string) => {
    await put(key, value);
    made.push(key);
    return value;
  };
  if (!known.includes(SCREENS_KEY)) await make(SCREENS_KEY, randomBytes(32).toString('base64url'));
  if (!known.includes(PUSH_KEY)) await make(PUSH_KEY, JSON.stringify(newPushKey()));
  const present = parseKey(
    known.includes(ASSERTION_KEY)
      ? await read(cli, scope, ASSERTION_KEY)
      : await make(ASSERTION_KEY, JSON.stringify(newAssertionKey())),
  );
  const kept = known.includes(PREVIOUS_PUBLIC_KEY) ? await read(cli, scope, PREVIOUS_PUBLIC_KEY) : NONE;
  const previous = kept === NONE ? undefined : parseKey(kept);
  const isHalfRotated = previous !== undefined;
  const settle = () => put(PREVIOUS_PUBLIC_KEY, NONE);
  // A second rotation on top of a half-done one would be believed by nobody who runs: the first is finished instead.
  if (!isRotating || isHalfRotated)
    return {
      publicKeys: [publicPart(present), ...(previous ? [previous] : [])],
      made,
      isHalfRotated,
      rotate: nothing,
      undoRotation: nothing,
      settle: isHalfRotated ? settle : nothing,
    };
  const next = newAssertionKey();
  return {
    publicKeys: [publicPart(next), publicPart(present)],
    made,
    isHalfRotated,
    rotate: async () => {
      await put(PREVIOUS_PUBLIC_KEY, JSON.stringify(publicPart(present)));
      await put(ASSERTION_KEY, JSON.stringify(next));
    },
    undoRotation: async () => {
      await put(ASSERTION_KEY, JSON.stringify(present));
      await settle();
    },
    settle,
  };
}

const nothing = () => Promise.resolve();

async function ensureScope(cli: Cli, scope: string): Promise<boolean> {
  const scopes = await cli.read<{ name: string }[]>(['secrets', 'list-scopes']);
  if (listed(scopes, 'scopes').some(({ name }) => name === scope)) return false;
  await cli.write(['secrets', 'create-scope', scope], {}, () => undefined);
  return true;
}

async function keysOf(cli: Cli, scope: string): Promise<string[]> {
  const secrets = await cli.read<{ key: string }[]>(['secrets', 'list-secrets', scope]);
  return listed(secrets, 'secrets').map(({ key }) => key);
}

/** Values come in base64 (Secrets API, "Get a secret"). */
async function read(cli: Cli, scope: string, key: string): Promise<string> {
  try {
    const { value } = await cli.read<{ value: string }>(['secrets', 'get-secret', scope, key]);
    return Buffer.from(value, 'base64').toString('utf8');
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    throw new AppError('config.invalid', `the secret ${key} of the scope ${scope} cannot be read: ${error.message}`, {
      cause: error,
    });
  }
}

function parseKey(text: string): JsonWebKey {
  try {
    return JSON.parse(text) as JsonWebKey;
  } catch {
    throw new AppError(
      'config.invalid',
      `the secret ${ASSERTION_KEY} is damaged; --rotate-keys after deleting it makes a new one`,
    );
  }
}

/** Ed25519, as a JWK that names itself. */
function newAssertionKey(): JsonWebKey {
  return { ...newKey('ed25519'), alg: 'EdDSA', use: 'sig', kid: randomBytes(8).toString('hex') };
}

function publicPart(key: JsonWebKey): JsonWebKey {
  const { alg, use, kid } = key as Record<string, string | undefined>;
  return { ...publicPartOf(key), ...{ alg, use, kid } };
}
