/** The secrets of a deployment: made once in a scope of the workspace, read from there by the apps, never on a command line. */
import { createPublicKey, generateKeyPairSync, randomBytes, type JsonWebKey } from 'node:crypto';
import { AppError } from '../../protocol/errors.ts';
import { CliError, listed, type Cli } from './cli.ts';

export const SCREENS_KEY = 'screens-key';
export const ASSERTION_KEY = 'assertion-private-key';
/** Of the key before the last rotation: believed for one deployment more. */
const PREVIOUS_PUBLIC_KEY = 'assertion-previous-public-key';

export interface DeploySecrets {
  /** One, or two after a rotation. */
  publicKeys: JsonWebKey[];
  made: string[];
  /** Takes a rotation back: the releases before know the old key alone. */
  undoRotation: () => Promise<void>;
}

/** @param isRotating makes a new assertion key; backends believe the old one as well until the next deployment */
export async function ensureSecrets(cli: Cli, scope: string, isRotating: boolean): Promise<DeploySecrets> {
  const isNewScope = await ensureScope(cli, scope);
  const known = isNewScope ? [] : await keysOf(cli, scope);
  const made: string[] = [];
  const put = async (key: string, value: string) => {
    await cli.write(['secrets', 'put-secret'], { json: { scope, key, string_value: value } }, () => undefined);
    made.push(key);
  };
  if (!known.includes(SCREENS_KEY)) await put(SCREENS_KEY, randomBytes(32).toString('base64url'));
  const present = known.includes(ASSERTION_KEY) ? parseKey(await read(cli, scope, ASSERTION_KEY)) : undefined;
  if (present && !isRotating) {
    const previous = known.includes(PREVIOUS_PUBLIC_KEY) ? await read(cli, scope, PREVIOUS_PUBLIC_KEY) : '';
    const isOver = previous === '' || previous === 'none';
    // Every frontend that signed with it has been replaced by the deployment that rotated.
    if (!isOver) await put(PREVIOUS_PUBLIC_KEY, 'none');
    return { publicKeys: [publicPart(present)], made, undoRotation: () => Promise.resolve() };
  }
  const next = newKey();
  if (present) await put(PREVIOUS_PUBLIC_KEY, JSON.stringify(publicPart(present)));
  await put(ASSERTION_KEY, JSON.stringify(next));
  const undoRotation = async () => {
    if (present) await put(ASSERTION_KEY, JSON.stringify(present));
    if (present) await put(PREVIOUS_PUBLIC_KEY, 'none');
  };
  return { publicKeys: [publicPart(next), ...(present ? [publicPart(present)] : [])], made, undoRotation };
}

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
function newKey(): JsonWebKey {
  const key = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' });
  return { ...key, alg: 'EdDSA', use: 'sig', kid: randomBytes(8).toString('hex') };
}

function publicPart(key: JsonWebKey): JsonWebKey {
  const { alg, use, kid } = key as Record<string, string | undefined>;
  return { ...createPublicKey({ key, format: 'jwk' }).export({ format: 'jwk' }), ...{ alg, use, kid } };
}
