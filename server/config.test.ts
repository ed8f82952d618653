import { afterEach, expect, test, vi } from 'vitest';
import { readBackendConfig, readFrontendConfig } from './config.ts';

const BACKEND = {
  APP_INSTANCE: 'backend-1',
  PORT: '0',
  HOLDFAST_HOME: '/tmp/x',
  SHARD_ID: 'backend-1',
  RUN_DIR: '/tmp/r',
};
const LAKEBASE = {
  LAKEBASE_ENDPOINT: 'projects/p/branches/b/endpoints/e',
  PGHOST: 'db.example.com',
  PGDATABASE: 'databricks_postgres',
  DATABRICKS_HOST: 'dbc-1.example.com',
  DATABRICKS_CLIENT_ID: 'c0ffee',
};
const key = { kty: 'OKP' };
const SECRETS = {
  ASSERTION_PUBLIC_KEYS: [key],
  HOST_KEY: 'x'.repeat(16),
  SCREENS_KEY: Buffer.alloc(32).toString('base64url'),
};
const PRINCIPAL = { DATABRICKS_CLIENT_SECRET: 'hush' };

afterEach(() => vi.unstubAllEnvs());

function backendWith(env: Record<string, string>, secrets: object = PRINCIPAL) {
  vi.unstubAllEnvs();
  for (const name of Object.keys(process.env).filter((name) => /^(PG|DB_|DATABRICKS|LAKEBASE)/.test(name)))
    vi.stubEnv(name, undefined);
  for (const [name, value] of Object.entries({ ...BACKEND, ...env })) vi.stubEnv(name, value);
  return readBackendConfig({ ...SECRETS, ...secrets }, '1.0.0');
}

function refusalOf(env: Record<string, string>, secrets?: object): string {
  try {
    backendWith(env, secrets);
    return 'accepted';
  } catch (error) {
    return `${(error as { code: string }).code}: ${(error as Error).message}`;
  }
}

test('the database is that of a URL, or a Lakebase of either product', () => {
  expect(backendWith({}, { DATABASE_URL: 'postgres://x' }).database).toEqual({ url: 'postgres://x' });
  const lakebase = {
    host: 'db.example.com',
    port: 5432,
    database: 'databricks_postgres',
    user: 'c0ffee',
    sslMode: 'require',
    product: { endpoint: LAKEBASE.LAKEBASE_ENDPOINT },
    principal: { host: 'dbc-1.example.com', clientId: 'c0ffee', clientSecret: 'hush' },
  };
  expect(backendWith(LAKEBASE).database).toEqual({ lakebase });
  const provisioned = {
    LAKEBASE_ENDPOINT: '',
    LAKEBASE_INSTANCE: 'hf',
    PGUSER: 'u',
    PGPORT: '6543',
    PGSSLMODE: 'prefer',
  };
  expect(backendWith({ ...LAKEBASE, ...provisioned }).database).toEqual({
    lakebase: { ...lakebase, port: 6543, user: 'u', sslMode: 'prefer', product: { instance: 'hf' } },
  });
});

test('a frontend reads the same', () => {
  for (const [name, value] of Object.entries({ ...BACKEND, ...LAKEBASE, PWA_DIR: '/p' })) vi.stubEnv(name, value);
  vi.stubEnv('BACKEND_URLS', '[{"id":"backend-1","url":"http://127.0.0.1:1"}]');
  const config = readFrontendConfig({ ...PRINCIPAL, ASSERTION_PRIVATE_KEY: key }, '1.0.0');
  expect(config.database).toMatchObject({ lakebase: { host: 'db.example.com' } });
});

test('no database, two of them, and one with parts missing are refused with the names of the variables', () => {
  expect(refusalOf({})).toMatch(
    /^config.invalid: .*one of DATABASE_URL, LAKEBASE_ENDPOINT and LAKEBASE_INSTANCE.*none/,
  );
  expect(refusalOf(LAKEBASE, { ...PRINCIPAL, DATABASE_URL: 'postgres://x:secret@y' })).toMatch(
    /^config.invalid: .*set are DATABASE_URL and LAKEBASE_ENDPOINT$/,
  );
  expect(refusalOf({ ...LAKEBASE, LAKEBASE_INSTANCE: 'hf' })).toMatch(/LAKEBASE_ENDPOINT and LAKEBASE_INSTANCE$/);
  expect(refusalOf({ LAKEBASE_INSTANCE: 'hf' }, {})).toMatch(
    /LAKEBASE_INSTANCE also wants PGHOST, PGDATABASE, DATABRICKS_HOST, DATABRICKS_CLIENT_ID, DATABRICKS_CLIENT_SECRET$/,
  );
  expect(refusalOf({ ...LAKEBASE, PGSSLMODE: 'verify-full' })).toMatch(/PGSSLMODE: must be require, prefer or disable/);
});

test('the pool is as it is set, and by default small', () => {
  expect(backendWith(LAKEBASE).pool).toEqual({
    poolMin: 2,
    poolMax: 20,
    idleTimeoutMs: 30_000,
    connectTimeoutMs: 5_000,
    statementTimeoutMs: 30_000,
  });
  const own = { DB_POOL_MIN: '0', DB_POOL_MAX: '4', DB_POOL_IDLE_SECONDS: '9', DB_CONNECT_SECONDS: '20' };
  expect(backendWith({ ...LAKEBASE, ...own, DB_STATEMENT_SECONDS: '7' }).pool).toEqual({
    poolMin: 0,
    poolMax: 4,
    idleTimeoutMs: 9_000,
    connectTimeoutMs: 20_000,
    statementTimeoutMs: 7_000,
  });
  expect(refusalOf({ ...LAKEBASE, DB_POOL_MAX: '1' })).toMatch(/DB_POOL_MIN is larger than DB_POOL_MAX$/);
});
