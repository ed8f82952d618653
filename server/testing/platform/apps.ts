/** Apps of the stand-in workspace: made, read, changed, started, stopped and deleted, with the refusals of the platform. */
import { randomBytes, randomUUID } from 'node:crypto';
import { badRequest, conflict, fieldsOf, invalid, notFound, optionalText, text, type Fields } from './answers.ts';
import { checkedResources, grantResources } from './appResources.ts';
import { masked } from './deployments.ts';
import { settleApp } from './settle.ts';
import type { App, AppRecord, PlatformState } from './state.ts';

const SIZES = ['MEDIUM', 'LARGE', 'XLARGE'];
const NAME = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/;
/** Undocumented; the shortest that is told of. */
const MAX_NAME_LENGTH = 30;
/** What a person may change; the rest is the platform's. */
const OWN_FIELDS = ['description', 'compute_size', 'resources', 'user_api_scopes', 'default_source_code_path'] as const;
/** Databricks documentation, "Configure authorization in a Databricks app". */
const DEFAULT_SCOPES = ['iam.access-control:read', 'iam.current-user:read'];

export function findApp(state: PlatformState, name: string): AppRecord {
  const record = state.apps[name];
  if (!record) throw notFound(`App with name ${name} does not exist or is deleted.`);
  return record;
}

/** Brings everything up to date that happens by itself. */
export function settle(state: PlatformState, nowMs: number): void {
  for (const record of Object.values(state.apps)) settleApp(state, record, nowMs);
}

export function createApp(state: PlatformState, body: Fields, noCompute: boolean, caller: string): App {
  const name = text(body, 'name');
  if (!NAME.test(name) || name.length > MAX_NAME_LENGTH || name.length < 2) {
    throw invalid(
      `Invalid app name ${name}: it must be 2 to ${MAX_NAME_LENGTH} lowercase letters, digits and hyphens, and neither begin nor end with a hyphen.`,
    );
  }
  if (state.apps[name]) throw conflict(`An app with the same name already exists: ${name}`);
  const own = ownFields(state, body);
  const app = newApp(state, name, own, caller);
  app.compute_status = noCompute
    ? { state: 'STOPPED', message: 'App compute is stopped.' }
    : { state: 'STARTING', message: 'App compute is starting.' };
  const record: AppRecord = {
    app,
    deployments: [],
    access: [
      { user_name: caller, permission_level: 'CAN_MANAGE' },
      { group_name: 'admins', permission_level: 'CAN_MANAGE', inherited: true },
    ],
    due: noCompute ? [] : [{ atMs: Date.now() + state.settings.delaysMs.compute, change: 'active' }],
  };
  state.apps[name] = record;
  grantResources(state, app);
  return shown(app);
}

function newApp(state: PlatformState, name: string, own: Partial<App>, caller: string): App {
  const clientId = randomUUID();
  const principalId = 70_000_000_000_000 + ++state.lastId;
  state.principals.push({
    kind: 'servicePrincipal',
    id: principalId,
    userName: clientId,
    displayName: `app-${randomBytes(3).toString('hex')} ${name}`,
    groups: ['users'],
    clientSecret: `dose${randomBytes(16).toString('hex')}`,
  });
  const now = new Date().toISOString();
  return {
    name,
    id: randomUUID(),
    url: urlOf(state, name),
    compute_size: 'MEDIUM',
    compute_status: { state: 'STARTING', message: '' },
    app_status: { state: 'UNAVAILABLE', message: 'App status is unavailable.' },
    service_principal_client_id: clientId,
    service_principal_id: principalId,
    service_principal_name: state.principals.at(-1)!.displayName,
    oauth2_app_client_id: randomUUID(),
    effective_user_api_scopes: [...DEFAULT_SCOPES, ...(own.user_api_scopes ?? [])],
    create_time: now,
    update_time: now,
    creator: caller,
    updater: caller,
    ...own,
  };
}

/** Never to be derived from the workspace's address: the number before the suffix is the platform's own. */
function urlOf(state: PlatformState, name: string): string {
  const { urlForm, urlSuffix, workspaceId, ingressPorts } = state.settings;
  if (urlForm === 'loopback') {
    const used = new Set(Object.values(state.apps).map(({ app }) => new URL(app.url).port));
    const port = ingressPorts.find((candidate) => !used.has(String(candidate)));
    if (port === undefined) throw badRequest('The number of apps of this workspace is exceeded');
    return `http://127.0.0.1:${port}`;
  }
  return `${urlForm === 'https' ? 'https://' : ''}${name}-${workspaceId}.${urlSuffix}`;
}

