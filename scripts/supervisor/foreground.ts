/** The life of a program that starts an instance and ends it with Ctrl-C, SIGTERM or its terminal. */
import { AppError } from '../../protocol/errors.ts';
import { complain, say } from './progress.ts';

/** One Ctrl-C may arrive twice, from the terminal and from npm; only a later one is a second one. */
const SAME_PRESS_MS = 500;

export interface Foreground {
  /** Rejects with the reason when anything does not come up, or when `signal` is aborted; `stop` is called then as well. */
  start(signal: AbortSignal): Promise<void>;
  stop(options: { keepsHosts: boolean }): Promise<void>;
  /** Makes a stop that is under way end everything at once. */
  force(): void;
}

/** Ends the process when all is done; what `make` throws is said as well. */
export function runInForeground(make: () => Foreground): void {
  // The terminal may be gone before us (SIGHUP); that must not interrupt an orderly end.
  process.stdout.on('error', () => undefined);
  process.stderr.on('error', () => undefined);
  run(make).catch((error: unknown) => {
    complain(sentence(error));
    process.exit(1);
  });
}

async function run(make: () => Foreground): Promise<void> {
  const program = make();
  const stopping = new AbortController();
  let stoppedAt = 0;
  const onSignal = () => {
    if (!stopping.signal.aborted) {
      stoppedAt = Date.now();
      say('Stopping …');
      stopping.abort();
    } else if (Date.now() - stoppedAt > SAME_PRESS_MS) {
      program.force();
    }
  };
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, onSignal);
  try {
    await program.start(stopping.signal);
    await untilAborted(stopping.signal);
  } catch (error) {
    if (!stopping.signal.aborted) {
      complain(sentence(error));
      await program.stop({ keepsHosts: true });
      process.exit(1);
    }
  }
  await program.stop({ keepsHosts: false });
  say('Holdfast has stopped.');
  process.exit(0);
}

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

/** What is expected is said in a sentence; anything else is a mistake of ours and keeps its stack. */
function sentence(error: unknown): string {
  if (error instanceof AppError) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
