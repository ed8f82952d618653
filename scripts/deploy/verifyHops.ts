/** Has the deployed frontend try its way to every backend, and tells what the ingress between them lets through. */
import { getDeepHealth, type HopReport } from '../../protocol/health.ts';
import { AppError } from '../../protocol/errors.ts';
import { originOf, type Deployment, type Ground } from './deployment.ts';
import { untilWell } from './verify.ts';

const TIMEOUT_MS = 60_000;

/**
 * More than once when it must: the ingress may end a connection at any time, which says nothing about the way.
 * @throws AppError `shard.unreachable` when a backend cannot be used through the frontend
 */
export async function verifyHops(deployment: Deployment, ground: Ground): Promise<void> {
  const { report, settings } = deployment;
  let shards: HopReport[] = [];
  try {
    await untilWell(settings, async () => requireUsable((shards = await tryHops(deployment, ground))));
  } finally {
    for (const shard of shards) report.say(`  ${shard.id.padEnd(11)} ${describe(shard)}`);
  }
}

/** Empty when the frontend does not let us ask. */
async function tryHops({ bearer, report }: Deployment, { apps }: Ground): Promise<HopReport[]> {
  const url = `${originOf(apps['frontend']!)}${getDeepHealth.path}?deep=1`;
  const response = await fetch(url, {
    redirect: 'manual',
    headers: { Authorization: `Bearer ${await bearer()}` },
    signal: AbortSignal.timeout(TIMEOUT_MS),
  }).catch((error: Error) => {
    throw new AppError('shard.unreachable', `the frontend cannot be reached (${error.message})`);
  });
  if (response.status === 401 || response.status === 403) {
    // Nobody's e-mail comes with a service principal's token.
    report.say('  frontend    does not take whoever deploys for an admin: the ways to the backends were not tried');
    return [];
  }
  if (response.status !== 200)
    throw new AppError(
      'shard.unreachable',
      `the frontend could not try the ways to its backends: it answered ${response.status}`,
    );
  return getDeepHealth.output.parse(await response.json()).shards;
}

function requireUsable(shards: HopReport[]): void {
  const troubles = shards
    .filter(({ isUsable }) => !isUsable)
    .map(({ id, troubles }) => `${id}: ${troubles.join('; ')}`);
  if (troubles.length > 0)
    throw new AppError('shard.unreachable', `not all backends can be used. ${troubles.join('. ')}`);
}

/** Settles what is not known of a workspace until it is tried. */
function describe({ arrivals, carrier, isUpgradeTaken, sandbox }: HopReport): string {
  const yes = (is: boolean | undefined) => (is ? 'yes' : 'no');
  return [
    `identity by ${carrier}`,
    `own header arrives: ${yes(arrivals?.header)}`,
    `X-Forwarded-User: ${yes(arrivals?.forwardedUser)}`,
    `caller's X-Forwarded-Email: ${yes(arrivals?.forwardedEmail)}`,
    `websocket: ${yes(isUpgradeTaken)}`,
    `sandbox: ${sandbox ? `${sandbox.used} in use, possible ${sandbox.possible.join(' ') || 'none'}` : 'not told'}`,
  ].join(', ');
}
