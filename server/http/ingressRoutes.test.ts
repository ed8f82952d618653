import type { AddressInfo } from 'node:net';
import express from 'express';
import { expect, test } from 'vitest';
import { send } from '../testing/rawHttp.ts';
import { ingressRoutes } from './ingressRoutes.ts';

test('what leaks from an ingress leads to the app, and nothing else does', async () => {
  const app = express().use(ingressRoutes());
  const server = app.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  const leadsHome = async (path: string) => {
    const { status, headers } = await send(port, { path });
    return status === 302 && headers.location === '/' && headers['cache-control'] === 'no-store';
  };
  for (const path of ['/oidc/oauth2/v2.0/authorize?x=1', '/.auth/callback?code=1', '/oidc', '/sign-in'])
    expect([path, await leadsHome(path)]).toEqual([path, true]);
  for (const path of ['/', '/oidcs', '/api/oidc/x']) expect([path, await leadsHome(path)]).toEqual([path, false]);
  server.close();
  server.closeAllConnections();
});
