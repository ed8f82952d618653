/** Tries everything that the app relies on, one after the other, and tells it as text for a report. */
import type { Clock } from '../../client/clock.ts';
import { connectionProbes } from './connectionProbes.ts';
import { unknown, type Finding, type FindingState, type Probe, type ProbeWorld } from './finding.ts';
import { storageProbes } from './storageProbes.ts';
import { windowProbes } from './windowProbes.ts';

export const PROBES: readonly Probe[] = [...connectionProbes, ...storageProbes, ...windowProbes];
/** What has not answered by then does not answer. */
export const PROBE_TIMEOUT_MS = 8_000;

export interface Result {
  probe: Probe;
  /** Null while it is tried. */
  finding: Finding | null;
}

/**
 * Runs all of them at once; a probe that throws or hangs has found nothing out, and stops no other.
 * @param told with each one's finding as it comes
 */
export async function runProbes(
  probes: readonly Probe[],
  world: ProbeWorld,
  clock: Clock,
  signal: AbortSignal,
  told: (probe: Probe, finding: Finding) => void,
): Promise<void> {
  await Promise.all(
    probes.map(async (probe) => {
      const finding = await runOne(probe, world, clock, signal);
      if (!signal.aborted) told(probe, finding);
    }),
  );
}

async function runOne(probe: Probe, world: ProbeWorld, clock: Clock, signal: AbortSignal): Promise<Finding> {
  const own = new AbortController();
  const stop = () => own.abort();
  signal.addEventListener('abort', stop);
  let cancel = () => {};
  const late = new Promise<Finding>((resolve) => {
    cancel = clock.after(PROBE_TIMEOUT_MS, () => {
      resolve(unknown('no answer in time', 'Try again.'));
      stop();
    });
  });
  try {
    return await Promise.race([Promise.resolve().then(() => probe.run(world, own.signal)), late]);
  } catch (error) {
    return unknown(error instanceof Error ? error.name : 'failed', 'Try again.');
  } finally {
    cancel();
    signal.removeEventListener('abort', stop);
  }
}

export const STATE_TEXT: Record<FindingState, string> = {
  works: 'works',
  missing: 'missing',
  denied: 'not allowed',
  unknown: 'not known',
};

/** For a report: of the browser and the app, nothing of the person, their addresses or their work. */
export function reportOf(
  results: readonly Result[],
  about: { version: string; userAgent: string; language: string; at: string },
): string {
  const lines = results.map(({ probe, finding }) => {
    if (!finding) return `${probe.title}: still being tried`;
    const text = [STATE_TEXT[finding.state], finding.detail].filter((part) => part !== '').join(', ');
    return `${probe.title}: ${text}${finding.meaning ? ` (${finding.meaning})` : ''}`;
  });
  return [`Holdfast ${about.version} self-test, ${about.at}`, about.userAgent, about.language, '', ...lines].join('\n');
}
