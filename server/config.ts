/** The only reader of the environment: what an instance is told when it starts, checked once and then trusted. */
import { userInfo } from 'node:os';
import type { JWK } from 'jose';
import { z } from 'zod';
import { AppError } from '../protocol/errors.ts';
import { normalizeEmail } from '../protocol/routing.ts';
import {
  databaseOf,
  DatabaseEnvironment,
  DatabaseSecrets,
  poolOf,
  type DatabaseSettings,
  type PoolSettings,
} from './config/database.ts';
import { StateEnvironment, StateSecrets } from './config/state.ts';

const Port = z.coerce.number().int().min(0).max(65535);
const List = z
  .string()
  .default('')
  .transform((text) =>
    text
      .split(',')
      .map((part) => part.trim())
      .filter(Boolean),
  );
const Flag = z
  .enum(['0', '1'])
  .default('0')
  .transform((flag) => flag === '1');
const Jwk = z.looseObject({ kty: z.string() }).transform((key) => key as JWK);

const Common = {
  /** Names this process in logs and health, e.g. `backend-1`; also the audience of assertions. */
  APP_INSTANCE: z.string().min(1),
  PORT: Port,
  HOST: z.string().default('127.0.0.1'),
  HOLDFAST_HOME: z.string().min(1),
  AUTH_MODE: z.enum(['token', 'proxy']).default('token'),
  /** People that one shard holds. */
  SHARD_CAPACITY: z.coerce.number().int().min(1).default(75),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info'),
  /** Descriptor of the pipe on which the launcher hands over secrets. */
  SECRETS_FD: z.coerce.number().int().min(3).default(3),
  ...DatabaseEnvironment,
};

const BackendEnvironment = z.object({
  ...Common,
  ...StateEnvironment,
  SHARD_ID: z.string().regex(/^[a-z0-9-]{1,40}$/),
  /** Where sockets and pid files live: 0700, and short enough for a unix socket. */
  RUN_DIR: z.string().min(1),
  /** Where the pty host logs: into a file, because it outlives who started it, or where a container's lines are gathered. */
  HOST_LOG: z.enum(['file', 'stdout']).default('file'),
  /** One person on their own machine: their real home, any directory. */
  SINGLE_USER: Flag,
  SHELL: z
    .string()
    .default('')
    .transform((shell) => shell || loginShell()),
  LOG_CAPACITY_BYTES: z.coerce
    .number()
    .int()
    .min(1024 * 1024)
    .optional(),
  /** Sessions of a shard that was silent for this long are marked lost… */
  ORPHAN_SESSION_TIMEOUT_MINUTES: z.coerce.number().int().min(1).max(1440).default(30),
  /** …by a sweep that runs this often. */
  ORPHAN_CLEANUP_INTERVAL_MINUTES: z.coerce.number().int().min(1).max(1440).default(5),
  /** The id of the service principal as which the frontend comes through an ingress. */
  FRONTEND_SP_ID: z.string().min(1).optional(),
});

const FrontendEnvironment = z.object({
  ...Common,
  BACKEND_URLS: z
    .string()
    .transform((text) => JSON.parse(text) as unknown)
    .pipe(z.array(z.object({ id: z.string().min(1), url: z.url() })).min(1)),
  /** The built app. */
  PWA_DIR: z.string().min(1),
  /** The address people use, when it differs from ours. */
  PUBLIC_URL: z.url().optional(),
  ALLOWED_HOSTS: List,
  ADMIN_EMAILS: List.transform((emails) => emails.map(normalizeEmail)),
  /** What stands before this instance and between it and the backends; it names people here, and asks for our token there. */
  INGRESS: z.enum(['none', 'databricks']).default('none'),
});

const BackendSecrets = z.object({
  ...DatabaseSecrets,
  ...StateSecrets,
  ASSERTION_PUBLIC_KEYS: z.array(Jwk).min(1).max(2),
  HOST_KEY: z.string().min(16),
  /** 32 bytes, the same for all backends. */
  SCREENS_KEY: z
    .string()
    .transform((text) => Buffer.from(text, 'base64url'))
    .refine((key) => key.length === 32, 'must be 32 bytes in base64url'),
});

const FrontendSecrets = z.object({
  ...DatabaseSecrets,
  ASSERTION_PRIVATE_KEY: Jwk,
  TRUSTED_PROXY_SECRET: z.string().min(16).optional(),
  /** EC P-256: people's browsers take calls from who has it. Without it no device is called. */
  PUSH_KEY: Jwk.refine(
    ({ kty, crv, d }) => kty === 'EC' && crv === 'P-256' && !!d,
    'must be a private P-256 key',
  ).optional(),
});

export type InstanceKind = 'frontend' | 'backend';

/** The names that each kind reads: of its environment, and of the secrets that are handed over apart. */
export const settingNames = {
  backend: { environment: Object.keys(BackendEnvironment.shape), secrets: Object.keys(BackendSecrets.shape) },
  frontend: { environment: Object.keys(FrontendEnvironment.shape), secrets: Object.keys(FrontendSecrets.shape) },
} as const satisfies Record<InstanceKind, { environment: string[]; secrets: string[] }>;

export type BackendConfig = z.infer<typeof BackendEnvironment> & z.infer<typeof BackendSecrets> & Shared;
export type FrontendConfig = z.infer<typeof FrontendEnvironment> & z.infer<typeof FrontendSecrets> & Shared;

interface Shared {
  database: DatabaseSettings;
  pool: PoolSettings;
  version: string;
  /** Our own environment, from which sessions are passed an allow-list. */
  environment: Readonly<Record<string, string | undefined>>;
}

/** The account's own shell: a service manager or a container often starts us without SHELL. */
function loginShell(): string {
  try {
    return userInfo().shell ?? '/bin/sh';
  } catch {
    return '/bin/sh'; // a uid without an entry in the system's list of users
  }
}

export const secretsDescriptor = (): number => Number(process.env.SECRETS_FD ?? 3);

/** @throws AppError `config.invalid` with the name of what is wrong */
export function readBackendConfig(secrets: unknown, version: string): BackendConfig {
  return complete(check(BackendEnvironment, process.env), check(BackendSecrets, secrets), version);
}

/** @throws AppError `config.invalid` with the name of what is wrong */
export function readFrontendConfig(secrets: unknown, version: string): FrontendConfig {
  return complete(check(FrontendEnvironment, process.env), check(FrontendSecrets, secrets), version);
}

type DatabaseParts = [env: Parameters<typeof databaseOf>[0], secrets: Parameters<typeof databaseOf>[1]];

function complete<Env extends DatabaseParts[0], Secrets extends DatabaseParts[1]>(
  env: Env,
  secrets: Secrets,
  version: string,
): Env & Secrets & Shared {
  const environment = { ...process.env };
  return { ...env, ...secrets, ...databaseParts(env, secrets), version, environment };
}

function databaseParts(...[env, secrets]: DatabaseParts): Pick<Shared, 'database' | 'pool'> {
  try {
    return { database: databaseOf(env, secrets), pool: poolOf(env) };
  } catch (error) {
    throw invalid((error as Error).message, error);
  }
}

/** Names what is wrong, never its value: it may be a secret. */
function check<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const sentences = result.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw invalid(sentences.join('; '), undefined);
}

function invalid(sentence: string, cause: unknown): AppError {
  return new AppError('config.invalid', `the configuration is not valid. ${sentence}`, { cause });
}
