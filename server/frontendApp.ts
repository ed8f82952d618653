/** The HTTP side of the frontend: the app, who you are, where your sessions go, and the way to the shards. */
import express, { type Express, type Request, type RequestHandler, type Router } from 'express';
import helmet from 'helmet';
import type { z } from 'zod';
import { AppError } from '../protocol/errors.ts';
import { RELEASE } from '../protocol/release.ts';
import type { getDeepHealth, Health } from '../protocol/health.ts';
import type { getShardStates } from '../protocol/shards.ts';
import type { AppConfig, Me } from '../protocol/identity.ts';
import type { Log } from './base/log.ts';
import type { FrontendConfig } from './config.ts';
import { callerOf } from './http/caller.ts';
import { correlate, errorHandler, notFound, type Translate } from './http/errors.ts';
import { healthRoutes } from './http/healthRoutes.ts';
import { ingressRoutes } from './http/ingressRoutes.ts';
import { requestLog } from './http/requestLog.ts';
import { staticApp } from './http/staticApp.ts';
import type { Identity } from './identity/identity.ts';
import { guard, type GuardOptions } from './identity/originGuard.ts';
import { signInRoutes } from './identity/signInRoutes.ts';
import type { TokenIdentity } from './identity/tokenIdentity.ts';
import type { Assigner } from './shards/assigner.ts';
import { needsPlace } from './shards/needsPlace.ts';
import type { Gateway } from './shards/gateway.ts';
import type { Heartbeat } from './shards/heartbeat.ts';
import type { HopInspector } from './shards/hopInspector.ts';
import type { ShardDirectory } from './shards/shardDirectory.ts';
import type { ShardWatch } from './shards/shardWatch.ts';

export interface FrontendParts {
  config: FrontendConfig;
  identity: Identity;
  /** Only in token mode. */
  tokens: TokenIdentity | undefined;
  /** Of the subjects that the frontend itself answers for, behind the question who is asking. */
  routers: Router[];
  directory: ShardDirectory;
  watch: ShardWatch;
  assigner: Assigner;
  gateway: Gateway;
  inspector: HopInspector;
  database: Heartbeat;
  pool: () => Health['pool'];
  guardOptions: GuardOptions;
  log: Log;
  translate: Translate;
}

export function frontendApp(parts: FrontendParts): Express {
  const { config, log } = parts;
  const app = express();
  app.disable('x-powered-by');
  app.use(correlate, requestLog(log), securityHeaders());
  app.get('/api/health', deepHealth(parts));
  app.use(healthRoutes({ health: () => Promise.resolve(healthOf(parts)), isReady: () => Promise.resolve(true) }));
  app.use((request, _response, next) => {
    guard(request, parts.guardOptions);
    next();
  });
  app.use(parts.tokens ? signInRoutes(parts.tokens, config) : ingressRoutes());
  api(app, parts);
  app.use(staticApp(config.PWA_DIR));
  app.use(notFound, errorHandler(log, parts.translate));
  return app;
}

function healthOf({ config, database, pool }: FrontendParts): Health {
  return {
    status: database.isDatabaseUp ? 'ok' : 'degraded',
    app_instance: config.APP_INSTANCE,
    active_pty_sessions: 0, // the frontend owns none
    version: config.version,
    database: database.isDatabaseUp ? 'ok' : 'unavailable',
    pool: pool(),
  };
}

/** With `deep=1`, and for admins: the way to every shard is tried. */
function deepHealth(parts: FrontendParts): RequestHandler {
  return async (request, response, next) => {
    if (request.query['deep'] !== '1') return next();
    guard(request, parts.guardOptions);
    const caller = await parts.identity.identify(request);
    if (!caller.roles.includes('admin')) throw new AppError('auth.forbidden', 'this is for admins');
    const shards = await parts.inspector.reports(caller);
    response.setHeader('Cache-Control', 'no-store');
    response.json({ ...healthOf(parts), shards } satisfies z.input<typeof getDeepHealth.output>);
  };
}

/** @returns false for who is not signed in, undefined for any other failure */
function isAnswerToNobody(error: unknown): false | undefined {
  return error instanceof AppError && error.code.startsWith('AUTH_') ? false : undefined;
}

function api(app: Express, { config, identity, routers, directory, watch, assigner, gateway }: FrontendParts): void {
  // Public: the sign-in page must know how people sign in here. It names shards, and nobody.
  app.get('/api/config', async (request, response) => {
    const { version, AUTH_MODE: authMode } = config;
    const isSignedIn = await identity.identify(request).then(() => true, isAnswerToNobody);
    response.json({
      shards: directory.addresses,
      mode: 'gateway',
      version,
      release: RELEASE,
      authMode,
      ...(isSignedIn === undefined ? {} : { isSignedIn }),
    } satisfies AppConfig);
  });
  app.use('/api', async (request, _response, next) => {
    request.caller = await identity.identify(request);
    next();
  });
  app.get('/api/me', (request, response) => {
    const { email, name, roles } = callerOf(request);
    response.json({ email, name, roles } satisfies Me);
  });
  app.use(...routers);
  app.get('/api/assignment', async (request, response) => {
    response.json(await assigner.assign(callerOf(request).email));
  });
  app.get('/api/shards', async (_request, response) => {
    response.json({ shards: await watch.states() } satisfies z.input<typeof getShardStates.output>);
  });
  app.all('/api/shards/:shardId/*rest', async (request, response) => {
    const { shardId } = request.params;
    const caller = callerOf(request);
    const path = shardPath(request);
    if (needsPlace(request.method, path)) await assigner.takePlaceOn(caller.email, shardId);
    await gateway.http(request, response, { caller, shardId, path });
  });
  app.all('/api/v1/*rest', async (request, response) => {
    const caller = callerOf(request);
    const isToOpen = needsPlace(request.method, request.url);
    const target = await (isToOpen ? assigner.shardToOpenOn(caller.email) : assigner.shardToAsk(caller.email));
    await gateway.http(request, response, { caller, shardId: target, path: request.url });
  });
}

function shardPath(request: Request): string {
  const target = pathOnShard(request.url);
  // The router also takes a whole URL where a path should be, which no client of ours sends.
  if (!target) throw new AppError('route.not_found', `there is nothing at ${request.method} ${request.path}`);
  return target.path;
}

/** `/api/shards/<id>/x?y` is the shard's `/api/x?y`; in capitals too, as for the router. */
export function pathOnShard(url: string): { shardId: string; path: string } | undefined {
  const match = /^\/api\/shards\/([^/?]+)(\/[^?]*)(\?.*)?$/i.exec(url);
  return match ? { shardId: match[1]!, path: `/api${match[2]!}${match[3] ?? ''}` } : undefined;
}

function securityHeaders() {
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        // Images in terminals are decoded by WebAssembly; this allows it, and no eval of scripts.
        scriptSrc: ["'self'", "'wasm-unsafe-eval'"],
        // xterm and Vue set styles on elements.
        styleSrc: ["'self'", "'unsafe-inline'"],
        imgSrc: ["'self'", 'data:', 'blob:'],
        fontSrc: ["'self'", 'data:'],
        connectSrc: ["'self'", 'ws:', 'wss:'],
        workerSrc: ["'self'"],
        manifestSrc: ["'self'"],
        objectSrc: ["'none'"],
        baseUri: ["'none'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
      },
    },
    // The transport is whoever terminates TLS in front of us; on http://localhost the header would be wrong.
    strictTransportSecurity: false,
  });
}
