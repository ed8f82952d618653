/** What each server process is started with: settings in its environment, secrets through a pipe. */
import { join } from 'node:path';
import type { ChildSpec } from './child.ts';
import type { Settings } from './env.ts';
import type { Home } from './home.ts';
import type { Secrets } from './secrets.ts';

export interface Plan {
  settings: Settings;
  home: Home;
  secrets: Secrets;
  /** Absolute path of the built program. */
  dist: string;
  /** By instance. */
  databaseUrls: Record<string, string>;
}

/** Only the gateway talks to backends, and it runs on this machine: HOST is for the frontend alone. */
export const BACKEND_HOST = '127.0.0.1';

export function frontendSpec(plan: Plan): ChildSpec {
  const { settings, secrets } = plan;
  const backends = settings.shards.map(({ id, port }) => ({ id, url: `http://${BACKEND_HOST}:${port}` }));
  return {
    ...common(plan, 'frontend', 'frontend.js', settings.host, settings.port, {
      BACKEND_URLS: JSON.stringify(backends),
      PWA_DIR: join(plan.dist, 'pwa'),
      ...(settings.publicUrl ? { PUBLIC_URL: settings.publicUrl } : {}),
      ...(settings.allowedHosts ? { ALLOWED_HOSTS: settings.allowedHosts } : {}),
      ...(settings.adminEmails ? { ADMIN_EMAILS: settings.adminEmails } : {}),
    }),
    secrets: {
      DATABASE_URL: plan.databaseUrls['frontend'],
      ASSERTION_PRIVATE_KEY: secrets.assertionKey.private,
      PUSH_KEY: secrets.pushKey,
      ...(settings.trustedProxySecret ? { TRUSTED_PROXY_SECRET: settings.trustedProxySecret } : {}),
    },
  };
}

export function backendSpec(plan: Plan, shard: Settings['shards'][number]): ChildSpec {
  const { settings, secrets } = plan;
  return {
    ...common(plan, shard.id, 'backend.js', BACKEND_HOST, shard.port, {
      SHARD_ID: shard.id,
      ...(shard.peopleDirectory ? { PEOPLE_DIR: shard.peopleDirectory } : {}),
      // Only where one person can sign in may a project lie anywhere on the disk.
      ...(settings.authMode === 'token' ? { SINGLE_USER: '1' } : {}),
    }),
    secrets: {
      DATABASE_URL: plan.databaseUrls[shard.id],
      ASSERTION_PUBLIC_KEYS: [secrets.assertionKey.public],
      HOST_KEY: secrets.hostKeys[shard.id],
      SCREENS_KEY: secrets.screensKey,
      ...settings.stateSecrets,
    },
  };
}

function common(
  plan: Plan,
  instance: string,
  program: string,
  host: string,
  port: number,
  own: Record<string, string>,
) {
  const { settings, home } = plan;
  return {
    instance,
    program: join(plan.dist, 'server', program),
    logFile: join(home.logs, `${instance}.log`),
    environment: {
      ...settings.childEnvironment,
      APP_INSTANCE: instance,
      HOST: host,
      PORT: String(port),
      HOLDFAST_HOME: home.dir,
      RUN_DIR: home.run,
      AUTH_MODE: settings.authMode,
      LOG_LEVEL: settings.logLevel,
      SHARD_CAPACITY: String(settings.shardCapacity),
      SECRETS_FD: '3',
      NODE_ENV: 'production',
      ...own,
    },
  };
}
