/** Lakebase of the stand-in workspace, both products: what is found where, and tokens that are good as passwords. */
import { denied, invalid, notFound, optionalText, text, type Fields } from './answers.ts';
import { kindOf, partsOf } from './appResources.ts';
import type { PlatformState, Principal } from './state.ts';

export interface CredentialRequest {
  /** Whose role logs in: a person's e-mail or a service principal's client id. */
  role: string;
  product: 'autoscaling' | 'provisioned';
  /** An endpoint's path or an instance's name. */
  target: string;
  /** How long it is asked to be good for; null: as long as the platform gives (an hour). */
  ttlMs: number | null;
}

/** Makes a password that the role may log in with until it is over. */
export type GiveCredential = (request: CredentialRequest) => Promise<{ token: string; expiresMs: number }>;

const DEFAULT_TTL_MS = 3_600_000;

/** For tests without a PostgreSQL: a token that opens nothing. */
export const emptyCredential: GiveCredential = ({ role, ttlMs }) =>
  Promise.resolve({ token: `token-of-${role}`, expiresMs: Date.now() + (ttlMs ?? DEFAULT_TTL_MS) });

/** `POST /api/2.0/postgres/credentials`: what is asked, checked. */
export function autoscalingRequest(state: PlatformState, body: Fields, caller: Principal): CredentialRequest {
  const endpoint = text(body, 'endpoint');
  if (!/^projects\/[^/]+\/branches\/[^/]+\/endpoints\/[^/]+$/.test(endpoint)) {
    throw invalid(`Invalid endpoint name: ${endpoint}`);
  }
  if (!state.lakebase.endpoints[endpoint]) throw notFound('endpoint id not found');
  const branch = endpoint.replace(/\/endpoints\/.*/, '');
  requireRole(state, caller, 'postgres', 'branch', branch);
  const ttl = optionalText(body, 'ttl');
  const seconds = ttl === undefined ? null : Number(/^(\d+(?:\.\d+)?)s$/.exec(ttl)?.[1] ?? NaN);
  if (seconds !== null && !(seconds >= 300 && seconds <= 3600)) throw invalid('ttl must be between 300s and 3600s');
  return { role: caller.userName, product: 'autoscaling', target: endpoint, ttlMs: seconds && seconds * 1000 };
}

/** `POST /api/2.0/database/credentials` */
export function provisionedRequest(state: PlatformState, body: Fields, caller: Principal): CredentialRequest {
  const names = body['instance_names'];
  if (!Array.isArray(names) || names.length === 0) throw invalid('instance_names must not be empty');
  for (const name of names as string[]) {
    if (!state.lakebase.instances[name]) throw notFound(`Database instance ${name} does not exist`);
    requireRole(state, caller, 'database', 'instance_name', name);
  }
  return { role: caller.userName, product: 'provisioned', target: names[0] as string, ttlMs: null };
}

/** Admins may log in; a service principal where its app's resources let it. */
function requireRole(state: PlatformState, caller: Principal, kind: string, field: string, value: string): void {
  if (caller.groups.includes('admins')) return;
  const apps = Object.values(state.apps).filter(({ app }) => app.service_principal_client_id === caller.userName);
  const isGranted = apps.some(({ app }) =>
    (app.resources ?? []).some((resource) => kindOf(resource) === kind && partsOf(resource)[field] === value),
  );
  if (!isGranted) throw denied(`${caller.userName} does not have permission to connect to ${value}`);
}

/** `GET /api/2.0/postgres/…`: one resource, or the list of those below one (databricks-sdk-py, `service/postgres.py`). */
export function postgresResource(state: PlatformState, name: string): Fields {
  const { endpoints, databases } = state.lakebase;
  const parts = name.split('/');
  const kind = parts.at(parts.length % 2 === 0 ? -2 : -1)!;
  if (parts.length % 2 === 1) return { [kind]: childrenOf(state, name).map((child) => postgresResource(state, child)) };
  const base = { name, uid: `uid-${parts.at(-1)}`, ...(parts.length > 2 && { parent: parts.slice(0, -2).join('/') }) };
  if (kind === 'endpoints' && endpoints[name]) {
    const { host, state: current } = endpoints[name];
    const status = { endpoint_type: 'ENDPOINT_TYPE_READ_WRITE', current_state: current, hosts: { host } };
    return { ...base, status };
  }
  if (kind === 'databases' && databases[name] !== undefined) {
    return { ...base, status: { postgres_database: databases[name] } };
  }
  const below = [...Object.keys(endpoints), ...Object.keys(databases)].some((one) => one.startsWith(`${name}/`));
  if ((kind === 'projects' || kind === 'branches') && below) {
    return { ...base, status: kind === 'branches' ? { current_state: 'READY', default: true } : {} };
  }
  throw notFound(`${kind.replace(/e?s$/, '')} id not found`);
}

function childrenOf(state: PlatformState, collection: string): string[] {
  const { endpoints, databases } = state.lakebase;
  const parent = collection.split('/').slice(0, -1).join('/');
  if (parent !== '') postgresResource(state, parent); // it must be there
  const depth = collection.split('/').length + 1;
  const names = [...Object.keys(endpoints), ...Object.keys(databases)]
    .filter((name) => name.startsWith(`${collection}/`))
    .map((name) => name.split('/').slice(0, depth).join('/'));
  return [...new Set(names)];
}

/** `GET /api/2.0/database/instances/{name}` */
export function databaseInstance(state: PlatformState, name: string): Fields {
  const instance = state.lakebase.instances[name];
  if (!instance) throw notFound(`Database instance ${name} does not exist`);
  const { host, capacity, state: current } = instance;
  return { name, uid: `uid-${name}`, state: current, capacity, pg_version: 'PG_VERSION_16', read_write_dns: host };
}
