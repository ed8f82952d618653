/** What every entry does: start or say in one line why not, stop once and in time when told to. */
import type { Lifeline } from './lifeline.ts';
import type { Log } from './log.ts';

export interface Running {
  log: Log;
  stop(reason: string): Promise<void>;
}

/** A stop that takes longer than this is ended; platforms grant 15 s. */
const STOP_TIMEOUT_MS = 14_000;

/** Told to the launcher by a backend that ends because a newer one of its shard is there. Above what shells and Node use. */
export const EXIT_FENCED = 79;

export function runEntry(start: () => Promise<{ running: Running; lifeline: Lifeline }>): void {
  start().then(
    ({ running, lifeline }) => {
      let isStopping = false;
      const stop = (reason: string) => {
        if (isStopping) return;
        isStopping = true;
        running.log.info({ reason }, 'stopping');
        setTimeout(() => process.exit(1), STOP_TIMEOUT_MS).unref();
        running.stop(reason).then(
          () => process.exit(), // with the code that was set meanwhile, else 0
          (error: unknown) => {
            running.log.error({ err: error }, 'the stop failed');
            process.exit(1);
          },
        );
      };
      process.on('SIGTERM', () => stop('SIGTERM'));
      process.on('SIGINT', () => stop('SIGINT'));
      lifeline.onGone(() => stop('the launcher is gone'));
      process.on('uncaughtException', (error) => running.log.error({ err: error }, 'uncaught exception'));
      process.on('unhandledRejection', (error) => running.log.error({ err: error }, 'unhandled rejection'));
    },
    (error: unknown) => {
      process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
      process.exit(1);
    },
  );
}
