/** The REST API of the stand-in workspace: one function from a request to an answer, used by its server and by its CLI. */
import { join } from 'node:path';
import { ApiProblem, badRequest, denied, fieldsOf, notFound, type Answer, type Fields } from './answers.ts';
import * as apps from './apps.ts';
import * as deployments from './deployments.ts';
import { clientCredentials, findPrincipal, loginPage, requirePrincipal, scimUser } from './identity.ts';
import * as lakebase from './lakebase.ts';
import * as permissions from './permissions.ts';
import * as secrets from './secrets.ts';
import type { PlatformState, Principal } from './state.ts';
import type { PlatformStore } from './store.ts';
import { Volumes } from './volumes.ts';
import { WorkspaceTree } from './workspaceTree.ts';

export interface ApiRequest {
  method: string;
  /** With its query. */
  path: string;
  authorization?: string;
  bytes?: Uint8Array;
}

export interface World {
  giveCredential: lakebase.GiveCredential;
}

/** What a handler works with; the state is locked while it runs. */
interface Call {
  state: PlatformState;
  caller: Principal;
  tree: WorkspaceTree;
  query: URLSearchParams;
  body: Fields;
  bytes: Uint8Array;
  /** What the route's pattern caught. */
  vars: string[];
}

type Handler = (call: Call) => unknown;

/** Answers a request as the platform would; faults are met on the way. Every request is journalled. */
export async function answerRequest(store: PlatformStore, request: ApiRequest, world: World): Promise<Answer> {
  const what = `${request.method} ${request.path}`;
  const fault = store.takeFaults(what)[0];
  if (fault?.delayMs) await new Promise((resolve) => setTimeout(resolve, fault.delayMs));
  const isKept = fault?.answer && fault.when !== 'after';
  const answer = isKept ? fault.answer! : await carryOut(store, request, world);
  const given = fault?.answer ?? answer;
  store.journal({ by: 'api', what, caller: callerName(store, request), status: given.status });
  return given;
}

function callerName(store: PlatformStore, { authorization }: ApiRequest): string | undefined {
  return store.read().tokens[authorization?.replace(/^Bearer /, '') ?? '']?.userName;
}

async function carryOut(store: PlatformStore, request: ApiRequest, world: World): Promise<Answer> {
  const url = new URL(request.path, 'http://workspace');
  const bytes = request.bytes ?? new Uint8Array();
  try {
    const result = store.update((state) => {
      apps.settle(state, Date.now());
      if (url.pathname.startsWith('/oidc/')) return { done: oidc(state, request, url, bytes) };
      return route(store, state, request, url, bytes);
    });
    if ('done' in result) return result.done;
    const { token, expiresMs } = await world.giveCredential(result.credential);
    const field = result.credential.product === 'autoscaling' ? 'expire_time' : 'expiration_time';
    return { status: 200, body: { token, [field]: new Date(expiresMs).toISOString() } };
  } catch (error) {
    if (error instanceof ApiProblem) return error.answer;
    throw error;
  }
}

function oidc(state: PlatformState, request: ApiRequest, url: URL, bytes: Uint8Array): Answer {
  const origin = state.settings.apiUrl ?? state.settings.host;
  if (url.pathname === '/oidc/.well-known/oauth-authorization-server') {
    const [authorize, token] = [`${origin}/oidc/v1/authorize`, `${origin}/oidc/v1/token`];
    return {
      status: 200,
      body: { issuer: `${origin}/oidc`, authorization_endpoint: authorize, token_endpoint: token },
    };
  }
  if (url.pathname === '/oidc/oauth2/v2.0/authorize') return loginPage(state, url.searchParams);
  if (url.pathname === '/oidc/v1/token' && request.method === 'POST') {
    return clientCredentials(state, request.authorization, Buffer.from(bytes).toString());
  }
  throw notFound(`No API found for '${request.method} ${url.pathname}'`);
}

type Routed = { done: Answer } | { credential: lakebase.CredentialRequest };

