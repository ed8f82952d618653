import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemClock } from '../../base/clock.ts';
import { principalTokens, WorkspaceClient } from '../../databricks/workspaceClient.ts';
import { issueToken } from './identity.ts';
import type { CredentialRequest } from './lakebase.ts';
import { ADMIN, type App } from './state.ts';
import { PlatformStore } from './store.ts';
import { serveWorkspaceApi, type WorkspaceApi } from './workspaceApi.ts';

const ENDPOINT = 'projects/p/branches/b/endpoints/e';
const DATABASE = 'projects/p/branches/b/databases/databricks-postgres';
const given: CredentialRequest[] = [];
let folder: string;
let store: PlatformStore;
let api: WorkspaceApi;
let app: App;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'hf-api-'));
  store = PlatformStore.create(folder);
  store.update(({ lakebase, volumes }) => {
    const place = { host: 'localhost', port: 5432, sslMode: 'require' };
    lakebase.endpoints[ENDPOINT] = { ...place, state: 'ACTIVE' };
    lakebase.databases[DATABASE] = 'databricks_postgres';
    lakebase.instances['one'] = { ...place, state: 'AVAILABLE', capacity: 'CU_1' };
    volumes['/Volumes/c/s/v'] = [];
  });
  api = await serveWorkspaceApi(store, (request) => {
    given.push(request);
    return Promise.resolve({ token: 'pw', expiresMs: Date.UTC(2030, 0, 1) });
  });
  app = (await (await asAdmin('POST', '/api/2.0/apps', { name: 'be1' })).json()) as App;
});
afterAll(async () => {
  await api.close();
  rmSync(folder, { recursive: true, force: true });
});

const send = (method: string, path: string, token: string, body?: unknown) =>
  fetch(`${api.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}` },
    body: body instanceof Uint8Array ? Buffer.from(body) : body === undefined ? undefined : JSON.stringify(body),
  });

function asAdmin(method: string, path: string, body?: unknown) {
  return send(method, path, store.update((state) => issueToken(state, ADMIN)).value, body);
}

/** The app's own service principal, by our own client. */
function principal(change: { clientSecret?: string } = {}) {
  const { clientSecret } = store.read().principals.find((one) => one.userName === app.service_principal_client_id)!;
  const account = { host: api.url, clientId: app.service_principal_client_id, clientSecret: clientSecret! };
  return new WorkspaceClient(api.url, principalTokens({ ...account, ...change }, systemClock), systemClock);
}

test('a service principal gets a token for its secret, is known by it, and its calls are counted', async () => {
  const client = principal();
  const all = await Promise.all([1, 2, 3].map(() => client.json('GET', '/api/2.0/preview/scim/v2/Me')));
  expect(all[0]).toMatchObject({ userName: app.service_principal_client_id, id: String(app.service_principal_id) });
  expect(store.read().tokenCalls[app.service_principal_client_id]).toBe(1);
  const wrong = principal({ clientSecret: 'x' }).json('GET', '/api/2.0/preview/scim/v2/Me');
  await expect(wrong).rejects.toMatchObject({ status: 401, code: 'invalid_client' });
});

test('a token that is unknown or over is refused, and discovery needs none', async () => {
  const over = store.update((state) => issueToken(state, ADMIN, -1)).value;
  for (const token of ['x', over]) expect((await send('GET', '/api/2.0/apps', token)).status).toBe(401);
  const found = await fetch(`${api.url}/oidc/.well-known/oauth-authorization-server`);
  expect(await found.json()).toMatchObject({ token_endpoint: `${api.url}/oidc/v1/token` });
});

test('an app that may not be used is not shown to a principal, and none may be changed by it', async () => {
  await asAdmin('POST', '/api/2.0/apps', { name: 'secret' });
  const mine = principal();
  await expect(mine.json('GET', '/api/2.0/apps/secret')).rejects.toMatchObject({ status: 403 });
  await expect(mine.json('GET', '/api/2.0/apps/none')).rejects.toMatchObject({ status: 404 });
  const entry = { service_principal_name: app.service_principal_client_id, permission_level: 'CAN_USE' };
  await asAdmin('PATCH', '/api/2.0/permissions/apps/secret', { access_control_list: [entry] });
  expect(await mine.json('GET', '/api/2.0/apps/secret')).toMatchObject({ name: 'secret' });
  await expect(mine.json('POST', '/api/2.0/apps/secret/stop')).rejects.toMatchObject({ status: 403 });
});

