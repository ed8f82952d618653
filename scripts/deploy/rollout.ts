/** Puts releases in place, one instance after the other, and puts the earlier ones back when one of them is not well. */
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '../../protocol/errors.ts';
import {
  appName,
  isFrontend,
  originOf,
  releasesFolder,
  templateValues,
  type Deployment,
  type Ground,
} from './deployment.ts';
import { lastLines } from './logs.ts';
import { sentence } from './report.ts';
import { stageRelease } from './release.ts';
import { liveSessions, setDraining } from './shardState.ts';
import { renderTemplate } from './template.ts';
import { healthOf } from './verify.ts';

/** An instance that was given another release, and what it had before. */
export interface Changed {
  instance: string;
  previous: string | undefined;
}

/** So long those on a shard have from being told that it drains. */
const TOLD_MS = 2_000;
const EMPTY_POLL_MS = 10_000;
/** What was there before is waited for longer than what is new: there is nothing else to fall back to. */
const PUT_BACK_ATTEMPTS = 150;

/** Everything is staged and uploaded before anything running is touched. @returns the folder of each in the workspace */
export async function uploadReleases(
  deployment: Deployment,
  ground: Ground,
  instances: string[],
): Promise<Record<string, string>> {
  const { cli, report, root, workshop, releaseId } = deployment;
  const folders: Record<string, string> = {};
  for (const instance of instances) {
    const kind = isFrontend(instance) ? 'frontend' : 'backend';
    const stage = join(workshop, instance);
    const folder = `${releasesFolder(deployment, instance)}/${releaseId}`;
    await report.step(
      instance,
      'upload',
      async () => {
        mkdirSync(stage, { recursive: true });
        const template = readFileSync(join(root, `app.yaml.${kind}.template`), 'utf8');
        const bytes = stageRelease(
          kind,
          root,
          stage,
          renderTemplate(template, templateValues(deployment, ground, instance)),
        );
        await cli.write(['workspace', 'mkdirs', folder], {}, () => undefined);
        const upload = ['workspace', 'import-dir', stage, folder, '--overwrite'];
        await cli.write(upload, { isProgressOnly: true }, () => undefined);
        return bytes;
      },
      (bytes) => `uploaded ${(bytes / 1e6).toFixed(1)} MB`,
    );
    folders[instance] = folder;
  }
  return folders;
}

/** What has been done so far, and has to be undone when the rest fails. */
interface Progress {
  /** Newest first. */
  changed: Changed[];
  /** Told to take no new people, by this run. */
  drained: string[];
}

/**
 * Backends one after the other, so that the others' people are left alone, and the frontend last; at the end everything is tried
 * together. Whatever fails on the way, what was there before is put back.
 */
export async function rollOut(
  deployment: Deployment,
  ground: Ground,
  folders: Record<string, string>,
  verify: () => Promise<void>,
): Promise<void> {
  const progress: Progress = { changed: [], drained: [] };
  try {
    await ground.secrets.rotate();
    for (const [instance, folder] of Object.entries(folders))
      await replace(deployment, ground, instance, folder, progress);
    if (!deployment.cli.isDryRun) await verify();
  } catch (error) {
    await takeBack(deployment, ground, progress, error as Error);
    throw error;
  }
  await ground.secrets.settle();
}

/** Says why before it begins, because putting back takes minutes. */
async function takeBack(deployment: Deployment, ground: Ground, { changed, drained }: Progress, reason: Error) {
  const { report, interruption } = deployment;
  interruption.close(); // from here on the way back is the shortest to something whole
  report.say(`\n  It failed: ${sentence(reason)}`);
  const failing = changed[0]?.instance;
  if (failing) report.say(await lastLines(deployment, ground, failing));
  await ground.secrets.undoRotation();
  // One that was only told that it would be replaced goes on as it was.
  const waiting = drained.filter((shardId) => !changed.some(({ instance }) => instance === shardId));
  for (const shardId of waiting) await setDraining(ground.owner, shardId, false);
  await putBack(deployment, ground, changed);
}

async function replace(
  deployment: Deployment,
  ground: Ground,
  instance: string,
  folder: string,
  { changed, drained }: Progress,
): Promise<void> {
  const { settings, apps, report, bearer } = deployment;
  const name = appName(settings, instance);
  if (!isFrontend(instance)) {
    drained.push(instance);
    await drain(deployment, ground, instance);
  }
  const previous = ground.apps[instance]!.active_deployment?.source_code_path;
  changed.unshift({ instance, previous });
  await report.step(
    instance,
    'deploy',
    () => apps.deploy(name, folder),
    () => 'deployed',
  );
  await report.step(
    instance,
    'start',
    () => apps.untilRunning(name),
    () => 'running',
  );
  if (deployment.cli.isDryRun) return;
  await report.step(
    instance,
    'health',
    () => healthOf(originOf(ground.apps[instance]!), instance, bearer, settings),
    ({ status, version, database }) => `${status}, version ${version}, database ${database}`,
  );
  if (!isFrontend(instance)) await setDraining(ground.owner, instance, false);
}

async function drain(deployment: Deployment, { owner }: Ground, shardId: string): Promise<void> {
  const { cli, report, settings, interruption } = deployment;
  if (cli.isDryRun) return report.say(`would drain ${shardId} before it is deployed`);
  await report.step(
    shardId,
    'drain',
    async () => {
      const isKnown = await setDraining(owner, shardId, true);
      let sessions = await liveSessions(owner, shardId);
      if (isKnown && sessions > 0) await sleep(Math.min(TOLD_MS, settings.pollMs));
      while (settings.isWhenEmpty && sessions > 0) {
        report.say(`  ${shardId.padEnd(11)} waits for ${counted(sessions)} to end; new people go elsewhere`);
        await sleep(Math.min(EMPTY_POLL_MS, settings.pollMs * 5));
        interruption.heed();
        sessions = await liveSessions(owner, shardId);
      }
      return sessions;
    },
    (sessions) =>
      sessions === 0 ? 'has no sessions' : `takes no new people; ${counted(sessions)} can be revived afterwards`,
  );
}

/** In reverse order: what people reach first. @throws AppError when one of them does not come up again */
export async function putBack(deployment: Deployment, ground: Ground, changed: readonly Changed[]): Promise<void> {
  const { settings, apps, report, bearer } = deployment;
  const failures: string[] = [];
  for (const { instance, previous } of changed) {
    if (!previous) {
      report.say(`  ${instance.padEnd(11)} had no release before; there is none to put back`);
      continue;
    }
    const name = appName(settings, instance);
    try {
      await report.step(
        instance,
        'put back',
        async () => {
          // What was refused before it began has stopped nothing; deploying once more would end people's sessions.
          const goesOn = await apps.isRunning(name, previous);
          if (!goesOn) await apps.deploy(name, previous);
          await apps.untilRunning(name);
          const patience = { pollMs: settings.pollMs, attempts: PUT_BACK_ATTEMPTS };
          const { version } = await healthOf(originOf(ground.apps[instance]!), instance, bearer, patience);
          return `${goesOn ? 'goes on with' : 'put back'} ${previous.split('/').at(-1)}, version ${version}`;
        },
        (told) => told,
      );
      if (!isFrontend(instance)) await setDraining(ground.owner, instance, false);
    } catch (error) {
      failures.push(`${instance}: ${sentence(error)}`);
    }
  }
  if (failures.length > 0)
    throw new AppError('internal', `what was there before could not be put back. ${failures.join('; ')}`);
}

const counted = (sessions: number) => `${sessions} ${sessions === 1 ? 'session' : 'sessions'}`;
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
