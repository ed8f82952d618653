/** What one run of the deployment works with, and the names that follow from its settings. */
import type pg from 'pg';
import type { App, AppPlan, Resource } from './apps.ts';
import { type Apps } from './apps.ts';
import type { Cli } from './cli.ts';
import type { Interruption } from './interruption.ts';
import type { LakebasePlace } from './lakebase.ts';
import type { Report } from './report.ts';
import { ASSERTION_KEY, PUSH_KEY, SCREENS_KEY, type DeploySecrets } from './secrets.ts';
import type { DeploySettings } from './settings.ts';
import type { Bearer } from './verify.ts';

export interface Deployment {
  settings: DeploySettings;
  cli: Cli;
  apps: Apps;
  report: Report;
  interruption: Interruption;
  bearer: Bearer;
  environment: Readonly<Record<string, string | undefined>>;
  /** The project, built. */
  root: string;
  /** Outside every git worktree; removed at the end. */
  workshop: string;
  /** `<time>-<commit>`: sorts by time. */
  releaseId: string;
  me: { userName: string };
}

/** Everything that is known once all apps exist. */
export interface Ground {
  place: LakebasePlace;
  owner: pg.ClientConfig;
  secrets: Omit<DeploySecrets, 'made'>;
  /** By instance. */
  apps: Record<string, App>;
}

export const instancesOf = ({ shardIds }: DeploySettings): string[] => [...shardIds, 'frontend'];

export const appName = ({ prefix }: DeploySettings, instance: string): string => `${prefix}-${instance}`;

export const isFrontend = (instance: string): boolean => instance === 'frontend';

/** Addresses come with and without a scheme. */
export function originOf({ name, url }: App): string {
  if (!url) throw new Error(`the platform has told no address of ${name}`);
  return new URL(/^https?:\/\//.test(url) ? url : `https://${url}`).origin;
}

/** Where the releases of an app lie in the workspace. */
export function releasesFolder({ settings, me }: Pick<Deployment, 'settings' | 'me'>, instance: string): string {
  return `/Workspace/Users/${me.userName}/${settings.prefix}/${appName(settings, instance)}/releases`;
}

export function planOf(settings: DeploySettings, instance: string, place: LakebasePlace): AppPlan {
  const common = { name: appName(settings, instance), computeSize: settings.computeSize };
  const secret = (name: string): Resource => ({
    name,
    secret: { scope: settings.secretScope, key: name, permission: 'READ' },
  });
  if (isFrontend(instance)) {
    const hops = settings.shardIds.map((id) => ({
      name: id,
      app: { name: appName(settings, id), permission: 'CAN_USE' },
    }));
    const resources = [place.resource, secret(ASSERTION_KEY), secret(PUSH_KEY), ...hops];
    return { ...common, description: 'Holdfast: the app, and the way to its shards', resources };
  }
  const resources = [place.resource, secret(SCREENS_KEY), ...volumeOf(settings)];
  return { ...common, description: `Holdfast: the terminals of ${instance}`, resources };
}

/** Of a backend that stores its sessions' state in a volume. */
export const STATE_RESOURCE = 'state';

/** A shard that stores its sessions' state in a volume must be allowed to write there. */
function volumeOf({ stateStore }: DeploySettings): Resource[] {
  const match = /^volume:\/Volumes\/([^/]+)\/([^/]+)\/([^/]+)/.exec(stateStore ?? '');
  if (!match) return [];
  const [, catalog, schema, volume] = match;
  return [
    {
      name: STATE_RESOURCE,
      uc_securable: {
        securable_full_name: `${catalog}.${schema}.${volume}`,
        securable_type: 'VOLUME',
        permission: 'WRITE_VOLUME',
      },
    },
  ];
}

/** What the templates name. */
export function templateValues({ settings, me }: Deployment, ground: Ground, instance: string): Record<string, string> {
  const frontend = ground.apps['frontend']!;
  const backends = settings.shardIds.map((id) => ({ id, url: originOf(ground.apps[id]!) }));
  const admins = settings.adminEmails.length > 0 ? settings.adminEmails : [me.userName];
  return {
    SHARD_ID: instance,
    FRONTEND_SP_ID: String(frontend.service_principal_id ?? ''),
    ASSERTION_PUBLIC_KEYS: JSON.stringify(ground.secrets.publicKeys),
    LAKEBASE_ENDPOINT: ground.place.endpoint,
    LAKEBASE_INSTANCE: ground.place.instance,
    STATE_STORE: settings.stateStore ?? 'none',
    SHARD_CAPACITY: String(settings.shardCapacity),
    LOG_LEVEL: settings.logLevel,
    BACKEND_URLS: JSON.stringify(backends),
    PUBLIC_URL: originOf(frontend),
    ADMIN_EMAILS: admins.join(','),
  };
}
