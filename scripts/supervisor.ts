/** The launcher: starts everything, watches it, and ends it in order. Secrets live here and in what it hands to its children. */
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AppError } from '../protocol/errors.ts';
import { readSettings } from './supervisor/env.ts';
import { Instance } from './supervisor/instance.ts';
import { complain, say } from './supervisor/progress.ts';

/** One Ctrl-C may arrive twice, from the terminal and from npm; only a later one is a second one. */
const SAME_PRESS_MS = 500;

async function main(): Promise<void> {
  const dist = resolve(dirname(fileURLToPath(import.meta.url)), '..');
  const instance = new Instance(readSettings(), dist);
  const stopping = new AbortController();
  let stoppedAt = 0;
  const onSignal = () => {
    if (!stopping.signal.aborted) {
      stoppedAt = Date.now();
      say('Stopping …');
      stopping.abort();
    } else if (Date.now() - stoppedAt > SAME_PRESS_MS) {
      instance.force();
    }
  };
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, onSignal);

  try {
    await instance.start(stopping.signal);
    await untilAborted(stopping.signal);
  } catch (error) {
    if (!stopping.signal.aborted) {
      complain(sentence(error));
      await instance.stop({ keepsHosts: true });
      process.exit(1);
    }
  }
  await instance.stop({ keepsHosts: false });
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

// The terminal may be gone before us (SIGHUP); that must not interrupt an orderly end.
process.stdout.on('error', () => undefined);
process.stderr.on('error', () => undefined);
main().catch((error: unknown) => {
  complain(sentence(error));
  process.exit(1);
});
