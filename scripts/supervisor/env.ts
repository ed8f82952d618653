/** The launcher's settings: the only place of scripts/ that reads the environment. */
import { userInfo } from 'node:os';
import { resolve } from 'node:path';
import { z } from 'zod';
import { AppError } from '../../protocol/errors.ts';
import { normalizeEmail } from '../../protocol/routing.ts';

const Port = z.coerce.number('must be a whole number from 1 to 65535').int().min(1).max(65535);
const Environment = z.object({
  PORT: Port.default(8000),
  HOST: z.string().min(1).default('127.0.0.1'),
  /** Backends have ids backend-1, backend-2, …; backend n listens on BACKEND_n_PORT, by default 8000 + n. */
  SHARDS: z.coerce.number('must be a whole number from 1 to 99').int().min(1).max(99).default(2),
  HOLDFAST_HOME: z.string().min(1).default('.holdfast'),
  DATABASE_URL: z
    .string()
    .regex(/^postgres(ql)?:/, 'must begin with postgres://')
    .optional(),
  AUTH_MODE: z.enum(['token', 'proxy'], 'must be token or proxy').default('token'),
  /** Who signs in with the printed link. */
  HOLDFAST_EMAIL: z
    .string()
    .regex(/^[^\s@]+@[^\s@]+$/, 'must be an e-mail address')
    .optional(),
  TRUSTED_PROXY_SECRET: z.string().min(1).optional(),
  ALLOWED_HOSTS: z.string().min(1).optional(),
  PUBLIC_URL: z.url().optional(),
  /** Who may drain shards and see how full they are, comma-separated; in token mode the one person may. */
  ADMIN_EMAILS: z.string().min(1).optional(),
  SHARD_CAPACITY: z.coerce
    .number('must be a whole number from 1')
    .int()
    .min(1, 'must be a whole number from 1')
    .default(75),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal']).default('info'),
});

export interface Settings {
  port: number;
  host: string;
  /** `peopleDirectory`: where people's files are, if not in `home`; shards need not share a disk. */
  shards: { id: string; port: number; peopleDirectory?: string | undefined }[];
  /** Absolute. */
  home: string;
  /** Absent: the embedded database. */
  databaseUrl: string | undefined;
  authMode: 'token' | 'proxy';
  email: string;
  trustedProxySecret: string | undefined;
  allowedHosts: string | undefined;
  publicUrl: string | undefined;
  adminEmails: string | undefined;
  /** People that one shard holds. */
  shardCapacity: number;
  logLevel: string;
  /** The keys of the state store, where it is a bucket. */
  stateSecrets: Record<string, string>;
  /** What children get of our environment; never a secret. */
  childEnvironment: Record<string, string>;
}

/** @throws AppError `config.invalid`, one sentence that names the variable */
export function readSettings(given: Record<string, string | undefined> = process.env): Settings {
  // An empty variable means the same as none, because that is how shells unset one for a single command.
  const source = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== ''));
  const env = parse(Environment, source);
  return {
    port: env.PORT,
    host: env.HOST,
    shards: Array.from({ length: env.SHARDS }, (_, index) => shard(index + 1, source)),
    home: resolve(env.HOLDFAST_HOME),
    databaseUrl: env.DATABASE_URL ?? urlOfPgVariables(source),
    authMode: env.AUTH_MODE,
    email: normalizeEmail(env.HOLDFAST_EMAIL ?? `${userName()}@localhost`),
    trustedProxySecret: env.TRUSTED_PROXY_SECRET,
    allowedHosts: env.ALLOWED_HOSTS,
    publicUrl: env.PUBLIC_URL,
    adminEmails: env.ADMIN_EMAILS,
    shardCapacity: env.SHARD_CAPACITY,
    logLevel: env.LOG_LEVEL,
    stateSecrets: pick(source, STATE_SECRETS),
    childEnvironment: pick(source, FOR_CHILDREN),
  };
}

function shard(number: number, source: Record<string, string | undefined>) {
  const name = `BACKEND_${number}_PORT`;
  const fallback = String(8000 + number);
  const env = parse(z.object({ [name]: Port }), { [name]: source[name] ?? fallback });
  return { id: `backend-${number}`, port: env[name]!, peopleDirectory: source[`BACKEND_${number}_PEOPLE_DIR`] };
}

function parse<Schema extends z.ZodType>(schema: Schema, source: unknown): z.output<Schema> {
  const result = schema.safeParse(source);
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  throw new AppError('config.invalid', `The variable ${issue.path.join('.')} is not usable: ${issue.message}.`);
}

/** What the same PGSSLMODE means to the instances; pg reads it otherwise, and warns that it will change its mind. */
const SSL_MODES: Record<string, string> = { require: 'verify-full', prefer: 'no-verify' };

/** PGHOST or PGDATABASE says that there is a database; pg itself fills in the rest from the other PG* variables. */
function urlOfPgVariables(env: Record<string, string | undefined>): string | undefined {
  if (!env['PGHOST'] && !env['PGDATABASE']) return undefined;
  const user = env['PGUSER'] ?? userName();
  const password = env['PGPASSWORD'] ? `:${encodeURIComponent(env['PGPASSWORD'])}` : '';
  const query = new URLSearchParams({ host: env['PGHOST'] ?? 'localhost', port: env['PGPORT'] ?? '5432' });
  if (env['PGSSLMODE']) query.set('sslmode', SSL_MODES[env['PGSSLMODE']] ?? env['PGSSLMODE']);
  return `postgres://${encodeURIComponent(user)}${password}@/${encodeURIComponent(env['PGDATABASE'] ?? user)}?${query}`;
}

const FOR_CHILDREN =
  /^(PATH|HOME|USER|LOGNAME|SHELL|LANG|LC_\w+|TZ|TMPDIR|NODE_EXTRA_CA_CERTS|ORPHAN_\w+_MINUTES|STATE_STORE)$/;

/** Handed over as secrets are, never in an environment. */
const STATE_SECRETS = /^STATE_S3_(ACCESS_KEY_ID|SECRET_ACCESS_KEY)$/;

function pick(env: Record<string, string | undefined>, names: RegExp): Record<string, string> {
  const picked = Object.entries(env).filter(([name, value]) => names.test(name) && value !== undefined);
  return Object.fromEntries(picked) as Record<string, string>;
}

function userName(): string {
  try {
    return userInfo().username.toLowerCase().replace(/[\s@]/g, '-');
  } catch {
    return `user-${process.getuid?.() ?? 0}`; // a uid without an entry in the system's list of users
  }
}