function route(store: PlatformStore, state: PlatformState, request: ApiRequest, url: URL, bytes: Uint8Array): Routed {
  const caller = requirePrincipal(state, request.authorization);
  const files = /^\/api\/2\.0\/fs\/(files|directories)(\/.*)$/.exec(url.pathname);
  if (files) {
    const asked = { method: request.method, path: decodeURIComponent(files[2]!), query: url.searchParams, bytes };
    return { done: new Volumes(join(store.folder, 'volumes'), state, caller)[files[1] as 'files'](asked) };
  }
  checkAppAccess(state, request.method, url.pathname, caller);
  for (const [method, pattern, handler] of ROUTES) {
    const match = method === request.method ? new RegExp(`^/api/2\\.0${pattern}$`).exec(url.pathname) : null;
    if (!match) continue;
    const vars = match.slice(1).map(decodeURIComponent);
    const isUpload = pattern.startsWith('/workspace-files/');
    const tree = new WorkspaceTree(join(store.folder, 'workspace'), (name) => findPrincipal(state, name) !== null);
    const body = isUpload ? {} : parsed(bytes);
    const result = handler({ state, caller, tree, query: url.searchParams, body, bytes, vars });
    if (result instanceof Credential) return { credential: result.request };
    return { done: { status: 200, body: result ?? {} } };
  }
  throw new ApiProblem(404, 'ENDPOINT_NOT_FOUND', `No API found for '${request.method} ${url.pathname}'`);
}

function parsed(bytes: Uint8Array): Fields {
  if (bytes.length === 0) return {};
  try {
    return fieldsOf(JSON.parse(Buffer.from(bytes).toString()));
  } catch (error) {
    if (error instanceof ApiProblem) throw error;
    throw badRequest('Could not parse request object');
  }
}

/** Reading an app needs CAN_USE, changing it CAN_MANAGE; one that is not there is told by the handler. */
function checkAppAccess(state: PlatformState, method: string, path: string, caller: Principal): void {
  const match = /^\/api\/2\.0\/(permissions\/)?apps\/([^/]+)/.exec(path);
  const record = match && state.apps[match[2]!];
  if (!record || caller.groups.includes('admins')) return;
  const isReading = method === 'GET' && !match[1];
  if (!(isReading ? permissions.mayUse : permissions.mayManage)(record, caller)) {
    throw denied(`User ${caller.userName} does not have permission on app ${record.app.name}`);
  }
}

/** The answer is made outside the lock. */
class Credential {
  constructor(readonly request: lakebase.CredentialRequest) {}
}

const record = ({ state, vars }: Call) => apps.findApp(state, vars[0]!);
const ONE = '/([^/]+)';

