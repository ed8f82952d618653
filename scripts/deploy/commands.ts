/** What an admin can ask for, each from its beginning to its last line. */
import { AppError } from '../../protocol/errors.ts';
import type { App } from './apps.ts';
import {
  appName,
  instancesOf,
  isFrontend,
  originOf,
  releasesFolder,
  type Deployment,
  type Ground,
} from './deployment.ts';
import { locateLakebase, ownerConnection } from './lakebase.ts';
import { lastLines } from './logs.ts';
import { prepare } from './prepare.ts';
import { sentence, table } from './report.ts';
import { putBack, rollOut, uploadReleases, type Changed } from './rollout.ts';
import { isDraining, liveSessions, setDraining } from './shardState.ts';
import { healthOf, type Patience } from './verify.ts';
import { verifyHops } from './verifyHops.ts';

/** Besides the one that runs, so many releases are kept to go back to. */
const KEPT_RELEASES = 4;
/** Who asks how things are wants no wait for the better, only not to be misled by one connection that broke. */
const ONCE_MORE: Patience = { attempts: 2, pollMs: 0 };

export async function deploy(deployment: Deployment): Promise<void> {
  const { settings, cli, report } = deployment;
  const ground = await prepare(deployment);
  const instances = instancesOf(settings).filter((instance) => settings.only?.includes(instance) ?? true);
  const folders = await uploadReleases(deployment, ground, instances);
  await rollOut(deployment, ground, folders, () => verifyHops(deployment, ground));
  if (cli.isDryRun) return report.say('\nNothing was changed.');
  await afterwards(deployment, 'old releases were not removed', () => forgetOldReleases(deployment, instances));
  await afterwards(deployment, 'its state could not be read again', () => status(deployment));
  report.say(`\nHoldfast is deployed: ${originOf(ground.apps['frontend']!)}`);
}

/** What follows a release that is in place and well: that it fails is told, and does not make the release a failure. */
async function afterwards({ report }: Deployment, complaint: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    report.say(`\n  Beware: ${complaint}. ${sentence(error)}`);
  }
}

export async function status(deployment: Deployment): Promise<void> {
  const { settings, report, bearer, cli } = deployment;
  const ground = await groundOf(deployment);
  const rows = await Promise.all(
    instancesOf(settings).map(async (instance) => {
      const app = ground.apps[instance];
      if (!app) return [instance, appName(settings, instance), 'not there', '', '', '', ''];
      const health = await healthOf(originOf(app), instance, bearer, ONCE_MORE).catch((error: Error) => error.message);
      const sessions = isFrontend(instance) || cli.isDryRun ? '' : await sessionsOn(ground, instance).catch(() => '?');
      const said = typeof health === 'string' ? health : `${health.status}, version ${health.version}`;
      const release = app.active_deployment?.source_code_path?.split('/').at(-1) ?? '';
      return [
        instance,
        app.name,
        app.compute_status?.state ?? '',
        app.app_status?.state ?? '',
        release,
        sessions,
        said,
      ];
    }),
  );
  report.say(`\n${table([['instance', 'app', 'compute', 'app state', 'release', 'sessions', 'health'], ...rows])}`);
}

async function sessionsOn({ owner }: Ground, shardId: string): Promise<string> {
  const [sessions, draining] = await Promise.all([liveSessions(owner, shardId), isDraining(owner, shardId)]);
  return `${sessions}${draining ? ', draining' : ''}`;
}

export async function logs(deployment: Deployment, only: string | undefined): Promise<void> {
  const ground = await groundOf(deployment);
  for (const instance of instancesOf(deployment.settings)) {
    if (only !== undefined && instance !== only) continue;
    deployment.report.say(
      ground.apps[instance] ? await lastLines(deployment, ground, instance) : `  ${instance} is not there`,
    );
  }
}

