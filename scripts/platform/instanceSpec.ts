/** What a server process is started with where a platform runs it: its environment, with what nobody set filled in. */
import { join } from 'node:path';
import type { InstanceKind } from '../../server/config.ts';
import type { ChildSpec } from '../supervisor/child.ts';

export interface InstanceFacts {
  kind: InstanceKind;
  /** Without secrets. */
  environment: Readonly<Record<string, string | undefined>>;
  secrets: Readonly<Record<string, unknown>>;
  /** Absolute path of the built program. */
  dist: string;
  /** Where an instance may write when HOLDFAST_HOME does not say. */
  defaultHome: string;
  /** Where sockets lie when RUN_DIR does not say: a short path. */
  defaultRunDir: string;
}

export function instanceSpec(facts: InstanceFacts): ChildSpec {
  const { kind, secrets, dist } = facts;
  const set = withoutEmpty(facts.environment);
  const instance = set['APP_INSTANCE'] ?? set['SHARD_ID'] ?? kind;
  // Databricks Apps names the port; elsewhere PORT does.
  const port = set['PORT'] ?? set['DATABRICKS_APP_PORT'] ?? '8000';
  // Of a container only what it prints is kept, so its pty host prints too.
  const ofBackend = { SHARD_ID: instance, RUN_DIR: facts.defaultRunDir, HOST_LOG: 'stdout' };
  const own: Record<string, string> = kind === 'backend' ? ofBackend : { PWA_DIR: join(dist, 'pwa') };
  return {
    instance,
    program: join(dist, 'server', `${kind}.js`),
    environment: {
      NODE_ENV: 'production',
      HOST: '0.0.0.0',
      AUTH_MODE: 'proxy',
      HOLDFAST_HOME: facts.defaultHome,
      ...own,
      ...set,
      APP_INSTANCE: instance,
      PORT: port,
      SECRETS_FD: '3',
    },
    secrets: { ...secrets },
    logFile: null,
  };
}

/** A template writes an empty text for what does not apply. */
function withoutEmpty(environment: InstanceFacts['environment']): Record<string, string> {
  return Object.fromEntries(Object.entries(environment).flatMap(([name, value]) => (value ? [[name, value]] : [])));
}
