/** What could keep people apart on this machine: each way is tried with a program that does nothing. */
import { execFile } from 'node:child_process';
import type { SandboxKind } from '../../protocol/health.ts';

const TRIAL_TIMEOUT_MS = 5_000;
/** Any uid but root and ours: that another one can be taken at all is the question (`nobody` on most systems). */
const OTHER_UID = 65_534;

/** @returns whether the program could be run so and ended well */
export type Trial = (program: string, args: string[], uid?: number) => Promise<boolean>;

/** Tries them when first asked: what a machine lets us do does not change while we run. */
export function sandboxProbe(trial: Trial = run): () => Promise<SandboxKind[]> {
  let answer: Promise<SandboxKind[]> | undefined;
  return () => (answer ??= possibleSandboxes(trial));
}

/** Each kind on its own, because a container engine may take away any of them. Never rejects. */
async function possibleSandboxes(trial: Trial): Promise<SandboxKind[]> {
  const trials: [SandboxKind, Promise<boolean>][] = [
    ['uid', trial('true', [], OTHER_UID)],
    [
      'bubblewrap',
      trial('bwrap', ['--unshare-all', '--ro-bind', '/', '/', '--proc', '/proc', '--dev', '/dev', 'true']),
    ],
    ['namespaces', trial('unshare', ['--user', '--map-root-user', '--mount', '--pid', '--fork', 'true'])],
  ];
  const outcomes = await Promise.all(trials.map(async ([kind, outcome]) => ((await outcome) ? [kind] : [])));
  return outcomes.flat();
}

function run(program: string, args: string[], uid?: number): Promise<boolean> {
  return new Promise((resolve) => {
    const options = { timeout: TRIAL_TIMEOUT_MS, cwd: '/', ...(uid === undefined ? {} : { uid }) };
    try {
      execFile(program, args, { ...options, killSignal: 'SIGKILL' }, (error) => resolve(error === null));
    } catch {
      resolve(false); // a uid that we may not take is refused before anything starts
    }
  });
}
