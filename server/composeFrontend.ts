/** The one place that builds the frontend. */
import { createServer } from 'node:http';
import { poolStatistics } from '../db/connect.ts';
import { checkIngress, composeHop } from './composeHop.ts';
import { composePush, type PushWorld } from './composePush.ts';
import { frontendApp } from './frontendApp.ts';
import { frontendUpgrades } from './frontendUpgrades.ts';
import type { Clock } from './base/clock.ts';
import type { Log } from './base/log.ts';
import type { FrontendConfig } from './config.ts';
import { openDatabase, translateDatabase } from './database.ts';
import { listen, stopListening, type RunningServer } from './http/listen.ts';
import { AccessTokenStore } from './identity/accessTokenStore.ts';
import { accessTokenRoutes } from './identity/accessTokenRoutes.ts';
import { AuthStore } from './identity/authStore.ts';
import { BearerIdentity } from './identity/bearerIdentity.ts';
import { cookieNameFor } from './identity/cookies.ts';
import { ProxyIdentity } from './identity/proxyIdentity.ts';
import { TokenIdentity } from './identity/tokenIdentity.ts';
import { Assigner } from './shards/assigner.ts';
import { AssignmentStore } from './shards/assignmentStore.ts';
import { Heartbeat } from './shards/heartbeat.ts';
import { ShardStore } from './shards/shardStore.ts';
import { ShardWatch } from './shards/shardWatch.ts';

const STOP_GRACE_MS = 3_000;

export async function startFrontend(
  config: FrontendConfig,
  { clock, log, push: world }: { clock: Clock; log: Log; push?: PushWorld },
): Promise<RunningServer> {
  checkIngress(config);
  const opened = openDatabase(config, clock);
  const { knex } = opened;
  const isAway = (error: unknown) => translateDatabase(error) !== error;
  const auth = new AuthStore(knex);
  const tokens =
    config.AUTH_MODE === 'token' ? new TokenIdentity(auth, isAway, clock, cookieNameFor(config.PORT)) : undefined;
  const isPlatform = config.INGRESS !== 'none';
  const { ADMIN_EMAILS: adminEmails, TRUSTED_PROXY_SECRET: secret } = config;
  const mode = tokens ?? new ProxyIdentity({ adminEmails, secret, isPlatform });
  const accessTokens = new AccessTokenStore(knex);
  const isBehindProxy = config.AUTH_MODE === 'proxy';
  const identity = new BearerIdentity({
    store: accessTokens,
    mode,
    isBehindProxy,
    isProxyTheOnlyWay: isPlatform,
    isAway,
    clock,
  });
  if (!tokens && !secret && !isPlatform)
    log.warn('AUTH_MODE=proxy without TRUSTED_PROXY_SECRET: whoever reaches this port can be anyone');

  const hop = await composeHop(config, { clock, log });
  const { directory, gateway, inspector } = hop;
  await directory.start();
  const watch = new ShardWatch(directory, new ShardStore(knex), clock);
  const assigner = new Assigner(directory, {
    store: new AssignmentStore(knex),
    capacity: config.SHARD_CAPACITY,
    isAway,
    clock,
  });
  const database = new Heartbeat(
    async () => void (await knex.raw('select 1')),
    () => undefined,
    clock,
    log,
  );
  await database.start();

  const push = composePush({
    config,
    knex,
    listen: (channel, onNotify) => opened.listen(channel, onNotify),
    clock,
    log,
    world,
  });
  const guardOptions = { allowedHosts: allowedHosts(config) };
  const parts = {
    config,
    identity,
    tokens,
    routers: [
      accessTokenRoutes({ store: accessTokens, onRevoked: (tokenId) => identity.forget(tokenId) }),
      push.router,
    ],
    directory,
    watch,
    assigner,
    gateway,
    inspector,
    database,
    pool: () => poolStatistics(knex),
    guardOptions,
    log,
    translate: translateDatabase,
  };
  const server = createServer(frontendApp(parts));
  frontendUpgrades(server, parts);
  const port = await listen(server, config.PORT, config.HOST);
  log.info({ port }, 'frontend is ready');

  return {
    port,
    async stop() {
      hop.close();
      database.close();
      await push.close();
      await stopListening(server, STOP_GRACE_MS);
      await knex.destroy();
    },
  };
}

function allowedHosts({ ALLOWED_HOSTS, PUBLIC_URL }: FrontendConfig): string[] {
  return PUBLIC_URL ? [...ALLOWED_HOSTS, new URL(PUBLIC_URL).hostname] : ALLOWED_HOSTS;
}
