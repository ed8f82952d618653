/** Waits until an instance says that it is ready. */
import { AppError } from '../../protocol/errors.ts';
import type { Child } from './child.ts';
import { lastLogLine } from './logFile.ts';

const READY_MS = 60_000;
const POLL_MS = 50;
/** A child that ends this often before it is ready will not become so by waiting. */
const MAX_DEATHS = 3;

export async function untilReady(child: Child, origin: string, signal: AbortSignal): Promise<void> {
  const deadline = Date.now() + READY_MS;
  const deathsBefore = child.deaths;
  while (!(await isReady(origin))) {
    signal.throwIfAborted();
    const hasGivenUp = child.deaths - deathsBefore >= MAX_DEATHS;
    if (hasGivenUp || Date.now() > deadline) {
      const { instance, logFile } = child.spec;
      const what = hasGivenUp ? 'ends as soon as it is started' : 'is not ready after 60 s';
      const why = logFile === null ? '' : `: ${lastLogLine(logFile)} (more in ${logFile})`;
      throw new AppError('internal', `${instance} ${what}${why}`);
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

async function isReady(origin: string): Promise<boolean> {
  try {
    const response = await fetch(`${origin}/api/ready`, { signal: AbortSignal.timeout(5_000) });
    await response.body?.cancel();
    return response.status === 200;
  } catch {
    return false;
  }
}
