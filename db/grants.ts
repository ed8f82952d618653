/** Roles of the three kinds of principals, each with no more grants than it needs. */
import type pg from 'pg';
import { AppError } from '../protocol/errors.ts';
import { SCHEMA, type Connection } from './connect.ts';
import { asAdmin } from './databases.ts';

export interface Grantee {
  /** Login role, such as `holdfast_frontend`. */
  role: string;
  kind: 'frontend' | 'backend';
}

export interface Principal extends Grantee {
  password: string;
}

/** Two starts at once must not alter the same role: PostgreSQL would refuse one of them. */
const ADVISORY_LOCK = 7_236_002;
const READ_WRITE = 'select, insert, update, delete';
const tableGrants: Record<Grantee['kind'], Record<string, string>> = {
  frontend: {
    users: READ_WRITE,
    sign_in_links: READ_WRITE,
    auth_sessions: READ_WRITE,
    access_tokens: READ_WRITE,
    push_subscriptions: READ_WRITE,
    push_calls: READ_WRITE,
    assignments: READ_WRITE,
    reservations: READ_WRITE,
    shards: 'select',
    // To count people, and no more: command lines and directories are not the frontend's business.
    sessions: 'select (owner_email, shard_id, state)',
  },
  backend: {
    projects: READ_WRITE,
    preferences: READ_WRITE,
    presence: READ_WRITE,
    // To be made by the frontend; what others ask for is not a backend's business.
    push_calls: 'insert',
    sessions: READ_WRITE,
    session_screens: READ_WRITE,
    shard_commands: READ_WRITE,
    shards: READ_WRITE,
    reservations: 'select',
    users: 'select',
  },
};

/** The role of an instance: `backend-1` → `holdfast_backend_1`. */
export function roleOf(instance: string): string {
  return `holdfast_${instance.replaceAll('-', '_')}`;
}

/**
 * Makes or renews the roles and their grants. False when the administrator may not make roles, or when they serve another
 * database of this server already: everybody then uses the administrator's own connection.
 */
export async function ensurePrincipals(connection: Connection, principals: Principal[]): Promise<boolean> {
  return asAdmin(connection, async (client) => {
    if (!(await mayCreateRoles(client)) || (await serveAnotherDatabase(client, principals))) return false;
    await client.query('begin');
    await client.query('select pg_advisory_xact_lock($1)', [ADVISORY_LOCK]);
    for (const principal of principals) {
      await ensureRole(client, principal);
      await grant(client, principal);
    }
    await client.query('commit');
    return true;
  });
}

/**
 * Grants to roles that somebody else makes, as Lakebase does: its roles are the client ids of service principals. To be
 * repeated after each migration, by the role that migrates, because it owns what is granted.
 * @throws AppError `config.invalid` that names the roles that are not there; nothing is granted then
 */
export async function grantExisting(connection: Connection, grantees: Grantee[]): Promise<void> {
  await asAdmin(connection, async (client) => {
    await client.query('begin');
    await client.query('select pg_advisory_xact_lock($1)', [ADVISORY_LOCK]);
    await requireRoles(client, grantees);
    for (const grantee of grantees) await grant(client, grantee);
    await client.query('commit');
  });
}

async function requireRoles(client: pg.Client, grantees: Grantee[]): Promise<void> {
  const { rows } = await client.query<{ role: string }>(
    'select role from unnest($1::text[]) as role where not exists (select from pg_roles where rolname = role)',
    [grantees.map(({ role }) => role)],
  );
  if (rows.length === 0) return;
  const names = rows.map(({ role }) => role).join(', ');
  throw new AppError('config.invalid', `The database has no role ${names}: it comes with the app's database resource.`);
}

async function mayCreateRoles(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query<{ may: boolean }>(
    'select rolcreaterole or rolsuper as may from pg_roles where rolname = current_user',
  );
  return rows[0]?.may ?? false;
}

/** Roles belong to the whole server; a comment on each says which database it is for. */
async function serveAnotherDatabase(client: pg.Client, principals: Principal[]): Promise<boolean> {
  const { rowCount } = await client.query(
    `select 1 from pg_roles where rolname = any($1) and shobj_description(oid, 'pg_authid') is distinct from $2`,
    [principals.map(({ role }) => role), await ownerNote(client)],
  );
  return rowCount !== 0;
}

async function ownerNote(client: pg.Client): Promise<string> {
  const { rows } = await client.query<{ name: string }>('select current_database() as name');
  return `Holdfast, database ${rows[0]!.name}`;
}

async function ensureRole(client: pg.Client, { role, password }: Principal): Promise<void> {
  const name = client.escapeIdentifier(role);
  const { rowCount } = await client.query('select 1 from pg_roles where rolname = $1', [role]);
  if (rowCount === 0) await client.query(`create role ${name}`);
  await client.query(`alter role ${name} login noinherit password ${client.escapeLiteral(password)}`);
  await client.query(`comment on role ${name} is ${client.escapeLiteral(await ownerNote(client))}`);
}

/** Takes everything back first, so that a grant that a release no longer needs is gone. */
async function grant(client: pg.Client, { role, kind }: Grantee): Promise<void> {
  const name = client.escapeIdentifier(role);
  await client.query(`revoke all on all tables in schema ${SCHEMA} from ${name}`);
  await client.query(`revoke all on all sequences in schema ${SCHEMA} from ${name}`);
  await client.query(`grant usage on schema ${SCHEMA} to ${name}`);
  for (const [table, rights] of Object.entries(tableGrants[kind])) {
    await client.query(`grant ${rights} on ${SCHEMA}.${table} to ${name}`);
  }
  if (kind === 'backend') await client.query(`grant usage on sequence ${SCHEMA}.shard_commands_id_seq to ${name}`);
}