test('passwords of both kinds of Lakebase come from the callback, for those whose app has the resource', async () => {
  const ask = (body: object) => principal().json('POST', '/api/2.0/postgres/credentials', { body });
  await expect(ask({ endpoint: ENDPOINT })).rejects.toMatchObject({ status: 403 });
  const postgres = { branch: 'projects/p/branches/b', database: DATABASE, permission: 'CAN_CONNECT_AND_CREATE' };
  const database = { instance_name: 'one', database_name: 'd', permission: 'CAN_CONNECT_AND_CREATE' };
  const resources = [
    { name: 'postgres', postgres },
    { name: 'database', database },
  ];
  await asAdmin('POST', '/api/2.0/apps/be1/update', { update_mask: 'resources', app: { resources } });
  expect(await ask({ endpoint: ENDPOINT, ttl: '300s' })).toEqual({
    token: 'pw',
    expire_time: '2030-01-01T00:00:00.000Z',
  });
  const old = await principal().json('POST', '/api/2.0/database/credentials', { body: { instance_names: ['one'] } });
  expect(old).toEqual({ token: 'pw', expiration_time: '2030-01-01T00:00:00.000Z' });
  const role = app.service_principal_client_id;
  expect(given).toEqual([
    { role, product: 'autoscaling', target: ENDPOINT, ttlMs: 300_000 },
    { role, product: 'provisioned', target: 'one', ttlMs: null },
  ]);
  await expect(ask({ endpoint: `${ENDPOINT}2` })).rejects.toMatchObject({ status: 404 });
  const listed = await principal().json('GET', '/api/2.0/postgres/projects/p/branches/b/endpoints');
  expect(listed).toMatchObject({ endpoints: [{ name: ENDPOINT, status: { hosts: { host: 'localhost' } } }] });
});

test('a resource must be one that there is, of a kind that there is', async () => {
  const declare = async (resource: object) => {
    const body = { update_mask: 'resources', app: { resources: [{ name: 'x', ...resource }] } };
    return ((await (await asAdmin('POST', '/api/2.0/apps/secret/update', body)).json()) as { message: string }).message;
  };
  const permission = 'CAN_CONNECT_AND_CREATE';
  expect(await declare({ database: { instance_name: 'p', database_name: 'd', permission } })).toBe(
    'Database instance p does not exist',
  );
  expect(await declare({ app: { name: 'none', permission: 'CAN_USE' } })).toMatch(/does not exist or is deleted/);
  expect(await declare({ app: { name: 'be1', permission: 'CAN_MANAGE' } })).toMatch(/invalid permission/);
  expect(await declare({ lakebase: {} })).toMatch(/must be exactly one of/);
});

test('files of a volume are written, read, listed page by page and removed', async () => {
  const at = (path: string) => `/api/2.0/fs/${path}`;
  const file = at('files/Volumes/c/s/v/a/b%20c.bin');
  const bytes = new Uint8Array([0, 255, 10]);
  await expect(principal().call('PUT', file, { bytes })).rejects.toMatchObject({ status: 403 });
  expect((await asAdmin('PUT', file, bytes)).status).toBe(204);
  expect((await asAdmin('PUT', file, bytes)).status).toBe(409);
  expect((await asAdmin('PUT', `${file}?overwrite=true`, bytes)).status).toBe(204);
  const head = await asAdmin('HEAD', file);
  expect([head.status, head.headers.get('content-length')]).toEqual([200, '3']);
  expect(new Uint8Array(await (await asAdmin('GET', file)).arrayBuffer())).toEqual(bytes);
  await asAdmin('PUT', at('files/Volumes/c/s/v/a/z'), bytes);
  const page = async (query: string) =>
    (await (await asAdmin('GET', at(`directories/Volumes/c/s/v/a${query}`))).json()) as Record<string, string>;
  const first = await page('?page_size=1');
  expect(first).toMatchObject({ contents: [{ path: '/Volumes/c/s/v/a/b c.bin', is_directory: false, file_size: 3 }] });
  const second = await page(`?page_size=1&page_token=${first['next_page_token']}`);
  expect(second).toMatchObject({ contents: [{ name: 'z' }] });
  expect(second['next_page_token']).toBeUndefined();
  expect((await asAdmin('DELETE', at('directories/Volumes/c/s/v/a'))).status).toBe(400);
  expect((await asAdmin('DELETE', file)).status).toBe(204);
  expect((await asAdmin('GET', file)).status).toBe(404);
  expect((await asAdmin('GET', at('files/Volumes/c/s/other/x'))).status).toBe(404);
});

test('a request meets the faults that are set, and the journal says who asked', async () => {
  store.addFault({ on: '^GET /api/2.0/apps$', times: 2, answer: { status: 503, body: '<html>busy</html>' } });
  const client = principal();
  const hurried = new WorkspaceClient(api.url, client.tokens, {
    ...systemClock,
    after: (_, run) => systemClock.after(0, run),
  });
  expect(await hurried.json('GET', '/api/2.0/apps')).toHaveProperty('apps');
  expect(
    store
      .entries('api')
      .filter(({ what }) => what === 'GET /api/2.0/apps')
      .slice(-3),
  ).toMatchObject([503, 503, 200].map((status) => ({ status, caller: app.service_principal_client_id })));
});