function ownFields(state: PlatformState, body: Fields): Partial<App> {
  const own: Partial<App> = {};
  const description = optionalText(body, 'description');
  if (description !== undefined) own.description = description;
  const size = optionalText(body, 'compute_size');
  if (size !== undefined) {
    if (!SIZES.includes(size)) throw invalid(`Invalid compute size: ${size}`);
    own.compute_size = size;
  }
  if (body['resources'] !== undefined) own.resources = checkedResources(state, body['resources']);
  if (body['user_api_scopes'] !== undefined) own.user_api_scopes = checkedScopes(state, body['user_api_scopes']);
  return own;
}

function checkedScopes(state: PlatformState, value: unknown): string[] {
  if (!Array.isArray(value) || value.some((scope) => typeof scope !== 'string'))
    throw invalid('Invalid user_api_scopes');
  if (value.length > 0 && !state.settings.isUserAuthorizationEnabled) {
    throw badRequest('Databricks Apps - user token passthrough not enabled for this workspace.');
  }
  return value as string[];
}

/** `PATCH`, the older way: what is named is replaced, except the size. */
export function patchApp(state: PlatformState, name: string, body: Fields, caller: string): App {
  const { app } = findApp(state, name);
  if (body['compute_size'] !== undefined) {
    throw badRequest(
      'Compute size updates are not supported in this update API. Please use the new update API instead.',
    );
  }
  return change(state, app, ownFields(state, body), caller);
}

/** `POST …/update`: each field of the mask is replaced as a whole, and one that the body leaves out is emptied. */
export function updateApp(state: PlatformState, name: string, body: Fields, caller: string): Fields {
  const record = findApp(state, name);
  const mask = text(body, 'update_mask').split(',');
  const given = fieldsOf(body['app']);
  const names = mask.includes('*') ? [...OWN_FIELDS] : mask;
  for (const field of names) {
    if (!(OWN_FIELDS as readonly string[]).includes(field)) throw invalid(`Invalid field in update_mask: ${field}`);
  }
  const own = ownFields(state, Object.fromEntries(names.map((field) => [field, given[field]])));
  for (const field of names) if (!(field in own) && field !== 'compute_size') delete record.app[field as 'description'];
  change(state, record.app, own, caller);
  record.update = { status: { state: 'SUCCEEDED', message: 'App update succeeded' } };
  return record.update;
}

function change(state: PlatformState, app: App, own: Partial<App>, caller: string): App {
  Object.assign(app, own, { updater: caller, update_time: new Date().toISOString() });
  app.effective_user_api_scopes = [...DEFAULT_SCOPES, ...(app.user_api_scopes ?? [])];
  grantResources(state, app);
  return shown(app);
}

export function startApp(state: PlatformState, name: string): App {
  const record = findApp(state, name);
  if (record.app.compute_status.state !== 'STOPPED') {
    throw badRequest(`App ${name} is already in ${record.app.compute_status.state} state`);
  }
  record.app.compute_status = { state: 'STARTING', message: 'App compute is starting.' };
  record.due = [{ atMs: Date.now() + state.settings.delaysMs.compute, change: 'active' }];
  return shown(record.app);
}

export function stopApp(state: PlatformState, name: string): App {
  const record = findApp(state, name);
  if (record.app.compute_status.state === 'STOPPED') throw badRequest(`App ${name} is already in STOPPED state`);
  record.app.compute_status = { state: 'STOPPING', message: 'App compute is stopping.' };
  record.app.app_status = { state: 'UNAVAILABLE', message: 'App status is unavailable.' };
  delete record.app.active_deployment;
  delete record.app.pending_deployment;
  // A runner says itself when the process has ended.
  record.due = state.settings.hasRunner ? [] : [{ atMs: Date.now() + state.settings.delaysMs.stop, change: 'stopped' }];
  return shown(record.app);
}

export function deleteApp(state: PlatformState, name: string): App {
  const record = findApp(state, name);
  if (record.app.compute_status.state === 'DELETING') throw badRequest(`App ${name} is in DELETING state`);
  record.app.compute_status = { state: 'DELETING', message: 'App is being deleted.' };
  record.app.app_status = { state: 'UNAVAILABLE', message: 'App status is unavailable.' };
  record.due = [{ atMs: Date.now() + state.settings.delaysMs.delete, change: 'gone' }];
  return shown(record.app);
}

/** An app as it is answered: of a deployment's environment only the names are given. */
export function shown(app: App): App {
  return {
    ...app,
    ...(app.active_deployment && { active_deployment: masked(app.active_deployment) }),
    ...(app.pending_deployment && { pending_deployment: masked(app.pending_deployment) }),
  };
}
