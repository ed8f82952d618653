/** Which database an instance uses: the one of a secret URL, or a Lakebase that gives out passwords for an hour. */
import { z } from 'zod';

const Count = z.coerce.number().int();
/** Templates and shells set to nothing what is not meant. */
const Text = z
  .string()
  .optional()
  .transform((text) => text || undefined);

export const DatabaseEnvironment = {
  PGHOST: Text,
  PGPORT: Count.min(1).max(65535).default(5432),
  PGDATABASE: Text,
  PGUSER: Text,
  /** `require`: certificates are verified; `prefer`: they are not; `disable`: no encryption. */
  PGSSLMODE: z.enum(['require', 'prefer', 'disable'], 'must be require, prefer or disable').default('require'),
  /** An autoscaling Lakebase: `projects/…/branches/…/endpoints/…`. */
  LAKEBASE_ENDPOINT: Text,
  /** A provisioned Lakebase. */
  LAKEBASE_INSTANCE: Text,
  DATABRICKS_HOST: Text,
  DATABRICKS_CLIENT_ID: Text,
  DB_POOL_MIN: Count.min(0).default(2),
  DB_POOL_MAX: Count.min(1).default(20),
  DB_POOL_IDLE_SECONDS: Count.min(1).default(30),
  /** One that wakes from its sleep may want 15 s and more. */
  DB_CONNECT_SECONDS: Count.min(1).default(5),
  DB_STATEMENT_SECONDS: Count.min(1).default(30),
};

export const DatabaseSecrets = {
  DATABASE_URL: Text,
  DATABRICKS_CLIENT_SECRET: Text,
};

type Environment = z.infer<z.ZodObject<typeof DatabaseEnvironment>>;
type Secrets = z.infer<z.ZodObject<typeof DatabaseSecrets>>;

export interface LakebaseSettings {
  host: string;
  port: number;
  database: string;
  user: string;
  sslMode: 'require' | 'prefer' | 'disable';
  /** What the password is asked for. */
  product: { endpoint: string } | { instance: string };
  principal: { host: string; clientId: string; clientSecret: string };
}

export type DatabaseSettings = { url: string } | { lakebase: LakebaseSettings };

export interface PoolSettings {
  poolMin: number;
  poolMax: number;
  idleTimeoutMs: number;
  connectTimeoutMs: number;
  statementTimeoutMs: number;
}

/** @throws Error that names the variables */
export function databaseOf(env: Environment, secrets: Secrets): DatabaseSettings {
  const { LAKEBASE_ENDPOINT: endpoint, LAKEBASE_INSTANCE: instance } = env;
  const given = { DATABASE_URL: secrets.DATABASE_URL, LAKEBASE_ENDPOINT: endpoint, LAKEBASE_INSTANCE: instance };
  const names = Object.entries(given).flatMap(([name, value]) => (value ? [name] : []));
  if (names.length !== 1) {
    const found = names.length === 0 ? 'none of them is set' : `set are ${names.join(' and ')}`;
    throw new Error(`one of DATABASE_URL, LAKEBASE_ENDPOINT and LAKEBASE_INSTANCE says which database; ${found}`);
  }
  if (secrets.DATABASE_URL) return { url: secrets.DATABASE_URL };
  const product = endpoint ? { endpoint } : { instance: instance! };
  const wanted = {
    PGHOST: env.PGHOST,
    PGDATABASE: env.PGDATABASE,
    DATABRICKS_HOST: env.DATABRICKS_HOST,
    DATABRICKS_CLIENT_ID: env.DATABRICKS_CLIENT_ID,
    DATABRICKS_CLIENT_SECRET: secrets.DATABRICKS_CLIENT_SECRET,
  };
  const missing = Object.entries(wanted).flatMap(([name, value]) => (value ? [] : [name]));
  if (missing.length > 0) throw new Error(`${names[0]} also wants ${missing.join(', ')}`);
  return {
    lakebase: {
      host: env.PGHOST!,
      port: env.PGPORT,
      database: env.PGDATABASE!,
      user: env.PGUSER ?? env.DATABRICKS_CLIENT_ID!,
      sslMode: env.PGSSLMODE,
      product,
      principal: {
        host: env.DATABRICKS_HOST!,
        clientId: env.DATABRICKS_CLIENT_ID!,
        clientSecret: secrets.DATABRICKS_CLIENT_SECRET!,
      },
    },
  };
}

/** @throws Error when no pool can be like this */
export function poolOf(env: Environment): PoolSettings {
  if (env.DB_POOL_MIN > env.DB_POOL_MAX) throw new Error('DB_POOL_MIN is larger than DB_POOL_MAX');
  return {
    poolMin: env.DB_POOL_MIN,
    poolMax: env.DB_POOL_MAX,
    idleTimeoutMs: env.DB_POOL_IDLE_SECONDS * 1000,
    connectTimeoutMs: env.DB_CONNECT_SECONDS * 1000,
    statementTimeoutMs: env.DB_STATEMENT_SECONDS * 1000,
  };
}
