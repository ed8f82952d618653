/** Knex for one principal, and which errors mean that the database is away. */
import type { EventEmitter } from 'node:events';
// The package is CommonJS: Node finds its names only on the default export.
import knexModule, { type Knex } from 'knex';
import type { ClientConfig } from 'pg';
import { isLoginRefused, LoginClient, NO_PASSWORD, NOT_TRUSTED, type LoginConfig } from './login.ts';

/** A URL, or pg's own options (where `password` may be a function, asked once per physical connection). */
export type Connection = string | LoginConfig;

export interface ConnectOptions {
  /** Shown in pg_stat_activity. */
  applicationName?: string;
  poolMin?: number;
  poolMax?: number;
  idleTimeoutMs?: number;
  /** Of one login, and of the wait for a connection that is free. */
  connectTimeoutMs?: number;
  statementTimeoutMs?: number;
  /** A connection of this age, give or take a tenth, is not handed out again. */
  lifetimeMs?: number;
  /** What Knex would print itself, in its own format, on our stdout. Errors are thrown as well, so the default is silence. */
  onWarning?: (message: string) => void;
}

export const SCHEMA = 'holdfast';
/** A credential's life is looked at only at login, so that no connection should outlive it by much; Lakebase's are good for an hour. */
const LIFETIME_MS = 45 * 60_000;
/** So that connections that were made together do not all end together. */
const LIFETIME_JITTER = 0.2;

export function connect(connection: Connection, options: ConnectOptions = {}): Knex {
  const connectTimeoutMs = options.connectTimeoutMs ?? 5_000;
  const statementTimeoutMs = options.statementTimeoutMs ?? 30_000;
  const lifetimeMs = options.lifetimeMs ?? LIFETIME_MS;
  const knex = knexModule.knex({
    client: 'pg',
    connection: {
      ...clientConfig(connection, options.applicationName),
      connectionTimeoutMillis: connectTimeoutMs,
      statement_timeout: statementTimeoutMs,
      // Ours, behind the server's: a server that is there and does nothing keeps no time either.
      query_timeout: statementTimeoutMs + QUERY_GRACE_MS,
    } as Knex.PgConnectionConfig,
    searchPath: [SCHEMA],
    // Errors would carry the bound values into the logs, and some of them are secrets.
    compileSqlOnError: false,
    acquireConnectionTimeout: connectTimeoutMs,
    log: { debug: quiet, deprecate: quiet, warn: options.onWarning ?? quiet, error: options.onWarning ?? quiet },
    pool: {
      min: options.poolMin ?? 0,
      max: options.poolMax ?? 10,
      idleTimeoutMillis: options.idleTimeoutMs ?? 30_000,
      // Beyond the slowest login and its repetition: the pool's own limit would leave a login nobody waits for.
      createTimeoutMillis: 2 * connectTimeoutMs + 1_000,
      maxConnectionLifetimeMillis: lifetimeMs * (1 - LIFETIME_JITTER / 2),
      maxConnectionLifetimeJitterMillis: lifetimeMs * LIFETIME_JITTER,
      afterCreate: leaveWhenTerminated,
    },
  });
  logInTwice(knex.client as KnexClient);
  return knex;
}

interface KnexClient {
  driver: { Client: unknown };
  acquireRawConnection(): Promise<unknown>;
  pool: Record<'numUsed' | 'numFree' | 'numPendingAcquires' | 'numPendingCreates', () => number> & { max: number };
}

/** A credential that was refused is replaced, and the login tried once more before anybody hears of it. */
function logInTwice(client: KnexClient): void {
  client.driver = { ...client.driver, Client: LoginClient };
  const logIn = client.acquireRawConnection.bind(client);
  client.acquireRawConnection = () =>
    logIn().catch((error: unknown) => {
      if (!isLoginRefused(error)) throw error;
      return logIn();
    });
}

/** Counts and nothing else: they are told in public. */
export interface PoolStatistics {
  used: number;
  free: number;
  pending_acquires: number;
  pending_creates: number;
  max: number;
}

export function poolStatistics(knex: Knex): PoolStatistics {
  const { pool } = knex.client as KnexClient;
  return {
    used: pool.numUsed(),
    free: pool.numFree(),
    pending_acquires: pool.numPendingAcquires(),
    pending_creates: pool.numPendingCreates(),
    max: pool.max,
  };
}

interface PooledClient {
  connection: EventEmitter;
  /** Knex's own mark: such a connection is not handed out again. */
  __knex__disposed?: unknown;
}

/**
 * Knex learns from the socket that a connection has ended, a moment after the server's last word has failed the query on it.
 * Until then the pool would hand it out, and the next query would fail as well.
 */
function leaveWhenTerminated(client: PooledClient, done: (error: unknown, client: PooledClient) => void): void {
  client.connection.on('errorMessage', (error: unknown) => {
    if (isConnectionFailure(error)) client.__knex__disposed = error;
  });
  done(null, client);
}

const QUERY_GRACE_MS = 1_000;
const quiet = () => undefined;

export function clientConfig(connection: Connection, applicationName = 'holdfast'): LoginConfig {
  const given: ClientConfig = typeof connection === 'string' ? { connectionString: connection } : connection;
  return { application_name: applicationName, keepAlive: true, ...given };
}

const SYSTEM_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOENT', // the unix socket is gone
  'ENOTFOUND',
  'EAI_AGAIN',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  NO_PASSWORD,
  NOT_TRUSTED,
]);
/** PostgreSQL: connection exceptions, too many connections, shutdowns, and "starting up". */
const SQL_STATES = /^(08...|53300|57P0[1-5])$/;
const MESSAGES =
  /connection terminated|timeout expired|query read timeout|timeout exceeded when trying to connect|acquiring a connection|client has encountered a connection error|connection ended unexpectedly/i;

/** True when the database is away or going away, so that the same call may succeed later; false for errors of the call itself. */
export function isConnectionFailure(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code, name, message, cause } = error as Error & { code?: unknown };
  if (error instanceof AggregateError && error.errors.some(isConnectionFailure)) return true;
  if (typeof code === 'string' && (SYSTEM_CODES.has(code) || SQL_STATES.test(code))) return true;
  if (name === 'KnexTimeoutError' || MESSAGES.test(message)) return true;
  return cause !== undefined && cause !== error && isConnectionFailure(cause);
}
