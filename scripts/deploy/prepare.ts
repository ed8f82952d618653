/** Brings everything that the releases stand on into being: apps, permissions, secrets, the schema and its grants. */
import { grantExisting } from '../../db/grants.ts';
import { migrateLatest } from '../../db/migrate.ts';
import { AppError } from '../../protocol/errors.ts';
import type { App } from './apps.ts';
import {
  appName,
  instancesOf,
  isFrontend,
  planOf,
  STATE_RESOURCE,
  type Deployment,
  type Ground,
} from './deployment.ts';
import { locateLakebase, ownerConnection, type LakebasePlace } from './lakebase.ts';
import { ensureHop, grantUsers, restrictBackend } from './permissions.ts';
import { ensureSecrets } from './secrets.ts';
import type { DeploySettings } from './settings.ts';

export async function prepare(deployment: Deployment): Promise<Ground> {
  const { settings, cli, report, me, environment } = deployment;
  // Without a token nothing could be verified: better said before anything is made.
  if (!cli.isDryRun) await deployment.bearer();
  const place = await report.step(
    'database',
    'Lakebase',
    () => locateLakebase(cli, settings.lakebase),
    ({ host, database }) => `${database} at ${host}`,
  );
  const secrets = await report.step(
    'secrets',
    'secrets',
    () => ensureSecrets(cli, settings.secretScope, settings.isRotatingKeys),
    ({ made }) => (made.length > 0 ? `made ${made.join(', ')}` : `of the scope ${settings.secretScope}`),
  );
  if (secrets.isHalfRotated && settings.only)
    throw new AppError('config.invalid', 'a rotation of keys was not finished: deploy without --only first');
  const apps = await ensureApps(deployment, place);
  const owner = await ownerConnection(cli, place, me.userName, environment);
  if (!cli.isDryRun) await prepareSchema(deployment, owner, apps);
  return { place, owner, secrets, apps };
}

/** All are made before any is deployed: the frontend needs the backends' addresses, and they its principal. */
async function ensureApps(deployment: Deployment, place: LakebasePlace): Promise<Record<string, App>> {
  const { settings, apps, report } = deployment;
  const known: Record<string, App> = {};
  for (const instance of instancesOf(settings)) {
    const plan = planOf(settings, instance, place);
    const { app } = await report.step(
      instance,
      'app',
      async () => {
        const found = await apps.ensure(plan);
        checkStateStore(settings, found.app);
        return { ...found, changed: found.isNew ? [] : await apps.reconcile(found.app, plan) };
      },
      ({ isNew, changed }) =>
        isNew
          ? `made ${plan.name}`
          : changed.length > 0
            ? `put right: ${changed.join(', ')}`
            : `${plan.name} is as it should be`,
    );
    known[instance] = app;
  }
  for (const instance of instancesOf(settings)) {
    known[instance] = await report.step(
      instance,
      'compute',
      () => apps.untilActive(known[instance]!.name),
      () => 'compute is active',
    );
    checkAddress(known[instance]);
  }
  for (const id of settings.shardIds) {
    await report.step(
      id,
      'permissions',
      async () => {
        const name = appName(settings, id);
        const removed = await restrictBackend(deployment.cli, name);
        const isGranted = await ensureHop(deployment.cli, name, known['frontend']!.service_principal_client_id);
        return [
          ...(removed.length > 0 ? [`no longer open to ${removed.join(', ')}`] : []),
          ...(isGranted ? ['opened to the frontend again'] : []),
        ];
      },
      (changes) => changes.join(', ') || 'open to the frontend alone',
    );
  }
  if (settings.usersGroup) {
    const group = settings.usersGroup;
    await report.step(
      'frontend',
      'permissions',
      () => grantUsers(deployment.cli, appName(settings, 'frontend'), group),
      () => `${group} may use it`,
    );
  }
  return known;
}

/** A volume that is not named again would no longer be written to, and nobody would notice before a shard is lost. */
function checkStateStore({ stateStore }: DeploySettings, { name, resources = [] }: App): void {
  if (stateStore !== undefined || !resources.some((resource) => resource.name === STATE_RESOURCE)) return;
  throw new AppError('config.invalid', `${name} stores in a volume: say STATE_STORE again, or STATE_STORE=none`);
}

/** The addresses of apps cannot be derived, but they have a known end: anything else is not to be handed our tokens. */
function checkAddress({ name, url }: App): void {
  const host = new URL(/^https?:\/\//.test(url ?? '') ? url! : `https://${url}`).hostname;
  const isKnown =
    /\.databricksapps\.(com|cn|us)$/.test(host) ||
    host === '127.0.0.1' ||
    host === 'localhost' ||
    host.endsWith('.invalid');
  if (!isKnown)
    throw new AppError('config.invalid', `${name} has the address ${host}, which is not one of Databricks Apps`);
}

/** One migrator, who owns the schema; each instance has a role of its own, with the grants of its kind. */
async function prepareSchema(deployment: Deployment, owner: Ground['owner'], apps: Record<string, App>): Promise<void> {
  const { report } = deployment;
  await report.step(
    'database',
    'migrations',
    () => migrateLatest(owner),
    (applied) => (applied.length > 0 ? `${applied.length} migrations applied` : 'the schema is up to date'),
  );
  const principals = Object.entries(apps).map(([instance, app]) => {
    const role = app.service_principal_client_id;
    if (!role) throw new AppError('internal', `the platform has told no service principal of ${app.name}`);
    return { role, kind: isFrontend(instance) ? ('frontend' as const) : ('backend' as const) };
  });
  await report.step(
    'database',
    'grants',
    () => grantExisting(owner, principals),
    () => `grants for ${principals.length} roles`,
  );
}
