/** Lakebase as the admin who deploys sees it: where it is, and a way in as the one who owns the schema. */
import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { AppError } from '../../protocol/errors.ts';
import { systemClock } from '../../server/base/clock.ts';
import { TokenSource, type Expiring } from '../../server/databricks/tokenSource.ts';
import type { Resource } from './apps.ts';
import { listed, type Cli } from './cli.ts';
import type { Lakebase } from './settings.ts';

export interface LakebasePlace {
  /** The resource of each app that uses it. */
  resource: Resource;
  /** For the templates; the one that does not apply is empty. */
  endpoint: string;
  instance: string;
  host: string;
  /** The database's name in SQL. */
  database: string;
}

/** Waking from scale-to-zero takes seconds. */
const CONNECT_TIMEOUT_MS = 60_000;

interface Endpoint {
  name: string;
  status?: { endpoint_type?: string; hosts?: { host?: string } };
}
interface ResourceDatabase {
  name: string;
  status?: { postgres_database?: string };
}

/** @throws AppError `config.invalid` when there is no such branch, endpoint, database or instance */
export async function locateLakebase(cli: Cli, lakebase: Lakebase): Promise<LakebasePlace> {
  return lakebase.kind === 'autoscaling' ? locateBranch(cli, lakebase) : locateInstance(cli, lakebase);
}

async function locateBranch(
  cli: Cli,
  { branch, database }: Extract<Lakebase, { kind: 'autoscaling' }>,
): Promise<LakebasePlace> {
  const endpoints = listed(await cli.read<Endpoint[]>(['postgres', 'list-endpoints', branch]), 'endpoints');
  const isReadWrite = ({ status }: Endpoint) => status?.endpoint_type !== 'ENDPOINT_TYPE_READ_ONLY';
  const endpoint = endpoints.find(isReadWrite);
  const host = endpoint?.status?.hosts?.host;
  if (!endpoint || !host) throw refusal(`${branch} has no endpoint that can be written to`);
  const databases = listed(await cli.read<ResourceDatabase[]>(['postgres', 'list-databases', branch]), 'databases');
  // The resource is spelled with hyphens (databricks-postgres), the database in SQL with underscores.
  const found = database ? databases.find(({ name }) => name === database) : databases[0];
  if (!found) throw refusal(database ? `there is no ${database}` : `${branch} has no database`);
  return {
    resource: {
      name: 'postgres',
      postgres: { branch, database: found.name, permission: 'CAN_CONNECT_AND_CREATE' },
    },
    endpoint: endpoint.name,
    instance: '',
    host,
    database: found.status?.postgres_database ?? found.name.split('/').at(-1)!.replaceAll('-', '_'),
  };
}

async function locateInstance(
  cli: Cli,
  { instance, database }: Extract<Lakebase, { kind: 'provisioned' }>,
): Promise<LakebasePlace> {
  const found = await cli.read<{ read_write_dns?: string; state?: string }>([
    'database',
    'get-database-instance',
    instance,
  ]);
  if (!found.read_write_dns)
    throw refusal(`the database instance ${instance} has no address yet (${found.state ?? 'no state'})`);
  return {
    resource: {
      name: 'database',
      database: { instance_name: instance, database_name: database, permission: 'CAN_CONNECT_AND_CREATE' },
    },
    endpoint: '',
    instance,
    host: found.read_write_dns,
    database,
  };
}

/**
 * How the one who deploys signs in: with a token that is good for an hour, which is had before anything is connected to, so
 * that whoever may not have one is told just that.
 */
export async function ownerConnection(
  cli: Cli,
  place: LakebasePlace,
  user: string,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<pg.ClientConfig> {
  const credentials = new TokenSource(() => credential(cli, place), systemClock);
  await credentials.get();
  return {
    host: place.host,
    port: Number(environment['PGPORT'] ?? 5432),
    database: place.database,
    user,
    password: () => credentials.get(),
    // Lakebase wants TLS; a stand-in on this machine may not have it.
    ssl: environment['PGSSLMODE'] === 'disable' ? false : { rejectUnauthorized: true },
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
  };
}

/** The two products call the end of a token's life by different names. */
async function credential(cli: Cli, { endpoint, instance }: LakebasePlace): Promise<Expiring> {
  const { token, expire_time, expiration_time } = await (endpoint
    ? cli.read<Credential>(['postgres', 'generate-database-credential', endpoint])
    : cli.read<Credential>(['database', 'generate-database-credential'], {
        json: { instance_names: [instance], request_id: randomUUID() },
      }));
  return { value: token, expiresAt: Date.parse(expire_time ?? expiration_time ?? '') };
}

interface Credential {
  token: string;
  expire_time?: string;
  expiration_time?: string;
}

function refusal(sentence: string): AppError {
  return new AppError('config.invalid', sentence);
}
