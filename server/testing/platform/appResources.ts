/** What an app may use: checked when it is declared, and granted to the app's own service principal. */
import { invalid, notFound, type Fields } from './answers.ts';
import type { App, AppResource, PlatformState } from './state.ts';

/** The kinds and what each must say (databricks-sdk-py, `service/apps.py`, `AppResource…`). */
const KINDS: Record<string, { fields: string[]; permissions: string[] }> = {
  app: { fields: ['name'], permissions: ['CAN_USE'] },
  database: { fields: ['instance_name', 'database_name'], permissions: ['CAN_CONNECT_AND_CREATE'] },
  experiment: { fields: ['experiment_id'], permissions: ['CAN_READ', 'CAN_EDIT', 'CAN_MANAGE'] },
  genie_space: { fields: ['name', 'space_id'], permissions: ['CAN_VIEW', 'CAN_RUN', 'CAN_EDIT', 'CAN_MANAGE'] },
  job: { fields: ['id'], permissions: ['CAN_VIEW', 'CAN_MANAGE_RUN', 'CAN_MANAGE', 'IS_OWNER'] },
  postgres: { fields: ['branch', 'database'], permissions: ['CAN_CONNECT_AND_CREATE'] },
  secret: { fields: ['scope', 'key'], permissions: ['READ', 'WRITE', 'MANAGE'] },
  serving_endpoint: { fields: ['name'], permissions: ['CAN_VIEW', 'CAN_QUERY', 'CAN_MANAGE'] },
  sql_warehouse: { fields: ['id'], permissions: ['CAN_USE', 'CAN_MANAGE', 'IS_OWNER'] },
  uc_securable: {
    fields: ['securable_type', 'securable_full_name'],
    permissions: ['READ_VOLUME', 'WRITE_VOLUME', 'SELECT', 'MODIFY', 'EXECUTE', 'USE_CONNECTION'],
  },
};

export function kindOf(resource: AppResource): string {
  return Object.keys(resource).find((key) => key in KINDS)!;
}

export function partsOf(resource: AppResource): Record<string, string> {
  return resource[kindOf(resource)] as Record<string, string>;
}

/** @throws ApiProblem for what the platform would refuse */
export function checkedResources(state: PlatformState, value: unknown): AppResource[] {
  if (!Array.isArray(value)) throw invalid('Invalid resources');
  const names = new Set<string>();
  for (const resource of value as Fields[]) {
    const name = resource['name'];
    if (typeof name !== 'string' || name === '') throw invalid('Each app resource must have a name');
    if (names.has(name)) throw invalid(`Duplicate app resource name: ${name}`);
    names.add(name);
    checkResource(state, resource as AppResource);
  }
  return value as AppResource[];
}

function checkResource(state: PlatformState, resource: AppResource): void {
  const keys = Object.keys(resource).filter((key) => key !== 'name' && key !== 'description');
  const kind = keys[0];
  if (keys.length !== 1 || !kind || !(kind in KINDS)) {
    throw invalid(`App resource ${resource.name} must be exactly one of ${Object.keys(KINDS).join(', ')}`);
  }
  const parts = (resource[kind] ?? {}) as Fields;
  for (const field of KINDS[kind]!.fields) {
    if (typeof parts[field] !== 'string' || parts[field] === '') {
      throw invalid(`App resource ${resource.name}: ${kind}.${field} is required`);
    }
  }
  if (!KINDS[kind]!.permissions.includes(String(parts['permission']))) {
    throw invalid(`App resource ${resource.name}: invalid permission ${JSON.stringify(parts['permission'] ?? null)}`);
  }
  checkTarget(state, kind, parts as Record<string, string>);
}

/** What it names must be there. */
function checkTarget(state: PlatformState, kind: string, parts: Record<string, string>): void {
  const { lakebase } = state;
  if (kind === 'app' && !state.apps[parts['name']!]) {
    throw notFound(`App with name ${parts['name']} does not exist or is deleted.`);
  }
  if (kind === 'secret') {
    const scope = state.scopes[parts['scope']!];
    if (!scope) throw notFound(`Scope ${parts['scope']} does not exist!`);
    if (!scope.secrets[parts['key']!])
      throw notFound(`Secret does not exist with scope: ${parts['scope']} and key: ${parts['key']}`);
  }
  if (kind === 'database' && !lakebase.instances[parts['instance_name']!]) {
    throw notFound(`Database instance ${parts['instance_name']} does not exist`);
  }
  if (kind === 'postgres') {
    const isBranch = Object.keys(lakebase.endpoints).some((name) => name.startsWith(`${parts['branch']}/endpoints/`));
    if (!isBranch) throw notFound('branch id not found');
    if (!(parts['database']! in lakebase.databases)) throw notFound('database id not found');
  }
  if (kind === 'uc_securable' && parts['securable_type'] === 'VOLUME') {
    if (!state.volumes[volumePath(parts)]) throw notFound(`Volume '${parts['securable_full_name']}' does not exist.`);
  }
}

export function volumePath(parts: Record<string, string>): string {
  return `/Volumes/${parts['securable_full_name']!.replaceAll('.', '/')}`;
}

/** The platform gives the app's principal what its resources say, and takes nothing back that others gave. */
export function grantResources(state: PlatformState, app: App): void {
  const principal = app.service_principal_client_id;
  for (const resource of app.resources ?? []) {
    const parts = partsOf(resource);
    const kind = kindOf(resource);
    if (kind === 'app') {
      const { access } = state.apps[parts['name']!]!;
      if (!access.some((entry) => entry.service_principal_name === principal)) {
        access.push({ service_principal_name: principal, permission_level: 'CAN_USE' });
      }
    } else if (kind === 'secret') {
      state.scopes[parts['scope']!]!.acls[principal] ??= parts['permission']!;
    } else if (kind === 'uc_securable' && parts['securable_type'] === 'VOLUME') {
      const users = state.volumes[volumePath(parts)]!;
      if (!users.includes(principal)) users.push(principal);
    }
  }
}