const ROUTES: [method: string, pattern: string, handler: Handler][] = [
  ['GET', '/preview/scim/v2/Me', ({ caller }) => scimUser(caller)],

  ['GET', '/apps', ({ state }) => ({ apps: Object.values(state.apps).map(({ app }) => apps.shown(app)) })],
  [
    'POST',
    '/apps',
    ({ state, body, query, caller }) =>
      apps.createApp(state, body, query.get('no_compute') === 'true', caller.userName),
  ],
  ['GET', `/apps${ONE}`, (call) => apps.shown(record(call).app)],
  ['PATCH', `/apps${ONE}`, ({ state, vars, body, caller }) => apps.patchApp(state, vars[0]!, body, caller.userName)],
  ['DELETE', `/apps${ONE}`, ({ state, vars }) => apps.deleteApp(state, vars[0]!)],
  [
    'POST',
    `/apps${ONE}/update`,
    ({ state, vars, body, caller }) => apps.updateApp(state, vars[0]!, body, caller.userName),
  ],
  ['GET', `/apps${ONE}/update`, (call) => record(call).update ?? {}],
  ['POST', `/apps${ONE}/start`, ({ state, vars }) => apps.startApp(state, vars[0]!)],
  ['POST', `/apps${ONE}/stop`, ({ state, vars }) => apps.stopApp(state, vars[0]!)],
  [
    'POST',
    `/apps${ONE}/deployments`,
    (call) =>
      deployments.masked(
        deployments.createDeployment(call.state, record(call), call.tree, call.body, call.caller.userName),
      ),
  ],
  [
    'GET',
    `/apps${ONE}/deployments`,
    (call) => ({ app_deployments: record(call).deployments.toReversed().map(deployments.masked) }),
  ],
  [
    'GET',
    `/apps${ONE}/deployments${ONE}`,
    (call) => deployments.masked(deployments.findDeployment(record(call), call.vars[1]!)),
  ],

  ['GET', `/permissions/apps${ONE}`, (call) => permissions.shownAccess(call.state, record(call))],
  ['PUT', `/permissions/apps${ONE}`, (call) => changeAccess(call, permissions.setAccess)],
  ['PATCH', `/permissions/apps${ONE}`, (call) => changeAccess(call, permissions.mergeAccess)],

  ['POST', '/secrets/scopes/create', ({ state, body, caller }) => secrets.createScope(state, body, caller)],
  ['GET', '/secrets/scopes/list', ({ state }) => ({ scopes: secrets.listScopes(state) })],
  ['POST', '/secrets/scopes/delete', ({ state, body }) => secrets.deleteScope(state, body)],
  ['POST', '/secrets/put', ({ state, body, caller }) => secrets.putSecret(state, body, caller)],
  ['GET', '/secrets/list', ({ state, query }) => ({ secrets: secrets.listSecrets(state, query.get('scope') ?? '') })],
  [
    'GET',
    '/secrets/get',
    ({ state, query, caller }) => secrets.getSecret(state, query.get('scope') ?? '', query.get('key') ?? '', caller),
  ],
  ['POST', '/secrets/delete', ({ state, body, caller }) => secrets.deleteSecret(state, body, caller)],
  ['POST', '/secrets/acls/put', ({ state, body, caller }) => secrets.putAcl(state, body, caller)],
  ['GET', '/secrets/acls/list', ({ state, query }) => ({ items: secrets.listAcls(state, query.get('scope') ?? '') })],

  ['POST', '/workspace/mkdirs', ({ tree, body }) => tree.mkdirs(String(body['path']))],
  ['GET', '/workspace/get-status', ({ tree, query }) => tree.status(query.get('path') ?? '')],
  ['GET', '/workspace/list', ({ tree, query }) => ({ objects: tree.list(query.get('path') ?? '') })],
  ['POST', '/workspace/delete', ({ tree, body }) => tree.delete(String(body['path']), body['recursive'] === true)],
  [
    'POST',
    '/workspace-files/import-file/(.+)',
    ({ tree, vars, query, bytes }) =>
      tree.write(`/${vars[0]!.replace(/^\/+/, '')}`, bytes, query.get('overwrite') === 'true'),
  ],

  [
    'POST',
    '/postgres/credentials',
    ({ state, body, caller }) => new Credential(lakebase.autoscalingRequest(state, body, caller)),
  ],
  ['GET', '/postgres/(projects.*)', ({ state, vars }) => lakebase.postgresResource(state, vars[0]!)],
  [
    'POST',
    '/database/credentials',
    ({ state, body, caller }) => new Credential(lakebase.provisionedRequest(state, body, caller)),
  ],
  [
    'GET',
    '/database/instances',
    ({ state }) => ({
      database_instances: Object.keys(state.lakebase.instances).map((name) => lakebase.databaseInstance(state, name)),
    }),
  ],
  ['GET', `/database/instances${ONE}`, ({ state, vars }) => lakebase.databaseInstance(state, vars[0]!)],
];

function changeAccess(call: Call, change: typeof permissions.setAccess): Fields {
  change(call.state, record(call), call.body);
  return permissions.shownAccess(call.state, record(call));
}
