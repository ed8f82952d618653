/**
 * Stands in for a Lakebase: a real PostgreSQL whose roles are there already, and whose passwords end by themselves. It is
 * stricter than the real one in that a role has one password at a time: a new one ends the one before.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import pg from 'pg';
import { asAdmin } from '../../db/databases.ts';

export interface Credential {
  token: string;
  /** ms since the epoch */
  expiresAt: number;
}

export interface Lakebase {
  /** A folder of unix sockets, where the server has no other door. */
  host: string;
  port: number;
  database: string;
  endpoint: string;
  instance: string;
  /** Of the credentials from now on. */
  lifeMs: number;
  /** A password for the role, good for the life of a credential. */
  issue(role: string): Promise<Credential>;
  /** How many each role was given. */
  issued: Map<string, number>;
  /** Ends the role's password before its time. */
  revoke(role: string): Promise<void>;
  /** Ends the connections of a role (57P01). */
  cut(role: string): Promise<void>;
  /** Drops the roles; whatever was granted to them must be gone, with its database. */
  close(): Promise<void>;
}

export interface LakebaseOptions {
  /** The administrator's URL of the database. */
  admin: string;
  /** Client ids of service principals. */
  roles: string[];
  lifeMs?: number;
  endpoint?: string;
  instance?: string;
}

export async function startLakebase({
  admin,
  roles,
  lifeMs = 3_600_000,
  ...names
}: LakebaseOptions): Promise<Lakebase> {
  const asOne = inTurn(admin);
  await asOne(async (client) => {
    const database = client.escapeIdentifier(new pg.Client(admin).database ?? '');
    for (const role of roles.map((name) => client.escapeIdentifier(name))) {
      await client.query(`create role ${role} login noinherit`);
      // As the platform does for a resource with CAN_CONNECT_AND_CREATE.
      await client.query(`grant connect, create on database ${database} to ${role}`);
    }
  });
  const issued = new Map<string, number>();
  const setPassword = (role: string, password: string, until: number) =>
    asOne(async (client) => {
      const [name, secret] = [client.escapeIdentifier(role), client.escapeLiteral(password)];
      await client.query(`alter role ${name} password ${secret} valid until '${new Date(until).toISOString()}'`);
    });
  const { host, port, database } = new pg.Client(admin);
  const lakebase: Lakebase = {
    host,
    port,
    database: database ?? '',
    endpoint: names.endpoint ?? 'projects/holdfast/branches/main/endpoints/primary',
    instance: names.instance ?? 'holdfast',
    issued,
    lifeMs,
    async issue(role) {
      const credential = { token: randomBytes(24).toString('base64url'), expiresAt: Date.now() + lakebase.lifeMs };
      await setPassword(role, credential.token, credential.expiresAt);
      issued.set(role, (issued.get(role) ?? 0) + 1);
      return credential;
    },
    revoke: (role) => setPassword(role, randomUUID(), Date.now()),
    cut: (role) =>
      asOne(async (client) => {
        await client.query('select pg_terminate_backend(pid) from pg_stat_activity where usename = $1', [role]);
      }),
    close: () =>
      asAdmin(withDatabase(admin, 'postgres'), async (client) => {
        for (const role of roles) await client.query(`drop role if exists ${client.escapeIdentifier(role)}`);
      }),
  };
  return lakebase;
}

export interface CredentialAnswer {
  status: number;
  body: object;
}

/** The two credential calls of the workspace's API, for the role of whoever calls; undefined for any other call. */
export async function answerCredential(
  lakebase: Lakebase,
  path: string,
  body: unknown,
  role: string,
): Promise<CredentialAnswer | undefined> {
  const { endpoint, instance_names: instances } = body as { endpoint?: string; instance_names?: string[] };
  const isAutoscaling = path === '/api/2.0/postgres/credentials';
  if (!isAutoscaling && path !== '/api/2.0/database/credentials') return undefined;
  const isKnown = isAutoscaling ? endpoint === lakebase.endpoint : instances?.[0] === lakebase.instance;
  if (!isKnown) return { status: 404, body: { error_code: 'NOT_FOUND', message: 'there is no such Lakebase' } };
  const { token, expiresAt } = await lakebase.issue(role);
  const time = new Date(expiresAt).toISOString();
  return { status: 200, body: isAutoscaling ? { token, expire_time: time } : { token, expiration_time: time } };
}

/** One after the other: PostgreSQL refuses to alter a role twice at the same time. */
function inTurn(admin: string) {
  let turn: Promise<unknown> = Promise.resolve();
  return <Result>(work: (client: pg.Client) => Promise<Result>): Promise<Result> => {
    const result = turn.then(() => asAdmin(admin, work));
    turn = result.catch(() => undefined);
    return result;
  };
}

/** The same server's other database, in URLs with a host and in those with a socket's folder alike. */
function withDatabase(url: string, name: string): string {
  return url.replace(/^([a-z]+:\/\/[^/]*\/)[^?]*/, `$1${name}`);
}
