/** The HTTP side of a backend: an API and nothing else. */
import express, { type Express, type Router } from 'express';
import helmet from 'helmet';
import type { z } from 'zod';
import type { Health, HopArrivals, HopCaller, SandboxKind } from '../protocol/health.ts';
import { MAX_BODY_BYTES } from '../protocol/limits.ts';
import { renewConnection } from '../protocol/sessions.ts';
import type { Log } from './base/log.ts';
import type { BackendConfig } from './config.ts';
import { callerOf, type VerifyRequest } from './http/caller.ts';
import { arrivalsOf, carriers } from './http/carriers.ts';
import { correlate, errorHandler, notFound, type Translate } from './http/errors.ts';
import { healthRoutes } from './http/healthRoutes.ts';
import { requestLog } from './http/requestLog.ts';
import { serve } from './http/serve.ts';
import type { SessionRegistry } from './sessions/sessionRegistry.ts';
import type { Heartbeat } from './shards/heartbeat.ts';
import { SOCKET_PATH, type SocketServer } from './sockets/socketServer.ts';

interface Parts {
  config: BackendConfig;
  registry: SessionRegistry;
  heartbeat: Heartbeat;
  pool: () => Health['pool'];
  /** Ways to keep people apart that work on this machine. */
  sandboxes: () => Promise<SandboxKind[]>;
  verify: VerifyRequest;
  sockets: SocketServer;
  routers: Router[];
  log: Log;
  translate: Translate;
}

export function backendApp({
  config,
  registry,
  heartbeat,
  pool,
  sandboxes,
  verify,
  sockets,
  routers,
  log,
  translate,
}: Parts): Express {
  const app = express();
  app.disable('x-powered-by');
  app.use(carriers, correlate, requestLog(log), helmet({ strictTransportSecurity: false })); // that word is for who terminates TLS
  app.use(
    healthRoutes({
      health: () =>
        Promise.resolve({
          status: heartbeat.isDatabaseUp && registry.hostState === 'ok' ? 'ok' : 'degraded',
          app_instance: config.APP_INSTANCE,
          active_pty_sessions: registry.activeCount,
          version: config.version,
          database: heartbeat.isDatabaseUp ? 'ok' : 'unavailable',
          pool: pool(),
          ptyhost: registry.hostState,
        }),
      isReady: () => Promise.resolve(registry.hostState === 'ok'),
    }),
  );
  // Public, because it must also be answered when nothing of ours arrives.
  app.get('/api/hop', (request, response) => {
    response.json({ instance: config.APP_INSTANCE, ...arrivalsOf(request) } satisfies HopArrivals);
  });
  // Nothing outside /api exists, for anyone; inside it a signed assertion is asked for before anything else is said.
  app.use('/api', async (request, _response, next) => {
    request.caller = await verify(request);
    next();
  });
  app.get('/api/hop/caller', async (request, response) => {
    const { email, roles } = callerOf(request);
    const sandbox = roles.includes('admin') ? { used: 'none' as const, possible: await sandboxes() } : undefined;
    response.json({ email, sandbox } satisfies z.infer<typeof HopCaller>);
  });
  app.all([SOCKET_PATH, `${SOCKET_PATH}/`], (request, response) => sockets.handleRequest(request, response));
  app.use('/api', express.json({ limit: MAX_BODY_BYTES }));
  app.use(renewals(sockets), ...routers);
  app.use(notFound, errorHandler(log, translate));
  return app;
}

function renewals(sockets: SocketServer): Router {
  const router = express.Router();
  serve(router, renewConnection, ({ connectionId }, caller) => {
    sockets.connections.renew(connectionId, caller.email);
    return Promise.resolve({});
  });
  return router;
}
