/** `app.yaml` as the platform reads it: a command without a shell, and an environment of strings and of resources' values. */
import { parseDocument } from 'yaml';
import { kindOf, partsOf } from './appResources.ts';
import type { App, AppResource, Deployment, EnvVar, PlatformState } from './state.ts';

export interface AppSpec {
  /** null: `npm run start` */
  command: string[] | null;
  env: EnvVar[];
}

/** What is wrong with an app's files; the deployment fails with it. */
export class SpecError extends Error {}

/** @param text null where there is no file; it may be left out */
export function parseAppYaml(text: string | null): AppSpec {
  if (text === null) return { command: null, env: [] };
  const document = parseDocument(text);
  if (document.errors[0]) throw new SpecError(`error reading app.yaml: ${document.errors[0].message}`);
  const value = (document.toJS() ?? {}) as Record<string, unknown>;
  if (typeof value !== 'object' || Array.isArray(value)) throw new SpecError('error reading app.yaml: not a mapping');
  for (const key of Object.keys(value)) {
    if (key !== 'command' && key !== 'env') throw new SpecError(`error reading app.yaml: unknown field ${key}`);
  }
  const { command = null, env = [] } = value;
  if (command !== null && !(isStrings(command) && command.length > 0)) {
    throw new SpecError('error reading app.yaml: command must be a sequence of strings');
  }
  if (!Array.isArray(env)) throw new SpecError('error reading app.yaml: env must be a sequence');
  return { command, env: env.map((one: unknown) => envVar(one)) };
}

function isStrings(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((word) => typeof word === 'string');
}

function envVar(value: unknown): EnvVar {
  const { name, value: plain, valueFrom, ...rest } = (value ?? {}) as Record<string, unknown>;
  const refuse = (why: string) => new SpecError(`error reading app.yaml: env ${String(name)}: ${why}`);
  if (typeof name !== 'string' || !/^[A-Za-z_]\w*$/.test(name)) throw refuse('invalid name');
  const [unknown] = Object.keys(rest);
  if (unknown !== undefined) throw refuse(`unknown field ${unknown}`);
  if ((plain === undefined) === (valueFrom === undefined)) throw refuse('either value or valueFrom is required');
  const given = plain ?? valueFrom;
  if (typeof given !== 'string') throw refuse('must be a string; quote it');
  return plain === undefined ? { name, value_from: given } : { name, value: given };
}

/** The environment that the file and the deployment ask for; the deployment's own variables come last. */
export function resolvedEnv(
  state: PlatformState,
  app: App,
  spec: AppSpec,
  deployment: Deployment,
): Record<string, string> {
  const all = [...spec.env, ...(deployment.env_vars ?? [])];
  return Object.fromEntries(
    all.map(({ name, value, value_from: from }) => [name, value ?? resourceValue(state, app, from!)]),
  );
}

function resourceValue(state: PlatformState, app: App, key: string): string {
  const resource = app.resources?.find(({ name }) => name === key);
  if (!resource)
    throw new SpecError(`error resolving resource ${key}: it is not among the resources of app ${app.name}`);
  return valueOf(state, resource);
}

/** Databricks documentation, "Environment variables", table of `valueFrom`. */
function valueOf(state: PlatformState, resource: AppResource): string {
  const parts = partsOf(resource);
  const kind = kindOf(resource);
  if (kind === 'secret') {
    const secret = state.scopes[parts['scope']!]?.secrets[parts['key']!];
    if (!secret) throw new SpecError(`error resolving resource ${resource.name}: the secret does not exist`);
    return Buffer.from(secret.value, 'base64').toString();
  }
  if (kind === 'postgres') return endpointOf(state, parts['branch']!);
  if (kind === 'database') return state.lakebase.instances[parts['instance_name']!]!.host;
  if (kind === 'uc_securable') {
    const name = parts['securable_full_name']!;
    return parts['securable_type'] === 'VOLUME' ? `/Volumes/${name.replaceAll('.', '/')}` : name;
  }
  return parts['id'] ?? parts['space_id'] ?? parts['experiment_id'] ?? parts['name']!;
}

function endpointOf(state: PlatformState, branch: string): string {
  return Object.keys(state.lakebase.endpoints).find((name) => name.startsWith(`${branch}/endpoints/`))!;
}

/** `PG…` of the first resource that is a database (Databricks documentation, "Lakebase resource"). */
export function postgresEnv(state: PlatformState, app: App): Record<string, string> {
  const resource = app.resources?.find((one) => ['postgres', 'database'].includes(kindOf(one)));
  if (!resource) return {};
  const parts = partsOf(resource);
  const isAutoscaling = kindOf(resource) === 'postgres';
  const { endpoints, instances, databases } = state.lakebase;
  const place = isAutoscaling ? endpoints[endpointOf(state, parts['branch']!)]! : instances[parts['instance_name']!]!;
  return {
    PGHOST: place.host,
    PGPORT: String(place.port),
    PGDATABASE: isAutoscaling ? databases[parts['database']!]! : parts['database_name']!,
    PGUSER: app.service_principal_client_id,
    PGSSLMODE: place.sslMode,
    PGAPPNAME: app.name,
  };
}