/** Of each app, the newest release that came up and is not the one that runs. */
export async function rollback(deployment: Deployment): Promise<void> {
  const { settings, apps, cli, report } = deployment;
  const ground = await groundOf(deployment);
  const changed: Changed[] = [];
  for (const instance of [...instancesOf(settings)].reverse()) {
    const app = ground.apps[instance];
    if (!app || !(settings.only?.includes(instance) ?? true)) continue;
    const running = app.active_deployment?.source_code_path;
    const earlier = (await apps.deployments(app.name)).find(
      (one) =>
        one.status?.state === 'SUCCEEDED' && one.source_code_path !== undefined && one.source_code_path !== running,
    );
    changed.push({ instance, previous: earlier?.source_code_path });
  }
  if (!changed.some(({ previous }) => previous))
    throw new AppError('config.invalid', 'there is no earlier release to go back to');
  if (cli.isDryRun) {
    for (const { instance, previous } of changed) report.say(`would put back ${instance}: ${previous ?? 'nothing'}`);
    return;
  }
  for (const { instance, previous } of changed)
    if (previous && !isFrontend(instance)) await setDraining(ground.owner, instance, true);
  await putBack(deployment, ground, changed);
  await status(deployment);
}

export async function drain(deployment: Deployment, shardId: string, isOff: boolean): Promise<void> {
  const { report, cli } = deployment;
  const { owner } = await groundOf(deployment);
  if (cli.isDryRun) return report.say(`would ${isOff ? 'let new people onto' : 'drain'} ${shardId}`);
  if (!(await setDraining(owner, shardId, !isOff)))
    throw new AppError('shard.not_found', `there is no shard ${shardId}`);
  const sessions = await liveSessions(owner, shardId);
  report.say(
    isOff
      ? `${shardId} takes new people again.`
      : `${shardId} takes no new people; ${sessions} ${sessions === 1 ? 'session goes' : 'sessions go'} on there.`,
  );
}

/** Of commands that deploy nothing. */
const NO_SECRETS: Ground['secrets'] = {
  publicKeys: [],
  isHalfRotated: false,
  rotate: () => Promise.resolve(),
  undoRotation: () => Promise.resolve(),
  settle: () => Promise.resolve(),
};

/** As it is, without making anything. */
async function groundOf(deployment: Deployment): Promise<Ground> {
  const { settings, apps, cli, me, environment } = deployment;
  const place = await locateLakebase(cli, settings.lakebase);
  const found = await Promise.all(
    instancesOf(settings).map(async (instance) => [instance, await apps.find(appName(settings, instance))] as const),
  );
  const known = found.filter((entry): entry is [string, App] => entry[1] !== undefined);
  return {
    place,
    owner: await ownerConnection(cli, place, me.userName, environment),
    secrets: NO_SECRETS,
    apps: Object.fromEntries(known),
  };
}

/** Names sort by time. What runs is the newest, or was put back by hand: it is never removed. */
async function forgetOldReleases(deployment: Deployment, instances: readonly string[]): Promise<void> {
  const { cli, apps, settings, report } = deployment;
  for (const instance of instances) {
    const folder = releasesFolder(deployment, instance);
    const running = (await apps.find(appName(settings, instance)))?.active_deployment?.source_code_path;
    const entries = await cli.read<{ path: string }[] | { objects?: { path: string }[] }>([
      'workspace',
      'list',
      folder,
    ]);
    const paths = (Array.isArray(entries) ? entries : (entries.objects ?? [])).map(({ path }) => path).sort();
    const nameOf = (path: string | undefined) => path?.split('/').at(-1);
    const old = paths.filter((path) => nameOf(path) !== nameOf(running)).slice(0, -KEPT_RELEASES);
    for (const path of old) await cli.write(['workspace', 'delete', path, '--recursive'], {}, () => undefined);
    if (old.length > 0) report.say(`  ${instance.padEnd(11)} ${old.length} old releases removed`);
  }
}
